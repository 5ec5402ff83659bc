"""Policies of one name."""

from collections.abc import Iterator, Sequence

from policylint.document.document import Document
from policylint.model import ROOT, Problem

_PATH = ROOT / "metadata" / "name"


def problems(documents: Sequence[Document]) -> Iterator[tuple[Document, Problem]]:
    """One problem for each document that is the same object as an earlier one of its folder, and says something else.

    Of copies, which a link is too, none guards what the other does not.
    """
    seen: dict[tuple[str, str, str, str | None, str], Document] = {}
    for document in documents:
        resource = document.resource
        if resource is None or not resource.name:
            continue
        folder = document.source.path.rpartition("/")[0]
        key = (folder, document.group, resource.kind, resource.namespace, resource.name)
        first = seen.setdefault(key, document)
        if first.mapping != document.mapping:
            place = first.location()
            yield (
                document,
                Problem(
                    _PATH,
                    f"{resource} is in {place.path}:{place.line} as well: applied together, only the last one is left",
                    "give one of the two another name, or remove it",
                ),
            )
