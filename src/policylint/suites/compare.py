"""Whether a patched or generated object is the expected one, and how they differ.

Source: commands/test/compare.go and resource/{tidy,labels,compare}.go: empty maps, lists and nulls do not count, nor
do the labels that Kyverno puts on what it generates.
"""

from collections.abc import Mapping
from typing import Any

_MANAGED_BY = "app.kubernetes.io/managed-by"
_GENERATED = "generate.kyverno.io/"


def matches(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    """Whether `actual` is what `expected` says. Numbers compare by value; true is not 1."""
    return _same(comparable(expected), comparable(actual))


def comparable(resource: Mapping[str, Any]) -> Any:
    """What counts of an object in a comparison: no empty parts, and Kyverno's own labels alike everywhere."""
    metadata = resource.get("metadata")
    fields = metadata if isinstance(metadata, dict) else {}
    labels = fields.get("labels")
    kept = {
        key: value
        for key, value in (labels.items() if isinstance(labels, dict) else ())
        if not key.startswith(_GENERATED)
    }
    return tidy({**resource, "metadata": {**fields, "labels": {_MANAGED_BY: "kyverno", **kept}}})


def tidy(value: Any) -> Any:
    """`value` without empty mappings and lists and without nulls; None when nothing is left."""
    if isinstance(value, dict):
        tidied = ((key, tidy(item)) for key, item in value.items())
        return {key: item for key, item in tidied if item is not None} or None
    if isinstance(value, list):
        return [item for item in map(tidy, value) if item is not None] or None
    return value


def difference(expected: Mapping[str, Any], actual: Mapping[str, Any], expected_name: str) -> str:
    """How to get from the expected object to the actual one, as a unified diff of YAML; empty when they match."""
    from difflib import unified_diff

    before, after = (_printed(comparable(resource)) for resource in (expected, actual))
    return "".join(unified_diff(before, after, f"expected ({expected_name})", "actual"))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What turns one object into another, as a unified diff of YAML; from nothing when `before` is empty."""
    from difflib import unified_diff

    metadata = after.get("metadata")
    name = f"{after.get('kind')}/{metadata.get('name') if isinstance(metadata, dict) else ''}"
    start = _printed(before) if before else []
    return "".join(unified_diff(start, _printed(after), name if before else "nothing", name))


def _printed(value: Any) -> list[str]:
    import yaml

    dumper = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper
    text: str = yaml.dump(_plain(value), Dumper=dumper, sort_keys=True, width=4096, allow_unicode=True)
    return text.splitlines(keepends=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(_same(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(_same, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)
