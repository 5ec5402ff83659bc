"""Helm charts: from a chart's folder to the text of each template, with every line traced to the template.

Charts are untrusted: nothing of them is executed but their templates, by Helm, in a child process without plugins,
network or cluster and with limits on time, memory and output; nothing is written into their folder.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from yaml import MappingNode, SequenceNode

from policylint.config import ChartRender
from policylint.document.compose import ParseError, compose
from policylint.document.source import RenderedSource
from policylint.errors import SourceError
from policylint.model import Location
from policylint.paths import is_file, real_path
from policylint.sources.helm_backends import (
    DEFAULT_KUBE_VERSION,
    Job,
    Output,
    render_with_program,
    render_with_sdk,
    sdk_folder,
)
from policylint.sources.helm_chart import (
    Chart,
    join,
    read_chart,
    read_document,
    remote_schemas,
    template_file,
    unsafe_entries,
)
from policylint.sources.helm_errors import failures_of, missing_dependencies
from policylint.sources.limits import find_program
from policylint.sources.provenance import map_lines
from policylint.sources.rendering import RenderFailure, Rendering

__all__ = ["DEFAULT_KUBE_VERSION", "RenderFailure", "Rendering", "render_chart"]

# helm/pkg/chart/v2/util/validate_name.go, and the name that `helm template` itself falls back to
_RELEASE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_FALLBACK_RELEASE = "release-name"
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
_VERSION = re.compile(r"v?\d+(\.\d+){0,2}([-+][0-9A-Za-z.+-]+)?\Z")
_API_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]*\Z")
_KIND = re.compile(r"^[\"']?kind[\"']?:\s*[\"']?(\w+)", re.MULTILINE)
_HOOK = re.compile(r"^\s+[\"']?helm\.sh/hook[\"']?:", re.MULTILINE)
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
    folder = chart.absolute()
    try:
        description = read_chart(folder, shown)
        values = tuple(_values_file(description, path, base) for path in render.values)
        release = _release(description, render)
    except SourceError as error:
        return _refused(f"chart {shown}", (_failure(error, Location(join(shown, "Chart.yaml"))),))
    label = _label(description, render, release)
    if description.is_library:
        return Rendering(label, skipped=f"{description.name} is a library chart: it renders nothing by itself")
    refused = (*_wrong_options(description, render), *unsafe_entries(description, base))
    if refused:
        return _refused(label, refused)
    version = render.kube_version or DEFAULT_KUBE_VERSION
    files = tuple(path for path, _ in values)
    job = Job(folder, description.name, release, render.namespace, files, render.set, version, render.api_versions)
    with tempfile.TemporaryDirectory(prefix="policylint-") as scratch:
        job, notes = _without_remote_schemas(description, job, Path(scratch))
        output = _render(job, Path(scratch), environment)
    if output is None:
        message = "rendering a chart needs helm on PATH or helm-python-sdk; neither is there"
        return _refused(label, (RenderFailure(Location(join(shown, "Chart.yaml")), message, _INSTALL_HELP),))
    return _rendering(description, label, output, values, notes)


def _render(job: Job, scratch: Path, environment: Mapping[str, str]) -> Output | None:
    program = find_program("helm", environment)
    try:
        if program is not None:
            return render_with_program(program, job, scratch, environment)
        folder = sdk_folder()
        return render_with_sdk(folder, job, scratch, environment) if folder is not None else None
    except OSError as error:
        return Output(error=f"{error.filename or 'helm'} cannot be started: {error.strerror}")


def _rendering(
    chart: Chart, label: str, output: Output, values: tuple[tuple[Path, str], ...], notes: tuple[str, ...]
) -> Rendering:
    place = Location(join(chart.shown, "Chart.yaml"))
    if output.limit:
        help_text = "look for a loop without end in its templates"
        return _refused(label, (RenderFailure(place, f"rendering this chart {output.limit}", help_text),))
    named = sorted((name, documents) for name, documents in output.documents.items() if documents)
    sources = tuple(_source(chart, name, documents, label) for name, documents in named)
    failures = missing_dependencies(chart, output.missing) if output.missing else ()
    broken, no_objects = _unreadable(sources)
    is_told = output.error.startswith("YAML parse error on ") and (broken or no_objects)
    if output.error and not is_told:
        failures = failures_of(chart, output.error, values)
    return Rendering(label, sources, (*failures, *no_objects), (*notes, *output.warnings)[:_MAX_NOTES])


def _unreadable(sources: tuple[RenderedSource, ...]) -> tuple[bool, list[RenderFailure]]:
    """Whether some text is not YAML (whose reader will say so with its line), and the YAML that is no object."""
    broken = False
    failures: list[RenderFailure] = []
    for source in sources:
        for document in compose(source.text):
            if isinstance(document, ParseError):
                broken = True
            elif not isinstance(document.node, MappingNode) and document.node.value:
                start = document.base + document.node.start_mark.index
                what = "a list" if isinstance(document.node, SequenceNode) else "plain text"
                message = f"this renders to {what}, where helm wants Kubernetes objects"
                failures.append(RenderFailure(source.location(start, start), message))
    return broken, failures


def _source(chart: Chart, name: str, documents: list[str], label: str) -> RenderedSource:
    relative = template_file(chart, name)
    shown = join(chart.shown, relative)
    template = _template_text(chart.folder / relative)
    text = "\n---\n".join(_in_template_order(documents, template)) + "\n"
    return RenderedSource(shown, text, label, map_lines(template, text, shown) if template else {})


def _template_text(path: Path) -> str:
    if path.suffix == ".tgz":
        return ""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _in_template_order(documents: list[str], template: str) -> list[str]:
    """Documents in the order of the template's `kind:` lines.

    The helm program sorts documents by when they are to be installed, hooks last, and keeps the order only within a
    kind; the SDK does not sort. The first sorting here makes both alike.
    """
    alike = sorted(documents, key=lambda document: (_kind(document), _HOOK.search(document) is not None))
    lines: dict[str, list[int]] = {}
    for match in _KIND.finditer(template):
        lines.setdefault(match.group(1), []).append(match.start())
    counts: dict[str, int] = {}
    for document in alike:
        counts[_kind(document)] = counts.get(_kind(document), 0) + 1
    seen: dict[str, int] = {}
    placed = []
    for document in alike:
        kind = _kind(document)
        own = lines.get(kind, [len(template)])
        index = seen.get(kind, 0) if len(own) == counts[kind] else 0
        seen[kind] = seen.get(kind, 0) + 1
        placed.append((own[index], document))
    return [document for _, document in sorted(placed, key=lambda item: item[0])]


def _kind(document: str) -> str:
    match = _KIND.search(document)
    return match.group(1) if match is not None else ""


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


def _values_file(chart: Chart, path: str, base: Path) -> tuple[Path, str]:
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


def _without_remote_schemas(chart: Chart, job: Job, scratch: Path) -> tuple[Job, tuple[str, ...]]:
    """The job with a copy of the chart that lacks the schemas which need the network, and notes that say so."""
    remote = remote_schemas(chart)
    if not remote:
        return job, ()
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
    return job._replace(chart=copy), notes


def _failure(error: SourceError, otherwise: Location) -> RenderFailure:
    return RenderFailure(error.location or otherwise, error.message)


def _refused(label: str, failures: tuple[RenderFailure, ...]) -> Rendering:
    return Rendering(label, failures=failures)
