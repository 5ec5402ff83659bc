"""A document that checks read field by field: what is of a wrong type is noted on the way."""

from collections.abc import Iterator
from typing import NamedTuple, Self

from policylint.document.document import Document
from policylint.views.shape import Shape, ShapeProblem


class Read(NamedTuple):
    """A document of any kind. Checks read it through `shape`, so that wrong types are known when all have run."""

    document: Document
    shape: Shape

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The one view of `document`, shared by every rule that asks for it."""
        yield cls(document, Shape())

    @property
    def shape_problems(self) -> tuple[ShapeProblem, ...]:
        return self.shape.problems
