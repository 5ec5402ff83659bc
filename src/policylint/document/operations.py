"""What the operations of fixes mean for plain data."""

from collections.abc import Sequence
from typing import Any

from policylint.model import Operation, PathStep, RemoveKey, SetValue, Wrap


class Inapplicable(Exception):  # noqa: N818 -- an outcome, not an error
    """The data has no place for the operation."""


def apply_operation(data: Any, operation: Operation) -> Any:
    """What `operation` makes of plain data, which is left as it is. Raises Inapplicable."""
    if isinstance(operation, SetValue):
        return _changed(data, operation.path, lambda _: operation.value, create=True)
    if isinstance(operation, Wrap):
        return _changed(data, operation.path, lambda value: _wrapped(value, operation.key))
    if not operation.path:
        raise Inapplicable
    last = operation.path[-1]
    if isinstance(operation, RemoveKey):
        return _changed(data, operation.path.parent, lambda parent: _without(parent, last))
    return _changed(data, operation.path.parent, lambda parent: _renamed(parent, last, operation.name))


def _changed(data: Any, path: Sequence[PathStep], change: Any, create: bool = False) -> Any:
    if not path:
        return change(data)
    step, rest = path[0], path[1:]
    if isinstance(data, dict) and isinstance(step, str):
        if step not in data and not create:
            raise Inapplicable
        below = data.get(step, {})
        return {**data, step: _changed(below, rest, change, create)}
    if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
        return [*data[:step], _changed(data[step], rest, change, create), *data[step + 1 :]]
    raise Inapplicable


def _without(parent: Any, step: PathStep) -> Any:
    if isinstance(parent, dict) and step in parent:
        return {key: value for key, value in parent.items() if key != step}
    if isinstance(parent, list) and isinstance(step, int) and 0 <= step < len(parent):
        return [*parent[:step], *parent[step + 1 :]]
    raise Inapplicable


def _renamed(parent: Any, step: PathStep, name: str) -> Any:
    if not isinstance(parent, dict) or step not in parent or (name in parent and name != step):
        raise Inapplicable
    return {name if key == step else key: value for key, value in parent.items()}


def _wrapped(value: Any, key: str | None) -> Any:
    return [value] if key is None else {key: value}
