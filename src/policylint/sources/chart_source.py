"""The text that a template of a chart rendered to, and what can be asked about it."""

from collections.abc import Mapping

from policylint.document.source import RenderedSource, TemplatePlace
from policylint.sources.values_search import ValuesSearch


class ChartSource(RenderedSource):
    """A template of a chart, rendered. `search` finds the values keys behind it, and is one for all that a render gave.
    `template` is what Helm calls it: a subchart with several aliases renders the same file more than once.

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
        search: ValuesSearch,
        template: str,
        varying: Mapping[int, bool],
    ) -> None:
        super().__init__(path, text, by, places)
        self.search = search
        self.template = template
        self.varying = varying
