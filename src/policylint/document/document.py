"""One YAML document: plain data, and a position for every key and value."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

import yaml

from policylint.document import positions
from policylint.document.compose import Node
from policylint.document.construct import DuplicateKey, construct
from policylint.document.scalars import Dialect
from policylint.document.source import Source
from policylint.model import ROOT, Location, ResourceId, YamlPath


class Document:
    """One document of `source`, read by `dialect`; read-only.

    `base` is what turns the character indices of the nodes' marks into indices of `source.text`; `index` counts the
    documents of the source from 0; `role` names the reader that the file's place or content calls for
    (see `policylint.sources.classify`).
    """

    def __init__(self, source: Source, node: Node, base: int, index: int, dialect: Dialect, role: str) -> None:
        self.source = source
        self.node = node
        self.base = base
        self.index = index
        self.dialect = dialect
        self.role = role
        constructed = construct(node, dialect)
        self.data: Any = constructed.data
        self.duplicates: tuple[DuplicateKey, ...] = constructed.duplicates
        self._indexes: positions.Indexes = {}
        # suites point at the same few places of a policy for every resource
        self._locations: dict[tuple[YamlPath, str], Location] = {}

    @classmethod
    def of(cls, document: "Document") -> "Iterator[Document]":
        """The document itself: what a rule that judges any document asks for."""
        yield document

    # every rule asks for these, so each is worked out once
    @cached_property
    def mapping(self) -> Mapping[str, Any]:
        """The data when it is a mapping, else an empty one."""
        return self.data if isinstance(self.data, dict) else {}

    @cached_property
    def api_version(self) -> str:
        return _text(self.mapping.get("apiVersion"))

    @cached_property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @cached_property
    def version(self) -> str:
        return self.api_version.rpartition("/")[2]

    @cached_property
    def kind(self) -> str:
        return _text(self.mapping.get("kind"))

    @property
    def metadata(self) -> Mapping[str, Any]:
        metadata = self.mapping.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    @property
    def name(self) -> str:
        return _text(self.metadata.get("name")) or _text(self.metadata.get("generateName"))

    @property
    def namespace(self) -> str | None:
        return _text(self.metadata.get("namespace")) or None

    @property
    def annotations(self) -> Mapping[str, Any]:
        annotations = self.metadata.get("annotations")
        return annotations if isinstance(annotations, dict) else {}

    @cached_property
    def resource(self) -> ResourceId | None:
        """The object's identity, or None for documents that are not Kubernetes objects."""
        if not self.kind:
            return None
        return ResourceId(self.api_version, self.kind, self.namespace, self.name)

    def get(self, path: YamlPath) -> Any:
        """The value at `path`, or None when there is none."""
        value = self.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def find(self, path: YamlPath) -> positions.Spot:
        """The nodes at `path`, or at its nearest existing parent."""
        return positions.find(self.node, path, self.dialect, self._indexes)

    def span(self, path: YamlPath, at: Literal["value", "key"] = "value") -> tuple[int, int]:
        """The characters of `source.text` to point at for `path`.

        A scalar value or list item is pointed at itself, a collection by its key, an absent path by its nearest
        existing parent's key.
        """
        spot = self.find(path)
        value_is_scalar = isinstance(spot.value, yaml.ScalarNode)
        if spot.key is not None and (spot.missing or at == "key" or not value_is_scalar or _is_empty(spot.value)):
            return self._node_span(spot.key)
        if value_is_scalar:
            return self._node_span(spot.value)
        return self._first_line_span(spot.value)

    def node_span(self, node: Node) -> tuple[int, int]:
        """The characters of `source.text` that `node` covers, without what trails it."""
        return self._node_span(node)

    def location(self, path: YamlPath = ROOT, at: Literal["value", "key"] = "value") -> Location:
        known = self._locations.get((path, at))
        if known is None:
            known = self._locations[path, at] = self.source.location(*self.span(path, at))
        return known

    def location_of(self, node: Node) -> Location:
        return self.source.location(*self._node_span(node))

    @cached_property
    def duplicate_paths(self) -> Mapping[YamlPath, DuplicateKey]:
        """The keys that their mapping has more than once, each with its first repetition."""
        repeated: dict[int, dict[str, DuplicateKey]] = {}
        for duplicate in self.duplicates:
            repeated.setdefault(id(duplicate.mapping), {}).setdefault(duplicate.key, duplicate)
        found: dict[YamlPath, DuplicateKey] = {}
        for path, node in positions.walk(self.node, self.dialect) if repeated else ():
            for key, duplicate in repeated.pop(id(node), {}).items():
                found[path / key] = duplicate
        return found

    def _node_span(self, node: Node) -> tuple[int, int]:
        start = self.base + node.start_mark.index
        end = max(start, self.base + positions.content_end(node))
        text = self.source.text[start:end].rstrip()
        return start, start + len(text)

    def _first_line_span(self, node: Node) -> tuple[int, int]:
        """The part of a collection on its first line, without a comment: for a block mapping, its first pair's."""
        start, end = self._node_span(node)
        if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
            key, value = node.value[0]
            in_line = value.end_mark.line == value.start_mark.line == node.start_mark.line and not _is_empty(value)
            end = self._node_span(value if in_line else key)[1]
        line_end = self.source.text.find("\n", start, end)
        if line_end < 0:
            return start, end
        return start, start + len(self.source.text[start:line_end].rstrip())


def _is_empty(node: Node) -> bool:
    return bool(node.start_mark.index == node.end_mark.index)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
