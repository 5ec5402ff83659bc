"""Values as Go spells them: encoding/json's `Marshal`, fmt's `%v`, and what decoding JSON makes of numbers."""

import json
import math
import re
from decimal import Decimal
from typing import Any

from policylint.engine.errors import EvaluationError

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_LARGEST = 1 << 1023


def marshal(value: Any) -> str:
    """The JSON text of `value` as Go writes it: sorted keys, no spaces, `<`, `>` and `&` escaped.

    Raises EvaluationError for infinities and NaN, as Go does.
    """
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _json_number(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{','.join([marshal(item) for item in value])}]"
    return f"{{{','.join([f'{_quoted(str(key))}:{marshal(value[key])}' for key in sorted(value)])}}}"


def sprint(value: Any) -> str:
    """The text of `value` under fmt's `%v`: `1e+06`, `[a b]`, `map[k:v]`, `<nil>`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _shortest(value, exponent_from=6)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{' '.join([sprint(item) for item in value])}]"
    return f"map[{' '.join([f'{key}:{sprint(value[key])}' for key in sorted(value)])}]"


def decoded(value: Any) -> Any:
    """`value` as after being written to JSON and read again, which makes every number a float64.

    Returns `value` itself where nothing changes. Raises EvaluationError for numbers beyond a float64.
    """
    if isinstance(value, str | float | bool) or value is None:
        return value
    if isinstance(value, int):
        if abs(value) >= _LARGEST:
            raise EvaluationError(f"the number {str(value)[:20]}… is too large")
        return float(value)
    if isinstance(value, list):
        items = [decoded(item) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    entries = {key: decoded(item) for key, item in value.items()}
    return entries if any(entries[key] is not item for key, item in value.items()) else value


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    if any(character in quoted for character in _ESCAPED):
        quoted = "".join([_ESCAPED.get(character, character) for character in quoted])
    return quoted


def _json_number(value: float) -> str:
    if not math.isfinite(value):
        raise EvaluationError(f"the number {value} has no JSON form")
    text = _shortest(value, exponent_from=21, exponent_below=-6)
    return re.sub(r"e-0(\d)\Z", r"e-\1", text)


def _shortest(value: float, *, exponent_from: int, exponent_below: int = -4) -> str:
    """The shortest digits that read as `value` again; with an exponent from these powers of ten on."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)  # only the text of infinities and NaN has another kind of exponent
    power = exponent + len(digits) - 1
    if value == 0 or exponent_below <= power < exponent_from:
        text = format(Decimal(repr(value)), "f")
        return text.removesuffix(".0")
    mantissa = "".join(map(str, digits))
    point = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{'-' if sign else ''}{mantissa[0]}{point}e{'-' if power < 0 else '+'}{abs(power):02d}"
