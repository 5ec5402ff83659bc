"""Helm's error messages, as failures at the place in the user's files that is to blame."""

import re
from collections.abc import Callable
from pathlib import Path

from policylint.document.document import Document
from policylint.document.source import Source
from policylint.errors import SourceError
from policylint.model import Location, YamlPath
from policylint.sources.helm_chart import Chart, join, read_document, template_file
from policylint.sources.rendering import RenderFailure

_MAX_MESSAGE = 600

_EXECUTION = re.compile(
    r"execution error at \((?P<path>[^()\n]+?):(?P<line>\d+)(?::(?P<column>\d+))?\): (?P<message>.*)", re.DOTALL
)
_PARSE = re.compile(r"parse error at \((?P<path>[^()\n]+?):(?P<line>\d+)\): (?P<message>.*)", re.DOTALL)
_AT = re.compile(r"(?P<path>[^\s():]+/[^\s():]+):(?P<line>\d+):(?P<column>\d+)")
_CAUSE = re.compile(r"at <(?P<expression>.*?)>:\s*(?!error calling include)(?P<message>.+)", re.DOTALL)
_LOAD = re.compile(
    r"cannot load (?P<path>[\w./-]*?(?:values\.yaml|Chart\.yaml|requirements\.yaml)): (?P<message>.*)", re.DOTALL
)
_YAML = re.compile(r"YAML parse error on (?P<path>[^\s:]+): (?P<message>.*)", re.DOTALL)
_MISSING = re.compile(r"missing in charts/ directory: (?P<names>.*)")
_KUBE_VERSION = re.compile(r"chart requires kubeVersion: .* which is incompatible with Kubernetes .*")
_SCHEMA = re.compile(r"values don't meet the specifications of the schema")
_SCHEMA_CHART = re.compile(r"^(?P<chart>[\w.-]+):$", re.MULTILINE)
_SCHEMA_ITEM = re.compile(r"^\s*- (?:at '(?P<pointer>[^']*)': )?(?P<message>.+)$")
_NESTED = re.compile(r"rendering template has a nested reference name: (?P<name>[^:]+): unable to execute template")


def failures_of(chart: Chart, error: str, values: tuple[tuple[Path, str], ...]) -> tuple[RenderFailure, ...]:
    """The failures that Helm's message `error` means. `values` are the values files: path and how it is shown."""
    missing = _MISSING.search(error)
    if missing is not None:
        return missing_dependencies(chart, tuple(name.strip() for name in missing.group("names").split(",")))
    if _SCHEMA.search(error):
        return _schema_failures(chart, error, values)
    readers: tuple[Callable[[Chart, str], RenderFailure | None], ...] = (
        _nested,
        _located,
        _executed,
        _loaded,
        _versions,
    )
    for reader in readers:
        failure = reader(chart, error)
        if failure is not None:
            return (failure,)
    return (RenderFailure(_chart_place(chart), f"helm cannot render this chart: {_short(error)}"),)


def missing_dependencies(chart: Chart, names: tuple[str, ...]) -> tuple[RenderFailure, ...]:
    """A failure for each dependency that is declared but not in charts/, where it is declared."""
    document = chart.metadata
    if "dependencies" not in document.mapping:
        old = _readable(chart.folder / "requirements.yaml", join(chart.shown, "requirements.yaml"))
        document = old if old is not None else document
    dependencies = document.mapping.get("dependencies")
    declared = dependencies if isinstance(dependencies, list) else []
    lines = {item.get("name"): index for index, item in enumerate(declared) if isinstance(item, dict)}
    failures = []
    for name in names:
        path = YamlPath.of("dependencies", lines[name], "name") if name in lines else YamlPath.of("dependencies")
        location = document.location(path)
        message = f"the dependency {name} is not in charts/, so the chart cannot be rendered"
        failures.append(RenderFailure(location, message, f"run `helm dependency build {chart.shown}` first"))
    return tuple(failures)


def _nested(chart: Chart, error: str) -> RenderFailure | None:
    nested = _NESTED.search(error)
    if nested is None:
        return None
    first = _AT.search(error)
    message = f"the template {nested.group('name')} includes itself without end"
    return RenderFailure(_place(chart, first) if first is not None else _chart_place(chart), message)


def _located(chart: Chart, error: str) -> RenderFailure | None:
    """A failure whose message carries one position and then the cause."""
    executed = _EXECUTION.search(error)
    if executed is not None:
        message = f"the chart stops here: {_short(executed.group('message'))}"
        return RenderFailure(_place(chart, executed), message, wants_values=True)
    parsed = _PARSE.search(error)
    if parsed is not None:
        return RenderFailure(_place(chart, parsed), f"this is not a template: {_short(parsed.group('message'))}")
    broken = _YAML.search(error)
    if broken is not None:
        shown = join(chart.shown, template_file(chart, broken.group("path")))
        return RenderFailure(
            Location(shown), f"this renders to text that helm refuses: {_short(broken.group('message'))}"
        )
    return None


def _executed(chart: Chart, error: str) -> RenderFailure | None:
    """A failure with a chain of positions: the last is where it went wrong, the first where that was used."""
    places = list(_AT.finditer(error))
    if not places:
        return None
    cause = _CAUSE.search(error, places[-1].end())
    if cause is not None:
        what = f"{_short(cause.group('message'))} (at `{cause.group('expression')}`)"
    else:
        what = _short(error[places[-1].end() :].rpartition("error calling include:")[2])
    innermost, outermost = _place(chart, places[-1]), _place(chart, places[0])
    if innermost[:2] != outermost[:2]:
        what += f"; used by {outermost.path}:{outermost.line}"
    return RenderFailure(innermost, f"this cannot be rendered: {what}")


def _loaded(chart: Chart, error: str) -> RenderFailure | None:
    load = _LOAD.search(error)
    if load is None:
        return None
    path = load.group("path")
    try:
        read_document(chart.folder / path, join(chart.shown, path))
    except SourceError as found:
        if found.location is not None:
            return RenderFailure(found.location, found.message)
    line = re.search(r"\bline (\d+)", error)
    place = Location(join(chart.shown, path), int(line.group(1)), 1, int(line.group(1)), 1) if line else None
    message = load.group("message").rpartition("error converting YAML to JSON: ")[2]
    if "cannot unmarshal" in message and "map[string]" in message:
        message = "it holds no mapping"
    return RenderFailure(place or Location(join(chart.shown, path)), f"helm cannot read this file: {_short(message)}")


def _versions(chart: Chart, error: str) -> RenderFailure | None:
    wrong = _KUBE_VERSION.search(error)
    if wrong is None:
        return None
    location = chart.metadata.location(YamlPath.of("kubeVersion"))
    return RenderFailure(location, _short(wrong.group()), "set kube-version for this chart in the configuration")


def _schema_failures(chart: Chart, error: str, values: tuple[tuple[Path, str], ...]) -> tuple[RenderFailure, ...]:
    files = [*reversed(values), (chart.folder / "values.yaml", join(chart.shown, "values.yaml"))]
    documents = [document for file in files if (document := _readable(*file)) is not None]
    failures = []
    owner = chart.name
    for line in error.splitlines():
        heading = _SCHEMA_CHART.match(line)
        item = _SCHEMA_ITEM.match(line)
        if heading is not None:
            owner = heading.group("chart")
        elif item is not None:
            steps = [owner] if owner != chart.name else []
            pointer = item.group("pointer") or ""
            path = YamlPath([*steps, *(_step(step) for step in pointer.split("/")[1:])])
            refused = f"the value {path}" if path else "the values"
            message = f"the chart's schema refuses {refused}: {item.group('message')}"
            failures.append(RenderFailure(_value_place(chart, documents, path), message, wants_values=True))
    return tuple(failures) or (RenderFailure(_chart_place(chart), _short(error)),)


def _step(step: str) -> str | int:
    return int(step) if step.isdecimal() else step.replace("~1", "/").replace("~0", "~")


def _value_place(chart: Chart, documents: list[Document], path: YamlPath) -> Location:
    for document in documents:
        if not document.find(path).missing:
            return document.location(path)
    return Location(join(chart.shown, "values.yaml"))


def _readable(path: Path, shown: str) -> Document | None:
    try:
        return read_document(path, shown)
    except SourceError:
        return None


def _place(chart: Chart, match: re.Match[str]) -> Location:
    groups = match.groupdict()
    relative = template_file(chart, groups["path"])
    line = int(groups["line"][:9])
    # Go counts bytes from 0 in template positions; in lines of ASCII the character is one further
    column = int(groups["column"][:9]) + 1 if groups.get("column") else 1
    shown = join(chart.shown, relative)
    try:
        source = Source(shown, (chart.folder / relative).read_bytes().decode("utf-8-sig", "replace"))
    except OSError:
        return Location(shown, line, column, line, column)
    line = min(line, source.line_count)
    text = source.line_text(line)
    if line == source.line_count and not text and line > 1:
        line, text = line - 1, source.line_text(line - 1)  # the end of the file, after its last line break
    return Location(shown, line, min(column, len(text) + 1), line, len(text) + 1)


def _chart_place(chart: Chart) -> Location:
    return Location(join(chart.shown, "Chart.yaml"))


def _short(text: str) -> str:
    """One line, without the words that say only that an error is an error."""
    line = (
        " ".join(text.split()).removeprefix("error converting YAML to JSON: ").removeprefix("error calling include: ")
    )
    return line if len(line) <= _MAX_MESSAGE else line[: _MAX_MESSAGE - 1] + "…"
