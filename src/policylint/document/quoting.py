"""How a value is written as YAML, in the style that stood there before where that can carry it."""

import re

from policylint.document.scalars import KUBERNETES, WORKFLOW, Dialect
from policylint.model import Plain

_DIALECTS = (KUBERNETES, WORKFLOW)
_FIRST = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=[^\s,\[\]{}])")
_BREAKS_PLAIN = re.compile(r":(?:\s|\Z)|\s#")
_FLOW_BREAKS_PLAIN = re.compile(r"[,\[\]{}:?]")
# numbers, versions, dates and times: readers disagree about what these are without quotes
_NUMBER_LIKE = re.compile(r"[-+.]?[0-9][-+.:_0-9eExXoO]*\Z")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

PLAIN_STYLE = ""
SINGLE = "'"
DOUBLE = '"'


def render_scalar(value: str | int | float | bool, style: str, *, flow: bool) -> str:
    """`value` on one line. Strings keep `style` ('' for plain, ' or \") where it can say them; else they are quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if style == PLAIN_STYLE and _plain_serves(value, flow) and _stays_a_string(value):
        return value
    return _quoted(value, style)


def render_value(value: Plain | None, style: str, *, flow: bool) -> str:
    """`value` on one line, lists and mappings in flow style; what is in them may be null or have a fraction."""
    if isinstance(value, list):
        return f"[{', '.join(render_value(item, style, flow=True) for item in value)}]"
    if isinstance(value, dict):
        pairs = (
            f"{render_scalar(key, style, flow=True)}: {render_value(item, style, flow=True)}"
            for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if value is None:
        return "null"
    return render_scalar(value, style, flow=flow)


def _quoted(value: str, style: str) -> str:
    if style == SINGLE and _UNPRINTABLE.search(value) is None:
        return "'" + value.replace("'", "''") + "'"
    return _double_quoted(value)


def render_key(name: str, style: str, dialect: Dialect, *, flow: bool) -> str:
    """The key that `dialect` reads as `name`."""
    if style == PLAIN_STYLE and _plain_serves(name, flow) and dialect.key(name) == name and name != "<<":
        return name
    return _quoted(name, style)


def _plain_serves(value: str, flow: bool) -> bool:
    if _FIRST.match(value) is None or value != value.strip() or value.startswith(("---", "...")):
        return False
    return not (
        _BREAKS_PLAIN.search(value) or _UNPRINTABLE.search(value) or (flow and _FLOW_BREAKS_PLAIN.search(value))
    )


def _stays_a_string(value: str) -> bool:
    return _NUMBER_LIKE.match(value) is None and all(dialect.resolve(value) == value for dialect in _DIALECTS)


def _double_quoted(value: str) -> str:
    escaped = re.sub(r'[\\"]', lambda match: _ESCAPES[match[0]], value)
    return '"' + _UNPRINTABLE.sub(_escape, escaped) + '"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in _ESCAPES:
        return _ESCAPES[match[0]]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
