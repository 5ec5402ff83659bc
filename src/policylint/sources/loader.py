"""A target to its unit: the one place that knows every kind of source."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.config import ChartRender, Config
from policylint.document.source import Source
from policylint.errors import SourceError
from policylint.model import Location, NotJudged, Renders
from policylint.sources.documents import load_documents
from policylint.sources.files import decode, read_file
from policylint.sources.unit import UNPARSED, UNRENDERED, LoadedSource, LoadFailure, Target, Unit

if TYPE_CHECKING:
    from policylint.sources.rendering import Rendering


def load(target: Target, config: Config, overlay: Mapping[str, str | bytes]) -> Unit:
    """The unit at `target`, read when its sources are iterated. Nothing in it raises for bad input.

    `overlay` holds texts, or bytes to be decoded, by path as shown, that stand in for files; stdin is always there.
    """
    if target.kind == "chart":
        return _chart(target, config)
    if target.kind == "kustomization":
        return _kustomization(target)
    return Unit(target.shown, _text(target, overlay))


def _text(target: Target, overlay: Mapping[str, str | bytes]) -> Iterator[LoadedSource | LoadFailure]:
    try:
        text = _read(target, overlay)
    except SourceError as error:
        yield LoadFailure(UNPARSED, error.location or Location(target.shown), f"cannot be read: {error.message}")
        return
    source = Source(target.shown, text)
    yield LoadedSource(source, load_documents(source))


def _read(target: Target, overlay: Mapping[str, str | bytes]) -> str:
    given = overlay.get(target.shown)
    if given is None:
        return read_file(Path(target.path), target.shown).text
    return given if isinstance(given, str) else decode(given, target.shown).text


def _chart(target: Target, config: Config) -> Unit:
    from policylint.sources.charts import render_name
    from policylint.sources.helm import render_chart
    from policylint.sources.rendering import Rendering

    render = config.charts[target.render] if target.render >= 0 else ChartRender(target.path)
    name = render_name(render, target.ci)
    if target.ci:
        render = render._replace(values=(*render.values, os.path.relpath(Path(target.path, target.ci), config.root)))
    rendering = render_chart(Path(target.path), target.shown, render, Path(config.root))
    if target.wanting and rendering.failures and all(failure.wants_values for failure in rendering.failures):
        reason = f"by itself it asks for values, which its ci values give: {rendering.failures[0].message}"
        rendering = Rendering(rendering.label, skipped=reason)
    unit = load_rendering(rendering, target.shown)
    return unit._replace(render=Renders(target.shown, (name,)))


def _kustomization(target: Target) -> Unit:
    from policylint.sources.kustomize import render_kustomization

    return load_rendering(render_kustomization(Path(target.path), target.shown), target.shown)


def load_rendering(rendering: "Rendering", shown: str) -> Unit:
    """The unit of what a chart or kustomization rendered to; `shown` is the folder's path as printed."""
    notes = tuple(f"{rendering.label}: {note}" for note in rendering.notes)
    return Unit(rendering.label, _rendered(rendering, shown), release=True, notes=notes)


def _rendered(rendering: "Rendering", shown: str) -> Iterator[LoadedSource | LoadFailure | NotJudged]:
    if rendering.skipped:
        yield NotJudged(shown, 0, "chart", rendering.skipped)
    for failure in rendering.failures:
        yield LoadFailure(UNRENDERED, failure.location, failure.message, failure.help)
    for source in rendering.sources:
        yield LoadedSource(source, load_documents(source))
