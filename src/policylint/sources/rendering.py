"""What rendering a chart or a kustomization gives."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from policylint.config import ChartRender
from policylint.document.source import RenderedSource, TemplatePlace
from policylint.model import Location

if TYPE_CHECKING:
    from policylint.sources.values_search import ValuesSearch


class RenderFailure(NamedTuple):
    """Why something could not be rendered, at the place of the user's own file that is to blame.

    `wants_values` tells that the chart asks for values that it was not given, which other values may well give.
    """

    location: Location
    message: str
    help: str = ""
    wants_values: bool = False


class ChartRun:
    """What a render of a chart starts from, so that it can be made again.

    `shown` is how the folder `chart` is printed; `base` is the project's folder, which values files are relative to.
    """

    def __init__(
        self, chart: Path, shown: str, render: ChartRender, base: Path, environment: Mapping[str, str]
    ) -> None:
        self.chart = chart
        self.shown = shown
        self.render = render
        self.base = base
        self.environment = environment

    @cached_property
    def search(self) -> "ValuesSearch":
        """The search for values keys in this render, with what it has found out so far."""
        from policylint.sources.values_search import ValuesSearch

        return ValuesSearch(self)


class ChartSource(RenderedSource):
    """A template of a chart, rendered by `run`. `template` is what Helm calls it: a subchart with several aliases
    renders the same file more than once.

    `varying` has the rendered lines that come out differently each time; the value says whether a `lookup` in the
    cluster may keep them as they are. Short words that differ stand in the text as `varies00`, so that what is said
    about them stays the same.
    """

    def __init__(
        self,
        path: str,
        text: str,
        by: str,
        places: dict[int, TemplatePlace],
        run: ChartRun,
        template: str,
        varying: Mapping[int, bool],
    ) -> None:
        super().__init__(path, text, by, places)
        self.run = run
        self.template = template
        self.varying = varying


class Rendering(NamedTuple):
    """One render. `label` names it for people; `sources` holds one text per template or origin file.

    `notes` are remarks that the summary should print; `skipped` is the reason why there was nothing to render, for
    instance because the chart is a library.
    """

    label: str
    sources: tuple[RenderedSource, ...] = ()
    failures: tuple[RenderFailure, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: str = ""
