"""JSON patches (RFC 6902) as Kyverno applies them: evanphx/json-patch v5 with its options for missing paths.

What is added below a path that is not there gets the path made; what is removed need not be there; indices may be
negative and then count from the end.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from policylint.document.compose import ParseError, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.scalars import KUBERNETES
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath import json_numbers
from policylint.engine.jmespath.marshal import unmarshal
from policylint.engine.mutate.nodes import is_same, sorted_copy, text_of
from policylint.regex import regex

_INDEX = regex(r"[+-]?[0-9]{1,18}\Z")
_LONGEST_PADDING = 10_000
_NEEDS = {"add": "value", "replace": "value", "move": "from", "copy": "from", "remove": "path", "test": "path"}


def read_patch(text: str) -> list[Mapping[str, Any]]:
    """The operations in `text`: JSON where it begins with a bracket, else YAML. Raises EvaluationError."""
    operations = _read(text)
    if operations is None:
        return []
    if not isinstance(operations, list):
        raise EvaluationError("a JSON patch is a list of operations")
    for operation in operations:
        _check(operation)
    return operations


def apply_patch(operations: list[Mapping[str, Any]], document: Any) -> Any:
    """`document`, which is changed, after every one of `operations`, as `read_patch` gives them, in their order.

    Keys that are new come last. Raises EvaluationError for an operation that cannot be carried out.
    """
    patching = _Patching(document)
    for operation in operations:
        patching.carry_out(operation)
    return patching.document


def _read(text: str) -> Any:
    try:
        if text.startswith("["):
            return unmarshal(text)
        first = next(compose(text), None)
        if isinstance(first, ParseError):
            raise ValueError(first.message)
        return None if first is None else json_numbers(sorted_copy(construct(first.node, KUBERNETES).data))
    except (ValueError, ConstructError) as error:
        raise EvaluationError(f"the JSON patch cannot be read: {error}") from error


def _check(operation: Any) -> None:
    if not isinstance(operation, dict):
        raise EvaluationError("an operation of a JSON patch is a mapping")
    kind = operation.get("op")
    if not isinstance(kind, str) or kind not in _NEEDS:
        raise EvaluationError(f"a JSON patch has no operation {text_of(kind) or 'of this type'!r}")
    needed = _NEEDS[kind]
    if needed not in operation:
        raise EvaluationError(f"the operation {kind} needs {needed}")
    for field in ("path", *(["from"] if needed == "from" else [])):
        if not isinstance(operation.get(field), str):
            raise EvaluationError(f"the {field} of the operation {kind} is no text")


class _Patching:
    def __init__(self, document: Any) -> None:
        self.document = document

    def carry_out(self, operation: Mapping[str, Any]) -> None:
        kind, path = operation["op"], operation["path"]
        if kind == "add":
            self._add(path, sorted_copy(operation["value"]))
        elif kind == "replace":
            self._replace(path, sorted_copy(operation["value"]))
        elif kind == "remove":
            self._remove(path)
        elif kind == "test":
            self._test(path, operation.get("value"))
        elif kind == "copy":
            self._put(path, _copied(self._value(operation["from"], "copy")), "copy")
        else:
            self._move(operation["from"], path)

    def _add(self, path: str, value: Any) -> None:
        if path == "":
            self._become(value)
            return
        self._make_parents(path)
        self._put(path, value, "add")

    def _put(self, path: str, value: Any, kind: str) -> None:
        holder, key = self._found(path, kind)
        if isinstance(holder, dict):
            holder[key] = value
        elif key == "-":
            holder.append(value)
        else:
            holder.insert(_index(key, len(holder) + 1, path), value)

    def _replace(self, path: str, value: Any) -> None:
        if path == "":
            self._become(value)
            return
        holder, key = self._found(path, "replace")
        if isinstance(holder, dict):
            if key not in holder and key != "":
                raise EvaluationError(f"there is no {path} to replace")
            holder[key] = value
        else:
            holder[_index(key, len(holder), path)] = value

    def _remove(self, path: str) -> None:
        holder, key = self._holder(path)
        if isinstance(holder, dict):
            holder.pop(key, None)
        elif isinstance(holder, list):
            index = _whole(key, path)
            if -len(holder) <= index < len(holder):
                del holder[index]

    def _move(self, source: str, path: str) -> None:
        if source == "":
            raise EvaluationError("the whole object cannot be moved")
        value = self._value(source, "move")
        self._remove(source)
        self._put(path, value, "move")

    def _test(self, path: str, wanted: Any) -> None:
        if path == "":
            value = self.document
        else:
            holder, key = self._found(path, "test")
            value = holder.get(key) if isinstance(holder, dict) else holder[_index(key, len(holder), path)]
        if not is_same(value, wanted, ordered=False):
            raise EvaluationError(f"the test of {path or 'the object'} failed: it is not what the patch says")

    def _value(self, path: str, kind: str) -> Any:
        if path == "":
            return self.document
        holder, key = self._found(path, kind)
        if isinstance(holder, list):
            return holder[_index(key, len(holder), path)]
        if key not in holder:
            raise EvaluationError(f"there is no {path} to {kind}")
        return holder[key]

    def _become(self, value: Any) -> None:
        if not isinstance(value, dict | list):
            raise EvaluationError("the whole object can only become a mapping or a list")
        self.document = value

    def _found(self, path: str, kind: str) -> tuple[Any, str]:
        holder, key = self._holder(path)
        if holder is None:
            raise EvaluationError(f"the operation {kind} does not apply: there is nothing that could hold {path}")
        return holder, key

    def _holder(self, path: str) -> tuple[Any, str]:
        """What holds the value at `path`, None when there is no such thing, and the value's key there."""
        parts = path.split("/")
        if len(parts) < 2:
            return None, ""
        holder = self.document
        for part in map(_decoded, parts[1:-1]):
            holder = _member(holder, part)
            if not isinstance(holder, dict | list):
                return None, ""
        return holder, _decoded(parts[-1])

    def _make_parents(self, path: str) -> None:
        """Makes the mappings and lists that are missing on the way to `path` (`ensurePathExists`)."""
        parts = [_decoded(part) for part in path.split("/")[1:]]
        holder = self.document
        for part, following in pairwise(parts):
            found = _member(holder, part)
            if found is not None:
                if not isinstance(found, dict | list):
                    raise EvaluationError(f"the operation add does not apply: {path} leads through a scalar")
                holder = found
                continue
            made: Any = {}
            if following == "-":
                made = []
            elif _INDEX.match(following):
                made = _padded([], int(following), path)
            if isinstance(holder, dict):
                holder[part] = made
            elif part == "-":
                holder.append(made)
            else:
                _padded(holder, _whole(part, path), path)
                holder.insert(_index(part, len(holder) + 1, path), made)
            holder = made


def _padded(items: list[Any], length: int, path: str) -> list[Any]:
    """`items` filled up with nulls to `length`; -1 stands for the end."""
    if length < -1:
        raise EvaluationError(f"{path} has the index {length} in a list that is not there")
    if length - len(items) > _LONGEST_PADDING:
        raise EvaluationError(f"{path} would make a list of {length:,} items")
    items.extend([None] * (length - len(items)))
    return items


def _member(holder: Any, part: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(part)
    if not isinstance(holder, list) or not _INDEX.match(part):
        return None
    index = int(part)
    return holder[index] if -len(holder) <= index < len(holder) else None


def _whole(key: str, path: str) -> int:
    if not _INDEX.match(key):
        raise EvaluationError(f"{path} leads into a list, and {key!r} is no index")
    return int(key)


def _index(key: str, length: int, path: str) -> int:
    """The index that `key` is for a list with `length` places, from the front."""
    index = _whole(key, path)
    if not -length <= index < length:
        raise EvaluationError(f"{path} is outside of its list")
    return index + length if index < 0 else index


def _decoded(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
