"""Scalars of a pattern against values: kyverno pkg/engine/pattern/pattern.go `Validate`."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from policylint.engine.durations import parse_duration
from policylint.engine.operators import Comparison, parse_alternatives
from policylint.engine.wildcard import match as wildcard_match
from policylint.regex import regex

if TYPE_CHECKING:
    from fractions import Fraction

_INT64 = range(-(1 << 63), 1 << 63)
_INTEGER = regex(r"[-+]?[0-9]{1,400}\Z")
_DECIMAL = regex(
    r"[-+]?(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][-+]?[0-9]+)?\Z"
)
_HEXADECIMAL = regex(r"[-+]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][-+]?[0-9]+\Z")


def matches(pattern: Any, value: Any) -> bool:
    """Whether the scalar `value` (or null) satisfies the scalar `pattern` (or null).

    Integers stand for Go's int64 and floats for float64, which decides how strings are read beside them. A collection
    as value satisfies no scalar.
    """
    value = _go_number(value)
    pattern = _go_number(pattern)
    if isinstance(pattern, str):
        return value == pattern or _string_matches(pattern, value)
    if isinstance(pattern, bool):
        return isinstance(value, bool) and value == pattern
    if isinstance(pattern, int):
        return _integer_matches(pattern, value)
    if isinstance(pattern, float):
        return _float_matches(pattern, value)
    return _is_zero(value)


def _go_number(value: Any) -> Any:
    """JSON integers beyond int64 are floats in Go."""
    if type(value) is int and value not in _INT64:
        return float(value) if abs(value).bit_length() <= 1023 else float("inf")
    return value


def _integer_matches(pattern: int, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, float):
        return value.is_integer() and int(value) == pattern
    if isinstance(value, str):
        return _INTEGER.match(value) is not None and int(value) == pattern
    return isinstance(value, int) and value == pattern


def _float_matches(pattern: float, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return pattern.is_integer() and int(pattern) == value
    if isinstance(value, str):
        return _parse_float(value) == pattern
    return isinstance(value, float) and value == pattern


def _parse_float(text: str) -> float | None:
    """Go's strconv.ParseFloat, without infinities and NaN, which no JSON number equals."""
    if _DECIMAL.match(text):
        return float(text)
    return float.fromhex(text) if _HEXADECIMAL.match(text) else None


def _is_zero(value: Any) -> bool:
    """What a null pattern asks for: nothing, or the zero value of a scalar."""
    return value is None or (isinstance(value, str | int | float) and not value)


def _string_matches(pattern: str, value: Any) -> bool:
    return any(
        all(any(_compare(comparison, value) for comparison in any_of) for any_of in all_of)
        for all_of in parse_alternatives(pattern)
    )


def _compare(comparison: Comparison, value: Any) -> bool:
    """Durations, then quantities, then text: the first reading that fits both sides decides."""
    text = _number_text(value)
    if text is not None:
        order = _order(_duration, text, comparison.operand)
        if order is None:
            order = _order(_quantity, text, comparison.operand)
        if order is not None:
            return comparison.holds(order)
    if comparison.operator not in ("", "!"):
        return False
    spelled = _spelled(value)
    if spelled is None:
        return False
    return wildcard_match(comparison.operand, spelled) == (comparison.operator == "")


def _order(read: Any, left: str, right: str) -> int | None:
    """How `left` compares with `right` when `read` understands both."""
    b = read(right)
    a = read(left) if b is not None else None
    return None if a is None else (a > b) - (a < b)


@lru_cache(maxsize=4096)
def _duration(text: str) -> int | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _quantity(text: str) -> "Fraction | None":
    from policylint.views.quantities import parse_quantity  # fractions are slow to import, most patterns need none

    try:
        return parse_quantity(text)
    except ValueError:
        return None


def _number_text(value: Any) -> str | None:
    """The text that is read as a duration or quantity; null reads as 0 (`convertNumberToString`)."""
    if value is None:
        return "0"
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return f"{value:f}"
    return str(value) if isinstance(value, str | int) else None


def _spelled(value: Any) -> str | None:
    """The text that wildcards are matched against (`compareString`)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        digits = sum(character.isdigit() for character in repr(value).partition("e")[0].strip("-0.").replace(".", ""))
        return f"{value:.{max(digits - 1, 0)}E}"
    return str(value) if isinstance(value, str | int) else None
