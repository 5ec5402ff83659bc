"""Nodes to plain data, resolved by a dialect; duplicate keys, cycles and alias bombs are noticed on the way."""

from typing import Any, NamedTuple

import yaml

from policylint.document.compose import PLAIN, STRING, Node, ParseError
from policylint.document.scalars import Dialect, resolve_tagged

# A document may repeat this many values through aliases before it is refused; goyaml.v2 draws a similar line.
MAX_ALIASED_VALUES = 100_000

_MERGE = "<<"


class DuplicateKey(NamedTuple):
    """A key that its mapping already has; the API server keeps only one of the two."""

    mapping: yaml.MappingNode
    first: Node
    second: Node
    key: str


class Constructed(NamedTuple):
    data: Any
    duplicates: tuple[DuplicateKey, ...]


class ConstructError(Exception):
    """The nodes do not describe a finite tree; `error.index` is relative to the nodes' own marks."""

    def __init__(self, error: ParseError) -> None:
        super().__init__(error.message)
        self.error = error


def construct(node: Node, dialect: Dialect) -> Constructed:
    """The plain data of `node`. Raises ConstructError for a cycle of anchors or an alias bomb."""
    builder = _Builder(dialect)
    data = builder.build(node)
    return Constructed(data, tuple(builder.duplicates))


def key_text(node: Node, dialect: Dialect) -> str:
    """What a mapping calls the key at `node`."""
    if isinstance(node, yaml.ScalarNode):
        return dialect.key(node.value) if node.tag == PLAIN else str(node.value)
    return "?"  # a collection as a key: no JSON object can have it


class _Builder:
    def __init__(self, dialect: Dialect) -> None:
        self._resolve = dialect.resolve
        self._dialect = dialect
        self.duplicates: list[DuplicateKey] = []
        self._built: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()
        self._count = 0
        self._aliased = 0

    def build(self, node: Node) -> Any:
        self._count += 1
        if type(node) is yaml.ScalarNode:
            if node.tag == PLAIN:
                return self._resolve(node.value)
            if node.tag == STRING:
                return node.value
            return resolve_tagged(node.tag, node.value, self._dialect)
        key = id(node)
        known = self._built.get(key)
        if known is not None:
            return self._again(node, *known)
        if key in self._open:
            raise ConstructError(ParseError(node.start_mark.index, "an anchor's value contains an alias to itself"))
        self._open.add(key)
        before = self._count
        value = self._mapping(node) if type(node) is yaml.MappingNode else [self.build(item) for item in node.value]
        self._open.discard(key)
        self._built[key] = (value, self._count - before)
        return value

    def _again(self, node: Node, value: Any, size: int) -> Any:
        self._count += size
        self._aliased += size
        if self._aliased > MAX_ALIASED_VALUES:
            message = f"aliases repeat more than {MAX_ALIASED_VALUES:,} values (an alias bomb?)"
            raise ConstructError(ParseError(node.start_mark.index, message))
        return value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: list[Any] = []
        first_keys: dict[str, Node] = {}
        for key_node, value_node in node.value:
            if key_node.tag == PLAIN and key_node.value == _MERGE and self._dialect.merges:
                merged.append(self.build(value_node))
                continue
            key = key_text(key_node, self._dialect)
            if key in first_keys:
                self.duplicates.append(DuplicateKey(node, first_keys[key], key_node, key))
            else:
                first_keys[key] = key_node
            result[key] = self.build(value_node)
        for source in merged:
            for mapping in source if isinstance(source, list) else [source]:
                if isinstance(mapping, dict):
                    result = {**mapping, **result}
        return result
