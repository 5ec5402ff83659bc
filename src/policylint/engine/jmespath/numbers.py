"""Go's numbers as text: strconv.FormatFloat and ParseFloat, fmt's `%v`, and the conversion of a float to an int."""

import math

from policylint.regex import regex

_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_DECIMAL = regex(rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?\Z")
_HEXADECIMAL = regex(r"[+-]?0[xX]_?(?:[0-9a-fA-F_]+\.?[0-9a-fA-F_]*|\.[0-9a-fA-F_]+)[pP][+-]?[0-9]+\Z")
_SPECIAL = regex(r"(?:[+-]?inf(?:inity)?|nan)\Z")
_LONGEST = 1000


def format_plain(number: float) -> str:
    """FormatFloat(number, 'f', -1, 64): no exponent, as many digits as tell the number from its neighbours."""
    if not math.isfinite(number):
        return _special(number)
    sign, digits, point = _decimal(number)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def format_value(number: float) -> str:
    """fmt's `%v`, which is `%g` with the shortest digits: an exponent below 1e-4 and from 1e6 on."""
    if not math.isfinite(number):
        return _special(number)
    sign, digits, point = _decimal(number)
    if -4 <= point - 1 < 6:
        return format_plain(number)
    return f"{sign}{_scientific(digits, point, width=2)}"


def format_json(number: float) -> str:
    """encoding/json's form: an exponent below 1e-6 and from 1e21 on. Raises ValueError for NaN and infinities."""
    if not math.isfinite(number):
        raise ValueError(f"JSON has no {_special(number)}")
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        return format_plain(number)
    sign, digits, point = _decimal(number)
    return f"{sign}{_scientific(digits, point, width=1)}"


def parse_float(text: str) -> float | None:
    """What strconv.ParseFloat makes of `text`; None where it returns an error, also for numbers out of range."""
    if len(text) > _LONGEST:
        return None
    if _SPECIAL.match(text.lower()):
        return float(text)
    try:
        if _DECIMAL.match(text):
            number = float(text)
        elif _HEXADECIMAL.match(text) and "__" not in text and "_." not in text and "_p" not in text.lower():
            number = float.fromhex(text.replace("_", ""))
        else:
            return None
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def to_int(number: float) -> int:
    """Go's int64(number): towards zero; what does not fit becomes the smallest integer, as on amd64."""
    if not math.isfinite(number) or not _INT64_MIN <= number < _INT64_MAX:
        return _INT64_MIN
    return int(number)


def whole(number: float) -> int:
    """The integer that `number` is (pkg/engine/jmespath/utils.go `intNumber`). Raises ValueError when it is none."""
    if not math.isfinite(number) or number != math.trunc(number):
        raise ValueError(f"expected an integer number but got: {format_value(number)}")
    if not _INT64_MIN <= number < _INT64_MAX:
        raise ValueError(f"number is outside the range of integer numbers: {format_value(number)}")
    return int(number)


def _special(number: float) -> str:
    return "NaN" if math.isnan(number) else "+Inf" if number > 0 else "-Inf"


def _decimal(number: float) -> tuple[str, str, int]:
    """Sign, shortest digits and the place of the point: the number is 0.digits times ten to that place."""
    text = repr(number)
    sign = "-" if text[0] == "-" else ""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    before, _, after = mantissa.partition(".")
    digits = (before + after).lstrip("0")
    point = len(before) + int(exponent or "0") - (len(before + after) - len(digits))
    digits = digits.rstrip("0")
    return (sign, digits, point) if digits else (sign, "0", 1)


def _scientific(digits: str, point: int, width: int) -> str:
    exponent = point - 1
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):0{width}d}"
