"""Kubernetes objects out of a suite's files, made what `kyverno test` makes of them before it asks its policies.

Source: resource/resource.go `YamlToUnstructured`, commands/test/test.go `ProcessResources`, resource/duplicate.go.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from policylint.document.compose import ParseError, compose
from policylint.document.construct import ConstructError
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.errors import SourceError
from policylint.model import ROOT, YamlPath
from policylint.sources.files import read_file
from policylint.suites.files import SuiteError
from policylint.suites.scopes import is_cluster_scoped

# Maps that upstream's decoder leaves empty where the file says null.
_NULL_MAPS = frozenset(("labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData"))


Scopes = Collection[tuple[str, str]]


class Key(NamedTuple):
    """What tells one object of a suite from another."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind}/{place}"


class Loaded(NamedTuple):
    """An object, and the document it was read from."""

    object: Mapping[str, Any]
    document: Document

    @property
    def key(self) -> Key:
        return key_of(self.object)

    @property
    def file(self) -> str:
        return self.document.source.path

    def line(self, path: YamlPath | None = None) -> int:
        """The 1-based line of what lies at `path`, or of the object."""
        return self.document.location(path or ROOT).line


def key_of(resource: Mapping[str, Any]) -> Key:
    metadata = resource.get("metadata")
    fields = metadata if isinstance(metadata, dict) else {}
    return Key(
        str(resource.get("apiVersion") or ""),
        str(resource.get("kind") or ""),
        str(fields.get("namespace") or ""),
        str(fields.get("name") or ""),
    )


def read_documents(path: Path, shown: str) -> list[Document]:
    """The documents of a file, items of lists as documents of their own. Raises SuiteError."""
    try:
        source = Source(shown, read_file(path, shown).text)
    except SourceError as error:
        raise SuiteError(f"{shown} cannot be read: {error.message}") from error
    documents: list[Document] = []
    for composed in compose(source.text):
        if isinstance(composed, ParseError):
            raise _unparsed(source, composed)
        try:
            document = Document(source, composed.node, composed.base, len(documents), KUBERNETES, "kubernetes")
        except ConstructError as error:
            raise _unparsed(source, error.error._replace(offset=composed.base + error.error.offset)) from error
        if document.data is not None:
            documents.extend(_unpacked(document))
    return documents


def _unparsed(source: Source, error: ParseError) -> SuiteError:
    place = source.location(error.offset, error.offset)
    return SuiteError(f"{source.path}:{place.line}: cannot be parsed: {error.message}")


def _unpacked(document: Document) -> Iterator[Document]:
    items = document.find(YamlPath.of("items")).value
    if document.kind.endswith("List") and isinstance(document.mapping.get("items"), list):
        for offset, node in enumerate(items.value if isinstance(items, yaml.SequenceNode) else ()):
            index = document.index + offset
            yield Document(document.source, node, document.base, index, document.dialect, document.role)
    else:
        yield document


def load_objects(paths: Iterable[tuple[Path, str]], *, floats: bool, scoped: Scopes = frozenset()) -> Iterator[Loaded]:
    """The objects of files, each given with the path to show. With `floats`, every number becomes a float.

    `scoped` are the kinds without namespaces that the suite's own CRDs define. Raises SuiteError for what is not YAML,
    and for documents that are no objects with a kind.
    """
    for path, shown in paths:
        for document in read_documents(path, shown):
            if not document.kind:
                line = document.location().line
                raise SuiteError(f"{shown}:{line}: this is no Kubernetes object: it has no kind")
            yield Loaded(completed(document.mapping, floats=floats, scoped=scoped), document)


def completed(resource: Mapping[str, Any], *, floats: bool, scoped: Scopes = frozenset()) -> Mapping[str, Any]:
    """The object with a namespace where its kind wants one, empty maps for nulls, and its numbers as floats."""
    cleaned: Mapping[str, Any] = _converted(resource, floats)
    key = key_of(cleaned)
    group = key.api_version.rpartition("/")[0]
    if key.namespace or is_cluster_scoped(group, key.kind) or (group, key.kind) in scoped:
        return cleaned
    metadata = cleaned.get("metadata")
    fields = metadata if isinstance(metadata, dict) else {}
    return {**cleaned, "metadata": {**fields, "namespace": "default"}}


def _converted(value: Any, floats: bool) -> Any:
    if isinstance(value, dict):
        return {
            key: {} if item is None and key in _NULL_MAPS else _converted(item, floats) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_converted(item, floats) for item in value]
    if floats and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def without_duplicates(loaded: Iterable[Loaded]) -> tuple[list[Loaded], list[Loaded]]:
    """The first object of each group, kind, namespace and name; and those that are left out."""
    first: dict[tuple[str, str, str, str], Loaded] = {}
    left: list[Loaded] = []
    for each in loaded:
        key = each.key
        identity = (key.api_version.rpartition("/")[0], key.kind, key.namespace, key.name)
        if identity in first:
            left.append(each)
        else:
            first[identity] = each
    return list(first.values()), left
