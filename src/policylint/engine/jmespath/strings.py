"""Kyverno's functions of texts (pkg/engine/jmespath/functions.go)."""

import posixpath

from policylint.engine import wildcard
from policylint.engine.jmespath import text as go
from policylint.engine.jmespath.numbers import format_plain, to_int
from policylint.engine.jmespath.signature import NUMBER, STRING, STRING_OR_NUMBER, Function
from policylint.engine.jmespath.values import bounded


def as_text(value: object) -> str:
    """A number, a boolean or a text as text (`ifaceToString`). Raises ValueError for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_plain(value)
    if isinstance(value, int):
        return str(value)
    raise ValueError("error, undefined type cast")


def _compare(left: str, right: str) -> int:
    a, b = go.to_bytes(left), go.to_bytes(right)
    return (a > b) - (a < b)  # one of Go's integers, not a number: see `values`


def _path_canonicalize(path: str) -> str:
    if not path:
        return ""
    clean = posixpath.normpath(path)
    return f"/{clean.lstrip('/')}" if clean.startswith("/") else clean


def _pattern_match(pattern: str, value: str | float) -> bool:
    return wildcard.match(pattern, as_text(value))


def _replace(text: str, old: str, new: str, count: float) -> str:
    limit = to_int(count)
    bounded(len(text) + text.count(old) * len(new))
    return text.replace(old, new, max(limit, -1))


def _replace_all(text: str, old: str, new: str) -> str:
    return _replace(text, old, new, -1.0)


def _split(text: str, separator: str) -> list[str]:
    return go.split(text, separator)


def _to_boolean(text: str) -> bool:
    lowered = go.lower(text)
    if lowered not in ("true", "false"):
        raise ValueError(f"lowercase argument must be 'true' or 'false' (provided: '{text}')")
    return lowered == "true"


def _trim(text: str, letters: str) -> str:
    return text.strip(letters)


def _truncate(text: str, length: float) -> str:
    return text[: max(to_int(length), 0)]


FUNCTIONS = (
    Function("compare", (STRING, STRING), _compare),
    Function("equal_fold", (STRING, STRING), go.equal_fold),
    Function("path_canonicalize", (STRING,), _path_canonicalize),
    Function("pattern_match", (STRING, STRING_OR_NUMBER), _pattern_match),
    Function("replace", (STRING, STRING, STRING, NUMBER), _replace),
    Function("replace_all", (STRING, STRING, STRING), _replace_all),
    Function("split", (STRING, STRING), _split),
    Function("to_boolean", (STRING,), _to_boolean),
    Function("to_lower", (STRING,), go.lower),
    Function("to_upper", (STRING,), go.upper),
    Function("trim", (STRING, STRING), _trim),
    Function("trim_prefix", (STRING, STRING), str.removeprefix),
    Function("truncate", (STRING, NUMBER), _truncate),
)
