"""Fields that no schema knows: the API server drops them, and `kubectl apply` refuses the file for them."""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.schema.table import Node, Schema
from policylint.model import ROOT, Fix, Problem, RenameKey, YamlPath

_NEAR = 0.75
# fields of earlier releases, and what took their place
_FORMER = {"overlay": "patchStrategicMerge", "patches": "patchesJson6902"}


def unknown_fields(data: Any, schema: Schema) -> Iterator[Problem]:
    """One problem for each field of `data` that would be pruned, at its key."""
    yield from _walk(data, schema.version.root, ROOT, (), schema)


def _walk(value: Any, index: int, path: YamlPath, above: tuple[Node, ...], schema: Schema) -> Iterator[Problem]:
    node = schema.node(index)
    if isinstance(value, dict) and node.get("type") == "object":
        properties, values = node.get("properties", {}), node.get("values")
        for key, child in value.items():
            below = properties.get(key, values)
            if below is not None:
                yield from _walk(child, below, path / key, (*above, node), schema)
            elif not node.get("open"):
                yield _unknown(value, key, node, path, above, schema)
    elif isinstance(value, list) and "items" in node:
        for place, child in enumerate(value):
            yield from _walk(child, node["items"], path / place, (*above, node), schema)


def _unknown(
    siblings: Mapping[str, Any], key: str, node: Node, path: YamlPath, above: tuple[Node, ...], schema: Schema
) -> Problem:
    where = str(path) or "the object"
    message = (
        f"{where} has no field `{key}` in {schema.table.release}: the API server drops it, so that it does nothing, "
        "and `kubectl apply` refuses the file"
    )
    former = _FORMER.get(key)
    if former in node.get("properties", {}):
        return Problem(path / key, message, f"`{former}` took its place, with a form of its own", at="key")
    nearest = _nearest(key, node.get("properties", {}))
    if nearest and nearest not in siblings:
        fix = Fix(f"rename {key} to {nearest}", (RenameKey(path / key, nearest),))
        return Problem(path / key, message, f"did you mean `{nearest}`?", fix=fix, at="key")
    if nearest:
        return Problem(path / key, message, f"`{nearest}` is there already: remove `{key}`", at="key")
    for depth in range(len(above) - 1, -1, -1):
        if key in above[depth].get("properties", {}):
            home = YamlPath(path[:depth])
            return Problem(path / key, message, f"it is a field of {home or 'the object itself'}: move it", at="key")
    inside = [name for name, index in node.get("properties", {}).items() if _holds(schema.node(index), key)]
    if len(inside) == 1:
        return Problem(path / key, message, f"it is a field of {path / inside[0]}: move it", at="key")
    return Problem(path / key, message, "remove it, or look its name up in the API reference", at="key")


def _holds(node: Node, key: str) -> bool:
    return key in node.get("properties", {})


def _nearest(key: str, known: Mapping[str, int]) -> str:
    """The one known name that `key` may be a misspelling of, else an empty text."""
    from difflib import get_close_matches

    folded = {name.casefold(): name for name in known}
    near = get_close_matches(key.casefold(), folded, n=2, cutoff=_NEAR)
    if len(near) == 2 and near[0] != key.casefold():
        first, second = (_likeness(key, name) for name in near)
        if first - second < 0.05:
            return ""
    return folded[near[0]] if near else ""


def _likeness(key: str, name: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name, key.casefold()).ratio()
