"""An object as the API server stores it: unknown fields pruned, defaults set, stray nulls dropped.

apiextensions-apiserver pkg/apiserver/schema: pruning/algorithm.go `PruneWithOptions`, defaulting/algorithm.go `Default`
and `PruneNonNullableNullsWithoutDefaults`. No field of these kinds is nullable.
"""

from collections.abc import Mapping
from typing import Any

from policylint.admission.schema.table import Node, Schema


def stored(data: Mapping[str, Any], schema: Schema) -> Mapping[str, Any]:
    """`data` as stored. Shares every part that does not change with `data`; values of wrong types stay as they are."""
    kept: Mapping[str, Any] = _settled(data, schema.node(schema.version.root), schema)
    return kept


def _settled(value: Any, node: Node, schema: Schema) -> Any:
    if isinstance(value, dict):
        if node.get("type") == "object":
            return _mapping(value, node, schema)
    elif isinstance(value, list) and "items" in node:
        item = schema.node(node["items"])
        items = [_settled(each, item, schema) for each in value]
        if any(new is not old for new, old in zip(items, value, strict=True)):
            return items
    return value


def _mapping(value: dict[str, Any], node: Node, schema: Schema) -> dict[str, Any]:
    properties, values = node.get("properties", {}), node.get("values")
    settled: dict[str, Any] = {}
    changed = False
    for key, old in value.items():
        index = properties.get(key, values)
        if index is None:
            if node.get("open"):
                settled[key] = old
            else:
                changed = True
            continue
        child = schema.node(index)
        if old is None and "type" in child:
            changed = True
            continue
        settled[key] = new = _settled(old, child, schema)
        changed = changed or new is not old
    for key, default in node.get("defaults", {}).items():
        if key not in settled:
            settled[key] = _settled(default, schema.node(properties[key]), schema)
            changed = True
    return settled if changed else value
