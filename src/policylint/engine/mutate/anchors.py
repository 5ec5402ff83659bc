"""Anchors of strategic merge patches, resolved against an object so that a plain patch is left.

Kyverno pkg/engine/mutate/patch/strategicPreprocessing.go. `(key)`: the patch, or the item of its list, only applies
where the value matches. `<(key)`: the whole patch only applies where it does. `+(key)`: adds what is not there.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from policylint.engine.anchors import Anchor, parse_anchor
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath import json_numbers
from policylint.engine.mutate.nodes import sorted_copy, text_of
from policylint.engine.pattern import match_pattern
from policylint.engine.response import Step
from policylint.model import YamlPath
from policylint.views.shape import type_name

_MOST_STEPS = 100


class Resolved(NamedTuple):
    """The plain patch, empty where an anchor kept it from applying; `steps` tell of the anchors that were not met."""

    patch: dict[str, Any]
    steps: tuple[Step, ...]


def resolve_anchors(patch: dict[str, Any], resource: dict[str, Any], path: YamlPath) -> Resolved:
    """`patch`, which stands at `path` in its rule, without anchors, as it applies to `resource`.

    `patch` is changed; both have sorted keys. Raises EvaluationError where patch and resource have different types.
    """
    resolving = _Resolving()
    try:
        resolving.part(patch, resource, path)
    except _UnmetError as unmet:
        resolving.note(unmet)
        return Resolved({}, tuple(resolving.steps))
    for key in list(patch):
        if _without_anchors(patch[key], drops_scalars=_is_condition(parse_anchor(key))):
            del patch[key]
    return Resolved(patch, tuple(resolving.steps))


class _UnmetError(Exception):
    """A condition that does not hold. `is_global` ones end the whole patch."""

    def __init__(self, reason: str, path: YamlPath, *, is_global: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.is_global = is_global


class _Resolving:
    def __init__(self) -> None:
        self.steps: list[Step] = []

    def note(self, unmet: _UnmetError) -> None:
        if len(self.steps) < _MOST_STEPS:
            self.steps.append(Step(unmet.reason, "the anchor is not met", unmet.path, holds=False))

    def part(self, pattern: Any, resource: Any, path: YamlPath) -> None:
        """Resolves `+( )` in `pattern`, checks its conditions, and adds to its lists what they come to."""
        if isinstance(pattern, list):
            if pattern and isinstance(pattern[0], dict):
                self._items(pattern, resource, path)
        elif isinstance(pattern, dict):
            _add_missing(pattern, resource)
            for kind in ("global", "condition"):
                _check_conditions(pattern, resource, kind, path)
            fields = resource if isinstance(resource, dict) else {}
            for key in [key for key in pattern if not _takes_part(parse_anchor(key))]:
                self.part(pattern[key], fields.get(key, _ABSENT), path / key)

    def _items(self, patterns: list[Any], resource: Any, path: YamlPath) -> None:
        """Adds to a list of mappings, for each item with anchors, one item for every item of the object that it fits.

        They are found again by their names. What an item adds to the first item of the object, or finds there, stays
        so for the following ones.
        """
        if resource is not _ABSENT and resource is not None and not isinstance(resource, list):
            raise EvaluationError(f"the patch has a list where the object has {type_name(resource)}", path)
        for index, pattern in enumerate(list(patterns)):
            if not _has_anchor(pattern, _takes_part):
                continue
            at = path / index
            copy = sorted_copy(pattern)
            gates = _has_anchor(pattern, _is_global)
            is_open = False
            closed: _UnmetError | None = None
            for item in resource if isinstance(resource, list) else [_ABSENT] if resource is _ABSENT else []:
                try:
                    self.part(copy, item, at)
                except _UnmetError as unmet:
                    if unmet.is_global:
                        closed = unmet
                    else:
                        self.note(unmet)
                    continue
                is_open = is_open or gates
                if not gates:
                    _append_named(patterns, copy, item)
            if closed is not None and not is_open:
                raise closed


class _Absent:
    """Stands for a part of the object that is not there."""


_ABSENT = _Absent()


def _is_condition(anchor: Anchor | None) -> bool:
    return anchor is not None and anchor.kind in ("condition", "global")


def _is_global(anchor: Anchor | None) -> bool:
    return anchor is not None and anchor.kind == "global"


def _takes_part(anchor: Anchor | None) -> bool:
    return anchor is not None and anchor.kind in ("condition", "global", "add")


def _has_anchor(pattern: Any, wanted: Callable[[Anchor | None], bool]) -> bool:
    """Whether a key at any depth is such an anchor, or a string reads as a condition."""
    if isinstance(pattern, dict):
        return any(wanted(parse_anchor(key)) or _has_anchor(item, wanted) for key, item in pattern.items())
    if isinstance(pattern, list):
        return any(_has_anchor(item, wanted) for item in pattern)
    return isinstance(pattern, str) and _is_condition(parse_anchor(pattern))


def _add_missing(pattern: Any, resource: Any) -> int:
    """Makes `+(key)` plain keys where `resource` has no such key, and drops them where it has; how many there were."""
    if not isinstance(pattern, dict):
        return 0
    found = [(key, anchor) for key in pattern if (anchor := parse_anchor(key)) is not None and anchor.kind == "add"]
    for key, anchor in found:
        if isinstance(resource, dict) and anchor.key in resource:
            del pattern[key]
        else:
            _rename(pattern, key, anchor.key)
    return len(found)


def _rename(mapping: dict[str, Any], key: str, new: str) -> None:
    """Renames a key where it stands; of two with the same name, the first one stays."""
    entries = list(mapping.items())
    mapping.clear()
    for name, value in entries:
        mapping.setdefault(new if name == key else name, value)


def _check_conditions(pattern: dict[str, Any], resource: Any, kind: str, path: YamlPath) -> None:
    is_global = kind == "global"
    for key in list(pattern):
        anchor = parse_anchor(key)
        if anchor is None or anchor.kind != kind:
            continue
        if not isinstance(resource, dict) or anchor.key not in resource:
            raise _UnmetError(f"{anchor.key} is not set", path / key, is_global=is_global)
        wanted, value = pattern[key], resource[anchor.key]
        if _add_missing(wanted, value):
            continue
        result = match_pattern(_as_compared(wanted), _as_compared(value))
        if result.outcome != "pass":
            place = ".".join(filter(None, (anchor.key, str(result.path))))
            raise _UnmetError(f"{place} {result.reason}", path / key / result.pattern_path, is_global=is_global)


def _as_compared(value: Any) -> Any:
    """What conditions compare: scalars as text, and collections with JSON's numbers (`convertRNodeToInterface`)."""
    return json_numbers(value) if isinstance(value, dict | list) else text_of(value)


def _append_named(patterns: list[Any], pattern: Any, item: Any) -> None:
    """Adds `pattern` without its anchors, with the name of the object's item that it fits."""
    name = item.get("name") if isinstance(item, dict) else None
    if name is None or name in ({}, []):
        return
    copy = sorted_copy(pattern)
    if not _without_anchors(copy, drops_scalars=True):
        copy["name"] = name
        patterns.append(copy)


def _without_anchors(value: Any, *, drops_scalars: bool) -> bool:
    """Removes anchors from `value`; whether nothing is left of it, so that it has to go too (`deleteAnchors`)."""
    if isinstance(value, dict):
        return _mapping_without_anchors(value)
    if isinstance(value, list):
        return _list_without_anchors(value)
    return drops_scalars


def _mapping_without_anchors(mapping: dict[str, Any]) -> bool:
    for key in [key for key in mapping if _is_condition(parse_anchor(key))]:
        if _without_anchors(mapping[key], drops_scalars=True):
            del mapping[key]
    for key in list(mapping):
        anchor = parse_anchor(key)
        if anchor is not None and _is_condition(anchor):
            _rename(mapping, key, anchor.key)
    for key in list(mapping):
        if _without_anchors(mapping[key], drops_scalars=False):
            del mapping[key]
    return not mapping


def _list_without_anchors(items: list[Any]) -> bool:
    present = list(items)
    for index, item in enumerate(present):
        if not _has_anchor(item, _takes_part) and not _without_anchors(item, drops_scalars=False):
            continue
        # the place that the item had at first: after one removal upstream hits the next item, and beyond the end it
        # crashes
        if index >= len(items):
            raise EvaluationError("several items of a list have anchors and none of the object's items meets them")
        del items[index]
    return bool(present) and not items
