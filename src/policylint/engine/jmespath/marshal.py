"""JSON as Go's encoding/json writes and reads it."""

import json
from typing import Any, NoReturn

from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath.numbers import format_json
from policylint.engine.jmespath.values import bounded
from policylint.regex import regex

_SPECIAL = regex('[\x00-\x1f"\\\\<>&\u2028\u2029\ud800-\udfff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# what each piece counts besides its characters: many small ones take as long to write as one large
_PIECE = 3
_SURROGATE = regex("[\ud800-\udfff]")


def marshal(value: Any) -> str:
    """`value` as json.Marshal writes it: keys sorted, `<`, `>` and `&` escaped, no spaces.

    Raises EvaluationError for NaN, infinities and results that are too long.
    """
    parts: list[str] = []
    _write(value, parts, [0])
    return "".join(parts)


def unmarshal(text: str) -> Any:
    """What json.Unmarshal makes of `text`: every number a float. Raises ValueError for what it refuses."""
    try:
        value = json.loads(
            _SURROGATE.sub("\ufffd", text), parse_int=_number, parse_float=_number, parse_constant=_refuse
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return _repaired(value) if "\\u" in text else value


def _repaired(value: Any) -> Any:
    """`value` without halves of surrogate pairs, which JSON can write but UTF-8 cannot."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    if isinstance(value, dict):
        return {_repaired(key): _repaired(item) for key, item in value.items()}
    return value


def _write(value: Any, parts: list[str], size: list[int]) -> None:
    if isinstance(value, dict):
        _write_members(sorted(value.items()), parts, size)
    elif isinstance(value, list):
        opening = "["
        for item in value:
            _add(opening, parts, size)
            _write(item, parts, size)
            opening = ","
        _add("]" if value else "[]", parts, size)
    else:
        _add(_scalar(value), parts, size)


def _write_members(members: list[tuple[str, Any]], parts: list[str], size: list[int]) -> None:
    opening = "{"
    for key, item in members:
        _add(f"{opening}{_quoted(key)}:", parts, size)
        _write(item, parts, size)
        opening = ","
    _add("}" if members else "{}", parts, size)


def _add(part: str, parts: list[str], size: list[int]) -> None:
    size[0] += len(part) + _PIECE
    bounded(size[0])
    parts.append(part)


def _scalar(value: Any) -> str:
    text = _quoted(value) if isinstance(value, str) else plain_text(value)
    if text is None:
        raise EvaluationError("an expression reference cannot be written as JSON")
    return text


def plain_text(value: Any) -> str | None:
    """What JSON has for null, a boolean or a number; None for anything else. Raises EvaluationError for numbers that
    JSON has not."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        try:
            return format_json(value)
        except ValueError as error:
            raise EvaluationError(str(error)) from error
    return None


def _quoted(text: str) -> str:
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(match: Any) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\\ufffd"
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def _number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {digits[:40]} is out of range")
    return number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")
