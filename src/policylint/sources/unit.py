"""What loading yields: documents that belong together, and what could not be loaded."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from policylint.document.document import Document
from policylint.document.source import Source
from policylint.model import Location, NotJudged, Renders

UNPARSED = "PRJ001"
UNRENDERED = "PRJ003"


class LoadFailure(NamedTuple):
    """An input, or a part of one, that could not be loaded; it becomes a finding of the rule named."""

    rule: str
    location: Location
    message: str
    help: str = ""


class LoadedSource(NamedTuple):
    """One text and what it holds. `items` can be read once: documents stream, so that memory stays bounded."""

    source: Source
    items: Iterator[Document | LoadFailure | NotJudged]


class Unit(NamedTuple):
    """Sources that reach a cluster together. Those of a `release` are judged together as well as one by one.

    `notes` are what the user should know of how they were made. `render` tells which render of a chart it is.
    """

    label: str
    sources: Iterator[LoadedSource | LoadFailure | NotJudged]
    release: bool = False
    notes: tuple[str, ...] = ()
    render: Renders | None = None


class Target(NamedTuple):
    """One thing to load. `shown` is how its path is printed; `only` limits a chart's findings to these templates.

    `render` is the index into the configuration's `charts`, or -1 for a chart's own default values; `ci` is a values
    file of the chart (posix, relative to it) that goes on top of that. `wanting` says that other targets render the
    same chart with more values, so that it is no failure when it asks for some.
    """

    kind: Literal["file", "stdin", "chart", "kustomization"]
    path: str
    shown: str
    render: int = -1
    only: tuple[str, ...] = ()
    ci: str = ""
    wanting: bool = False
