"""Helm charts: from a chart's folder to the text of each template, with every line traced to the template.

Charts are untrusted: nothing of them is executed but their templates, by Helm, in a child process without plugins,
network or cluster and with limits on time, memory and output; nothing is written into their folder.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from policylint.config import ChartRender
from policylint.document.source import RenderedSource
from policylint.errors import SourceError
from policylint.model import Location
from policylint.sources.chart_source import ChartSource
from policylint.sources.helm_backends import Output, run_helm
from policylint.sources.helm_chart import join
from policylint.sources.helm_errors import failures_of, missing_dependencies
from policylint.sources.helm_output import shown_template, template_text, text_of, unreadable
from policylint.sources.helm_request import Request, request_for, without_remote_schemas
from policylint.sources.nondeterminism import Varying, render_again
from policylint.sources.provenance import map_lines
from policylint.sources.rendering import ChartRun, RenderFailure, Rendering
from policylint.sources.values_search import ValuesSearch

_MAX_NOTES = 10

_INSTALL_HELP = "install helm, or helm-python-sdk with `pip install 'policylint[helm]'`"


def render_chart(
    chart: Path, shown: str, render: ChartRender, base: Path, environment: Mapping[str, str] = os.environ
) -> Rendering:
    """Render the chart in the folder `chart`, printed as `shown`, as `render` asks.

    Values files are relative to `base`, the project's folder, and may not lie outside of it and of the chart. The
    release is named after the chart unless `render` says otherwise. Text that is not YAML is handed on as it is:
    whoever reads it reports it at the template's line. Raises nothing for whatever the chart holds.
    """
    run = ChartRun(chart.absolute(), shown, render, base, environment)
    try:
        request = request_for(run)
    except SourceError as error:
        return _refused(f"chart {shown}", (_failure(error, Location(join(shown, "Chart.yaml"))),))
    if request.chart.is_library:
        reason = f"{request.chart.name} is a library chart: it renders nothing by itself"
        return Rendering(request.label, skipped=reason)
    if request.failures:
        return _refused(request.label, request.failures)
    with tempfile.TemporaryDirectory(prefix="policylint-") as folder:
        scratch = Path(folder)
        request = without_remote_schemas(request, scratch)
        output = run_helm(request.job, scratch, environment)
        if output is None:
            message = "rendering a chart needs helm on PATH or helm-python-sdk; neither is there"
            place = Location(join(shown, "Chart.yaml"))
            return _refused(request.label, (RenderFailure(place, message, _INSTALL_HELP),))
        varying = Varying()
        if not output.error and not output.limit:
            varying = render_again(request, scratch, lambda job: run_helm(job, scratch, environment))
    return _rendering(request, output, varying)


def _rendering(request: Request, output: Output, varying: Varying) -> Rendering:
    chart, label = request.chart, request.label
    if output.limit:
        place = Location(join(chart.shown, "Chart.yaml"))
        help_text = "look for a loop without end in its templates"
        return _refused(label, (RenderFailure(place, f"rendering this chart {output.limit}", help_text),))
    named = sorted((name, documents) for name, documents in output.documents.items() if documents)
    search = ValuesSearch(request.run)
    sources = tuple(_source(request, search, name, documents, varying) for name, documents in named)
    failures = missing_dependencies(chart, output.missing) if output.missing else ()
    broken, no_objects = unreadable(sources)
    is_told = output.error.startswith("YAML parse error on ") and (broken or no_objects)
    if output.error and not is_told:
        failures = failures_of(chart, output.error, request.values)
    notes = (*request.notes, *output.warnings)[:_MAX_NOTES]
    return Rendering(label, sources, (*failures, *no_objects), notes)


def _source(
    request: Request, search: ValuesSearch, name: str, documents: list[str], varying: Varying
) -> RenderedSource:
    template = template_text(request.chart, name)
    shown = shown_template(request.chart, name)
    text = text_of(documents, template)
    places = map_lines(template, text, shown) if template else {}
    text, lines = varying.settle(name, text, template, places)
    return ChartSource(shown, text, request.label, places, search, name, lines)


def _failure(error: SourceError, otherwise: Location) -> RenderFailure:
    return RenderFailure(error.location or otherwise, error.message)


def _refused(label: str, failures: tuple[RenderFailure, ...]) -> Rendering:
    return Rendering(label, failures=failures)
