"""Objects that are text inside another object."""

from collections.abc import Iterator
from typing import NamedTuple, Self

from policylint.document.document import Document
from policylint.document.source import EmbeddedSource


class Embedded(NamedTuple):
    """An object that is a string in a ConfigMap or Secret."""

    document: Document

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when it is such text, else nothing."""
        if isinstance(document.source, EmbeddedSource):
            yield cls(document)
