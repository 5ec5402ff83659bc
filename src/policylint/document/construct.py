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
    """The nodes are no JSON-like tree of bounded size; `error.offset` is relative to the nodes' own marks."""

    def __init__(self, error: ParseError) -> None:
        super().__init__(error.message)
        self.error = error


def construct(node: Node, dialect: Dialect) -> Constructed:
    """The plain data of `node`. Raises ConstructError for a cycle of anchors, an alias bomb, or what JSON lacks."""
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
        self._name = dialect.key
        self._dialect = dialect
        self.duplicates: list[DuplicateKey] = []
        self._built: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()
        self._count = 0
        self._aliased = 0

    def build(self, node: Node) -> Any:
        self._count += 1
        if type(node) is yaml.ScalarNode:
            return node.value if node.tag == STRING else self._plain(node)
        key = id(node)
        known = self._built.get(key)
        if known is not None:
            return self._again(node, *known)
        if key in self._open:
            raise ConstructError(ParseError(_start(node), "an anchor's value contains an alias to itself"))
        self._open.add(key)
        before = self._count
        value = self._mapping(node) if type(node) is yaml.MappingNode else [self.build(item) for item in node.value]
        self._open.discard(key)
        self._built[key] = (value, self._count - before)
        return value

    def _plain(self, node: yaml.ScalarNode) -> Any:
        try:
            if node.tag == PLAIN:
                return self._resolve(node.value)
            return resolve_tagged(node.tag, node.value, self._dialect)
        except ValueError as error:
            raise ConstructError(ParseError(_start(node), str(error))) from error

    def _key(self, node: Node) -> str:
        if type(node) is not yaml.ScalarNode:
            raise ConstructError(ParseError(_start(node), "a list or mapping cannot be a key"))
        try:
            return self._name(node.value) if node.tag == PLAIN else str(node.value)
        except ValueError as error:
            raise ConstructError(ParseError(_start(node), str(error))) from error

    def _again(self, node: Node, value: Any, size: int) -> Any:
        self._count += size
        self._aliased += size
        if self._aliased > MAX_ALIASED_VALUES:
            message = f"aliases repeat more than {MAX_ALIASED_VALUES:,} values (an alias bomb?)"
            raise ConstructError(ParseError(_start(node), message))
        return value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: list[Any] = []
        first_keys: dict[str, Node] = {}
        for key_node, value_node in node.value:
            if key_node.tag == PLAIN and key_node.value == _MERGE and self._dialect.merges:
                merged.append(self._merge_source(value_node))
                continue
            key = self._key(key_node)
            if key in first_keys:
                self.duplicates.append(DuplicateKey(node, first_keys[key], key_node, key))
            else:
                first_keys[key] = key_node
            result[key] = self.build(value_node)
        for source in merged:
            for mapping in source if isinstance(source, list) else [source]:
                for key, value in mapping.items():
                    result.setdefault(key, value)
        return result

    def _merge_source(self, node: Node) -> Any:
        source = self.build(node)
        if not all(isinstance(mapping, dict) for mapping in (source if isinstance(source, list) else [source])):
            raise ConstructError(ParseError(_start(node), "a merge (`<<`) takes a mapping or a list of mappings"))
        return source


def _start(node: Node) -> int:
    return int(node.start_mark.index)
