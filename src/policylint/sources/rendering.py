"""What rendering a chart or a kustomization gives."""

from typing import NamedTuple

from policylint.document.source import RenderedSource
from policylint.model import Location


class RenderFailure(NamedTuple):
    """Why something could not be rendered, at the place of the user's own file that is to blame."""

    location: Location
    message: str
    help: str = ""


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
