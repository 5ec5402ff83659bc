"""What rendering a chart or a kustomization gives."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from policylint.config import ChartRender
from policylint.document.source import RenderedSource
from policylint.model import Location


class RenderFailure(NamedTuple):
    """Why something could not be rendered, at the place of the user's own file that is to blame.

    `wants_values` tells that the chart asks for values that it was not given, which other values may well give.
    """

    location: Location
    message: str
    help: str = ""
    wants_values: bool = False


class ChartRun(NamedTuple):
    """What a render of a chart starts from, so that it can be made again.

    `shown` is how the folder `chart` is printed; `base` is the project's folder, which values files are relative to.
    """

    chart: Path
    shown: str
    render: ChartRender
    base: Path
    environment: Mapping[str, str]


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
