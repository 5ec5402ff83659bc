"""What comparing a key with a value came to, and how values are spelled."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from policylint.engine.jmespath.marshal import marshal
from policylint.engine.jmespath.numbers import format_value
from policylint.engine.jmespath.values import kind_of

_SHOWN = 120


class Outcome(NamedTuple):
    """`how` names the comparison that decided, such as `durations` or `no comparison of object with string`."""

    holds: bool
    how: str


def unlike(key: Any, value: Any, *, holds: bool = False) -> Outcome:
    """The outcome for a key and a value of types that the operator does not bring together."""
    return Outcome(holds, f"{_kind(key)} and {_kind(value)} are not comparable")


def spelled(value: Any) -> str:
    """The text of `value` under fmt's `%v`: `1e+06`, `[a b]`, `map[k:v]`, `<nil>`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_value(value)
    if isinstance(value, list):
        return f"[{' '.join([spelled(item) for item in value])}]"
    if isinstance(value, dict):
        return f"map[{' '.join([f'{key}:{spelled(item)}' for key, item in sorted(value.items())])}]"
    return str(value)


def shown(value: Any) -> str:
    """`value` for explanations: as JSON, cut where it grows long."""
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > _SHOWN:
            break
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _pieces(value: Any) -> Iterator[str]:
    """The JSON of `value` with spaces, a little more of it than is ever shown."""
    if isinstance(value, list) and value:
        for index, item in enumerate(value[:_SHOWN]):
            yield ", " if index else "["
            yield from _pieces(item)
        yield "]"
    elif isinstance(value, dict) and value:
        for index, (key, item) in enumerate(islice(value.items(), _SHOWN)):
            yield f"{', ' if index else '{'}{marshal(key)}: "
            yield from _pieces(item)
        yield "}"
    else:
        yield marshal(value[: _SHOWN + 1] if isinstance(value, str) else value)


def is_number(value: Any) -> bool:
    """Whether `value` is one of Go's numbers, integer or float."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    return {"bool": "boolean", "int": "number"}.get(kind_of(value), kind_of(value))
