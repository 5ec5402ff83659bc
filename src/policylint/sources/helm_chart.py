"""A chart's own files: who it is, whether it may be read, and which file a template's name stands for."""

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document.compose import ParseError, compose
from policylint.document.construct import ConstructError
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.errors import SourceError
from policylint.model import ROOT, Location
from policylint.paths import is_file, is_folder, real_path
from policylint.sources.rendering import RenderFailure

# A chart is read into memory as a whole; helm itself refuses archives that unpack to more than 100 MiB.
MAX_CHART_BYTES = 256 * 1024 * 1024
MAX_CHART_ENTRIES = 100_000
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef", "$schema")
_KNOWN_SCHEMAS = re.compile(r"https?://json-schema\.org/")


class Chart(NamedTuple):
    """A chart folder whose Chart.yaml could be read. `shown` is how the folder's path is printed."""

    folder: Path
    shown: str
    name: str
    is_library: bool
    metadata: Document


class RemoteSchema(NamedTuple):
    """A values.schema.json that refers to another one on the network. `path` is relative to the chart."""

    path: Path
    url: str


def join(shown: str, path: str) -> str:
    """How the file `path` (posix, relative) of the folder printed as `shown` is printed."""
    return path if shown in ("", ".") else f"{shown.rstrip('/')}/{path}"


def read_document(path: Path, shown: str) -> Document | None:
    """The one YAML document of a file, or None for a file without content.

    Raises SourceError, with a location, when the file cannot be read or is not one YAML document.
    """
    place = Location(shown)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError("this file is not UTF-8 text", place) from None
    except OSError as error:
        raise SourceError(f"this file cannot be read: {error.strerror}", place) from None
    source = Source(shown, text)
    composed = list(compose(text))
    if not composed:
        return None
    first = composed[0]
    if isinstance(first, ParseError):
        raise SourceError(f"this is not YAML: {first.message}", source.location(first.offset, first.offset))
    try:
        return Document(source, first.node, first.base, 0, KUBERNETES, "")
    except ConstructError as error:
        index = first.base + error.error.offset
        raise SourceError(error.error.message, source.location(index, index)) from None


def read_chart(folder: Path, shown: str) -> Chart:
    """The chart in `folder`. Raises SourceError when its Chart.yaml is missing or says nothing."""
    path = join(shown, "Chart.yaml")
    if not is_file(folder / "Chart.yaml"):
        raise SourceError("this folder is not a chart: it has no Chart.yaml", Location(path))
    metadata = read_document(folder / "Chart.yaml", path)
    if metadata is None:
        raise SourceError("Chart.yaml is empty", Location(path))
    name = metadata.mapping.get("name")
    if not isinstance(name, str) or not name:
        raise SourceError("Chart.yaml does not name the chart", metadata.location(ROOT))
    return Chart(folder, shown, name, metadata.mapping.get("type") == "library", metadata)


def unsafe_entries(chart: Chart, project: Path) -> Iterator[RenderFailure]:
    """What keeps the chart from being read: links that leave both it and the `project`, cycles, or its sheer size."""
    allowed = (real_path(chart.folder), real_path(project))
    stack: list[tuple[Path, tuple[Path, ...]]] = [(chart.folder, (real_path(chart.folder),))]
    entries = size = 0
    while stack:
        folder, above = stack.pop()
        for entry in _scan(folder):
            entries += 1
            path = Path(entry.path)
            shown = join(chart.shown, path.relative_to(chart.folder).as_posix())
            status = _status(path)
            if status is None:
                yield RenderFailure(Location(shown), "this link in the chart leads nowhere")
                continue
            real = Path(os.path.realpath(path)) if entry.is_symlink() else above[-1] / entry.name
            if not any(real.is_relative_to(root) for root in allowed):
                message = "this link leads out of the chart and of the project, so the chart is not rendered"
                yield RenderFailure(Location(shown), message, "copy the file into the chart")
            elif stat.S_ISDIR(status.st_mode) and real in above:
                yield RenderFailure(Location(shown), "this link leads to a folder that contains it")
            elif stat.S_ISDIR(status.st_mode):
                stack.append((path, (*above, real)))
            elif not stat.S_ISREG(status.st_mode):
                # to read a pipe or a device could take for ever
                yield RenderFailure(
                    Location(shown), "this is neither a file nor a folder, so the chart is not rendered"
                )
            else:
                size += status.st_size
        if entries > MAX_CHART_ENTRIES or size > MAX_CHART_BYTES:
            limit = f"{MAX_CHART_ENTRIES:,} files or {MAX_CHART_BYTES // 1024**2} MiB"
            yield RenderFailure(
                Location(join(chart.shown, "Chart.yaml")), f"the chart's folder holds more than {limit}"
            )
            return


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []  # helm meets the same error and names the folder


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def remote_schemas(chart: Chart) -> list[RemoteSchema]:
    """The chart's (and its unpacked subcharts') schemas for values that cannot be used without a network."""
    found: list[RemoteSchema] = []
    folders = [chart.folder]
    while folders:
        folder = folders.pop()
        path = folder / "values.schema.json"
        if is_file(path):
            url = _remote_reference(path)
            if url:
                found.append(RemoteSchema(path.relative_to(chart.folder), url))
        below = folder / "charts"
        if is_folder(below) and len(folder.relative_to(chart.folder).parts) < 20:
            folders.extend(Path(entry.path) for entry in _scan(below) if entry.is_dir())
    return sorted(found)


def _remote_reference(path: Path) -> str:
    try:
        schema = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""  # helm refuses the schema and says why
    own = {value for item in _mappings(schema) for key in ("$id", "id") if isinstance(value := item.get(key), str)}
    for item in _mappings(schema):
        for key in _REFERENCES:
            value = item.get(key)
            target = value.partition("#")[0] if isinstance(value, str) else ""
            if target and target not in own and not _KNOWN_SCHEMAS.match(target):
                return target
    return ""


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def template_file(chart: Chart, name: str) -> str:
    """The file, relative to the chart, that Helm calls `name` (`chart/charts/sub/templates/x.yaml`).

    Helm names subcharts by their name or alias; their folder or archive may be called otherwise. For a template
    in an archive this is the archive.
    """
    parts = name.split("/")[1:]
    folder = chart.folder
    done: list[str] = []
    while len(parts) > 2 and parts[0] == "charts":
        entry = _subchart(folder, parts[1])
        if entry is None:
            break
        done += ["charts", entry]
        folder = folder / "charts" / entry
        parts = parts[2:]
        if not is_folder(folder):
            return "/".join(done)
    return "/".join([*done, *parts])


def _subchart(folder: Path, name: str) -> str | None:
    charts = folder / "charts"
    if is_folder(charts / name):
        return name
    wanted = {name, *_named(folder / "Chart.yaml", name)}
    entries = [entry.name for entry in _scan(charts)] if is_folder(charts) else []
    for entry in entries:
        if is_folder(charts / entry) and wanted & set(_own_name(charts / entry / "Chart.yaml")):
            return entry
    archive = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(wanted)))})-v?\d[^/]*\.tgz\Z")
    return next((entry for entry in entries if archive.match(entry)), None)


def _named(path: Path, alias: str) -> list[str]:
    """The name of the dependency that a Chart.yaml gives the alias `alias`."""
    dependencies = _mapping_of(path).get("dependencies")
    items = [item for item in dependencies if isinstance(item, dict)] if isinstance(dependencies, list) else []
    return [str(item.get("name")) for item in items if item.get("alias") == alias]


def _own_name(path: Path) -> list[str]:
    name = _mapping_of(path).get("name")
    return [name] if isinstance(name, str) else []


def _mapping_of(path: Path) -> dict[str, Any]:
    try:
        document = read_document(path, path.name)
    except SourceError:
        return {}
    return dict(document.mapping) if document is not None else {}
