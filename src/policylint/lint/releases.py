"""What reaches the cluster together: charts, kustomizations, and the plain manifests of each path that was named."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from policylint.config import Config
from policylint.document.document import Document
from policylint.model import NotJudged
from policylint.paths import is_folder
from policylint.processes import Progress
from policylint.sources.discover import discover, show
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource, LoadFailure, Target, Unit
from policylint.views.release import Release

_FILES = "files"

Identity = tuple[str, str, str, str]


class LoadedRelease(NamedTuple):
    """A release, and what of it could not be loaded. `place` is its absolute path, empty for files named one by one
    and for stdin; `render` is the index into the configuration's charts, or -1; `ci` is the chart's own values file on
    top of it, if any."""

    place: str
    render: int
    release: Release
    failures: tuple[LoadFailure, ...] = ()
    notes: tuple[str, ...] = ()
    ci: str = ""


class Loaded(NamedTuple):
    """Everything at the paths of a run. `failures` holds those of all releases as well."""

    releases: tuple[LoadedRelease, ...]
    failures: tuple[LoadFailure, ...]
    not_judged: tuple[NotJudged, ...]
    notes: tuple[str, ...]


def load_releases(
    paths: Sequence[str], config: Config, overlay: Mapping[str, str | bytes], progress: Progress | None = None
) -> Loaded:
    """The releases at `paths` (files, folders, `-`), in a stable order.

    A chart or kustomization is a release. So are the plain files of a folder that was named, those of its own folders
    included, as `kubectl apply --recursive -f FOLDER` takes them, and all files that were named, together. `overlay`
    holds what stdin says, under `-`.
    """
    discovery = discover(paths, config)
    targets = [target for target in discovery.targets if _is_named(target, paths)]
    plain: dict[str, list[Unit]] = {}
    found, failures = [], [failure for failure in discovery.failures if failure.location.path != config.file]
    not_judged, notes = list(discovery.not_judged), dict[str, None]()
    for done, target in enumerate(targets, 1):
        unit = load(target, config, overlay)
        notes.update(dict.fromkeys(unit.notes))
        if target.kind in ("file", "stdin"):
            plain.setdefault(_folder_of(target, paths), []).append(unit)
        else:
            gathered = _gathered(target.path, target.render, unit.label, [unit], not_judged)
            found.append(gathered._replace(ci=target.ci))
        if progress is not None:
            progress(done, len(targets))
    for place, units in plain.items():
        label = show(place) if place else " ".join("stdin" if unit.label == "-" else unit.label for unit in units)
        found.append(_gathered(place, -1, f"manifests of {label}", units, not_judged))
    failures += [failure for release in found for failure in release.failures]
    return Loaded(tuple(found), tuple(failures), tuple(not_judged), tuple(notes))


def identity(document: Document) -> Identity:
    """What makes two manifests one object of the cluster: the version does not, and neither does a group's move."""
    group = "apps" if document.group == "extensions" else document.group
    return group, document.kind, document.namespace or "default", document.name


def _is_named(target: Target, paths: Iterable[str]) -> bool:
    """Whether a target is at a path, in it, or the chart that it is a part of; the configuration may name more."""
    if target.kind == "stdin":
        return True
    return any(
        _is_in(target.path, path) or _is_in(os.path.abspath(path), target.path)  # noqa: PTH100 -- links stay
        for path in paths
        if path != "-"
    )


def _is_in(path: str, folder: str) -> bool:
    return Path(path).is_relative_to(os.path.abspath(folder))  # noqa: PTH100


def _folder_of(target: Target, paths: Sequence[str]) -> str:
    """The folder that was named and holds the file; nothing for a file that was named itself."""
    folders = [path for path in paths if path != "-" and is_folder(Path(path)) and target.kind == "file"]
    return next((os.path.abspath(folder) for folder in folders if _is_in(target.path, folder)), "")  # noqa: PTH100


def _gathered(place: str, render: int, label: str, units: Sequence[Unit], not_judged: list[NotJudged]) -> LoadedRelease:
    failures: list[LoadFailure] = []
    documents: dict[Identity | int, Document] = {}
    notes = []
    for item in (item for unit in units for item in _items(unit)):
        if isinstance(item, LoadFailure):
            failures.append(item)
        elif isinstance(item, NotJudged):
            not_judged.append(item)
        else:
            name = identity(item) if len(units) > 1 and item.kind and "name" in item.metadata else id(item)
            known = documents.pop(name, None)
            if known is not None:
                places = f"{known.location().path} and {item.location().path}"
                notes.append(f"{item.resource} is in {places}: the later one counts")
            documents[name] = item
    return LoadedRelease(place, render, Release(label, tuple(documents.values())), tuple(failures), tuple(notes))


def _items(unit: Unit) -> Iterator[Document | LoadFailure | NotJudged]:
    for loaded in unit.sources:
        if isinstance(loaded, LoadedSource):
            yield from loaded.items
        else:
            yield loaded
