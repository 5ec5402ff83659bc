"""Objects of the cluster that the configuration lists, as documents."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from policylint.config import Cluster
from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source

_PLACE = "cluster.present"


class _Listed:
    """The objects of one configuration, equal only to themselves."""

    def __init__(self, objects: tuple[Mapping[str, Any], ...]) -> None:
        self.objects = objects

    def __hash__(self) -> int:
        return id(self.objects)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Listed) and self.objects is other.objects


def present_in(cluster: Cluster, documents: Sequence[Document]) -> tuple[Document, ...]:
    """What is in `cluster` already, by its configuration, and is not among `documents`.

    Findings cannot point at these: they have no place in a file.
    """
    if not cluster.present:
        return ()
    brought = {_identity(document) for document in documents}
    return tuple(document for document in _documents(_Listed(cluster.present)) if _identity(document) not in brought)


def _identity(document: Document) -> tuple[str, str, str, str]:
    return document.group, document.kind, document.namespace or "default", document.name


@lru_cache(maxsize=1)
def _documents(listed: _Listed) -> tuple[Document, ...]:
    return tuple(_read(listed.objects))


def _read(objects: Sequence[Mapping[str, Any]]) -> Iterator[Document]:
    import json

    for index, data in enumerate(objects):
        source = Source(_PLACE, json.dumps(data))
        for part in compose(source.text):
            if isinstance(part, ComposedDocument):
                yield Document(source, part.node, part.base, index, KUBERNETES, "kubernetes")
