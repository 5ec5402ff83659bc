"""JSON that is quick to write, valid for strict parsers, and still readable: outer levels laid out, items on a line."""

import json
from typing import Any, TextIO

from policylint.report.escape import without_surrogates


def write_json(value: Any, out: TextIO, levels: int) -> None:
    """Write `value`, giving each member of the `levels` outermost containers its own line, and a last newline."""
    out.write(_layout(value, levels, "\n"))
    out.write("\n")


def _layout(value: Any, levels: int, newline: str) -> str:
    if levels == 0 or not value or not isinstance(value, dict | list):
        return _compact(value)
    inner = newline + "  "
    if isinstance(value, list):
        items = [_layout(item, levels - 1, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{newline}]"
    members = [f"{_compact(key)}: {_layout(member, levels - 1, inner)}" for key, member in value.items()]
    return f"{{{inner}{f',{inner}'.join(members)}{newline}}}"


def _compact(value: Any) -> str:
    text = json.dumps(value)
    # a "\ud…" is half of a pair, or a lone surrogate, which strict parsers refuse
    return json.dumps(_clean(value)) if "\\ud" in text else text


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(member) for key, member in value.items()}
    return value
