"""From what is asked of a chart to a job for Helm, with everything refused that Helm would misread or reach out for."""

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from policylint.config import ChartRender
from policylint.errors import SourceError
from policylint.model import Location
from policylint.paths import is_file, real_path
from policylint.sources.helm_backends import DEFAULT_KUBE_VERSION, Job
from policylint.sources.helm_chart import Chart, join, read_chart, read_document, remote_schemas, unsafe_entries
from policylint.sources.rendering import ChartRun, RenderFailure

# helm/pkg/chart/v2/util/validate_name.go, and the name that `helm template` itself falls back to
_RELEASE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_FALLBACK_RELEASE = "release-name"
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
_VERSION = re.compile(r"v?\d+(\.\d+){0,2}([-+][0-9A-Za-z.+-]+)?\Z")
_API_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]*\Z")

ValuesFile = tuple[Path, str]


class Request(NamedTuple):
    """A render that may be asked of Helm. `values` are the values files: real path, and how it is shown.

    `failures` say what keeps it from being asked; `notes` are for the summary.
    """

    run: ChartRun
    chart: Chart
    job: Job
    label: str
    values: tuple[ValuesFile, ...]
    failures: tuple[RenderFailure, ...]
    notes: tuple[str, ...] = ()


def request_for(run: ChartRun) -> Request:
    """The request that `run` comes to. Raises SourceError when the chart or a values file cannot be read."""
    chart = read_chart(run.chart, run.shown)
    render = run.render
    values = tuple(_values_file(chart, path, run.base) for path in render.values)
    release = _release(chart, render)
    version = render.kube_version or DEFAULT_KUBE_VERSION
    files = tuple(path for path, _ in values)
    job = Job(
        chart.folder, chart.name, release, render.namespace, files, render.set, version, render.api_versions
    )  # fmt: skip
    failures = (*_wrong_options(chart, render), *unsafe_entries(chart, run.base)) if not chart.is_library else ()
    return Request(run, chart, job, _label(chart, render, release), values, failures)


def without_remote_schemas(request: Request, scratch: Path) -> Request:
    """The request for a copy of the chart that lacks the schemas which need the network, with notes that say so."""
    chart, remote = request.chart, remote_schemas(request.chart)
    if not remote:
        return request
    copy = scratch / "chart"
    dropped = {chart.folder / schema.path for schema in remote}
    shutil.copytree(
        chart.folder, copy, ignore=lambda folder, names: {name for name in names if Path(folder) / name in dropped}
    )
    notes = tuple(
        f"{join(chart.shown, schema.path.as_posix())} refers to {schema.url}, which is not fetched: "
        "the values were not checked against it"
        for schema in remote
    )
    return request._replace(job=request.job._replace(chart=copy), notes=notes)


def _release(chart: Chart, render: ChartRender) -> str:
    if render.release:
        if len(render.release) > 53 or not _RELEASE_NAME.match(render.release):
            raise SourceError(f"{render.release!r} cannot be the name of a release")
        return render.release
    usable = len(chart.name) <= 53 and _RELEASE_NAME.match(chart.name)
    return chart.name if usable else _FALLBACK_RELEASE


def _label(chart: Chart, render: ChartRender, release: str) -> str:
    parts = [f"chart {chart.name}", f"release {release}"]
    if render.namespace != "default":
        parts.append(f"namespace {render.namespace}")
    if render.values:
        parts.append(f"values {' + '.join(render.values)}")
    if render.set:
        parts.append(f"set {' '.join(render.set)}")
    return ", ".join(parts)


def _values_file(chart: Chart, path: str, base: Path) -> ValuesFile:
    """The real path of a values file and how it is shown. Raises SourceError when it cannot be used."""
    real = real_path(base / path)
    shown = Path(os.path.relpath(base / path)).as_posix()
    if "://" in path or not any(real.is_relative_to(real_path(root)) for root in (base, chart.folder)):
        raise SourceError(f"the values file {path} lies outside of the project", Location(shown))
    if not is_file(real):
        raise SourceError(f"the values file {path} does not exist", Location(shown))
    document = read_document(real, shown)
    if document is not None and document.data is not None and not isinstance(document.data, dict):
        raise SourceError("a values file holds a mapping", document.location())
    return real, shown


def _wrong_options(chart: Chart, render: ChartRender) -> list[RenderFailure]:
    wrong = []
    if not _NAMESPACE.match(render.namespace):
        wrong.append(f"{render.namespace!r} cannot be the name of a namespace")
    if render.kube_version and not _VERSION.match(render.kube_version):
        wrong.append(f"kube-version {render.kube_version!r} is not a version, such as 1.34 or 1.34.2")
    wrong += [
        f"api-version {v!r} is not one, such as apps/v1" for v in render.api_versions if not _API_VERSION.match(v)
    ]
    return [RenderFailure(Location(join(chart.shown, "Chart.yaml")), message) for message in wrong]
