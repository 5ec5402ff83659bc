"""Kubernetes objects out of a suite's files, made what `kyverno test` makes of them before it asks its policies.

Source: resource/resource.go `YamlToUnstructured`, commands/test/test.go `ProcessResources`, resource/duplicate.go.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from policylint.document.compose import ParseError, compose
from policylint.document.construct import ConstructError
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.engine.objects import Key, Scopes, completed, key_of
from policylint.errors import SourceError
from policylint.model import ROOT, YamlPath
from policylint.sources.files import read_file
from policylint.suites.files import SuiteError


class Loaded(NamedTuple):
    """An object, the document it was read from, and its key."""

    object: Mapping[str, Any]
    document: Document
    key: Key

    @classmethod
    def of(cls, resource: Mapping[str, Any], document: Document) -> "Loaded":
        return cls(resource, document, key_of(resource))

    @property
    def file(self) -> str:
        return self.document.source.path

    def line(self, path: YamlPath | None = None) -> int:
        """The 1-based line of what lies at `path`, or of the object."""
        return self.document.location(path or ROOT).line


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
            yield Loaded.of(completed(document.mapping, floats=floats, scoped=scoped), document)


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
