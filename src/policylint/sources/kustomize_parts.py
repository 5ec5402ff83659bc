"""What a kustomization refers to: local files and folders, and whatever would need a network or a plugin.

Field names and their meaning: kustomize api/types/kustomization.go. What counts as remote: api/internal/git/repospec.go
`NewRepoSpecFromURL` and api/internal/loader/fileloader.go.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.errors import SourceError
from policylint.model import Location, YamlPath
from policylint.paths import exists, is_file, is_folder, real_path
from policylint.sources.helm_chart import join, read_document
from policylint.sources.rendering import RenderFailure

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MAX_KUSTOMIZATIONS = 1000

_REMOTE = re.compile(r"[a-z+]+://|git::|gh:|(?:www\.)?github\.com[/:]|[^/\s]+@[^/\s:]+:", re.IGNORECASE)
_LOOKS_REMOTE = re.compile(r"\?(?:ref|version|timeout|submodules)=|\.git(?:/|\?|\Z)|/_git/")
_PLUGIN_FIELDS = ("generators", "transformers", "validators")
_HELM_FIELDS = ("helmCharts", "helmChartInflationGenerator")
# a field, and the fields of its items that hold a path or a list of paths; none when the items are paths themselves
_FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("resources", ()),
    ("bases", ()),
    ("components", ()),
    ("crds", ()),
    ("configurations", ()),
    ("patchesStrategicMerge", ()),
    *((field, ()) for field in _PLUGIN_FIELDS),
    ("patches", ("path",)),
    ("patchesJson6902", ("path",)),
    ("replacements", ("path",)),
    ("configMapGenerator", ("files", "envs", "env")),
    ("secretGenerator", ("files", "envs", "env")),
    ("openapi", ("path",)),
)
_FOLDER_FIELDS = ("resources", "bases", "components", *_PLUGIN_FIELDS)


class Reference(NamedTuple):
    """One entry that names something. `file` is the local path that it means, whether or not that exists."""

    field: str
    text: str
    file: Path
    location: Location

    @property
    def is_remote(self) -> bool:
        return bool(_REMOTE.match(self.text)) or bool(_LOOKS_REMOTE.search(self.text) and not exists(self.file))


class Kustomization(NamedTuple):
    """A kustomization file and its entries. `inline` holds the plugin configurations that stand in it as strings."""

    folder: Path
    document: Document
    references: tuple[Reference, ...]
    inline: tuple[Reference, ...]


def kustomization_file(folder: Path) -> Path | None:
    return next((folder / name for name in NAMES if is_file(folder / name)), None)


def read_kustomization(folder: Path, shown: str) -> Kustomization:
    """The kustomization in `folder`. Raises SourceError when there is none or it cannot be read."""
    file = kustomization_file(folder)
    if file is None:
        raise SourceError("this folder holds no kustomization", Location(shown))
    path = join(shown, file.name)
    document = read_document(file, path)
    if document is None:
        raise SourceError("this kustomization is empty", Location(path))
    if not isinstance(document.data, dict):
        raise SourceError("a kustomization is a mapping", document.location())
    references: list[Reference] = []
    inline: list[Reference] = []
    for field, where, text in _entries(document.data):
        target = inline if "\n" in text.strip() else references
        target.append(Reference(field, text, folder / text, document.location(where)))
    return Kustomization(folder, document, tuple(references), tuple(inline))


def _entries(data: dict[str, Any]) -> Iterator[tuple[str, YamlPath, str]]:
    for field, keys in _FIELDS:
        value = data.get(field)
        items = value if isinstance(value, list) else [] if value is None else [value]
        for index, item in enumerate(items):
            here = YamlPath.of(field, index) if isinstance(value, list) else YamlPath.of(field)
            if not keys:
                yield from _strings(field, here, item)
            elif isinstance(item, dict):
                for key in keys:
                    yield from _strings(key, here / key, item.get(key), field)


def _strings(key: str, path: YamlPath, value: Any, field: str = "") -> Iterator[tuple[str, YamlPath, str]]:
    items = [(path / index, item) for index, item in enumerate(value)] if isinstance(value, list) else [(path, value)]
    for where, text in items:
        if isinstance(text, str) and text:
            # generators take `key=path`
            yield field or key, where, text.partition("=")[2] or text if key == "files" else text


def kustomization_parts(folder: Path) -> set[Path]:
    """The existing local files and folders that the kustomization in `folder` names; none when it cannot be read."""
    try:
        kustomization = read_kustomization(folder, folder.as_posix())
    except SourceError:
        return set()
    return {reference.file for reference in kustomization.references if exists(reference.file)}


def refusals(folder: Path, shown: str) -> Iterator[RenderFailure]:
    """Why the kustomization, with every local one that it builds on, cannot be rendered offline and without plugins."""
    # each pending folder comes with how it is shown, and with the folders on the way to it
    stack: list[tuple[Path, str, tuple[Path, ...]]] = [(real_path(folder), shown, ())]
    done: set[Path] = set()
    while stack and len(done) < MAX_KUSTOMIZATIONS:
        here, here_shown, above = stack.pop()
        if here in done:
            continue
        done.add(here)
        try:
            kustomization = read_kustomization(here, here_shown)
        except SourceError as error:
            yield RenderFailure(error.location or Location(here_shown), error.message)
            continue
        yield from _helm_refusals(kustomization)
        for reference in kustomization.inline:
            yield from _plugin_refusals(reference, reference.text)
        for reference in kustomization.references:
            failure = _refusal(reference)
            real = real_path(reference.file)
            if failure is not None:
                yield failure
            elif is_folder(reference.file) and real in (here, *above):
                yield RenderFailure(reference.location, f"{reference.text} leads back to a kustomization that uses it")
            elif is_folder(reference.file):
                stack.append((real, _normal(join(here_shown, reference.text)), (*above, here)))
            elif reference.field in _PLUGIN_FIELDS and is_file(reference.file):
                yield from _plugin_refusals(reference, _text(reference.file))


def _refusal(reference: Reference) -> RenderFailure | None:
    name = f"{reference.field} names {reference.text}"
    if reference.is_remote:
        message = f"{name}, which is not on this machine; policylint fetches nothing"
        return RenderFailure(reference.location, message, "keep a copy in the repository, or check the rendered output")
    if not exists(reference.file):
        return RenderFailure(reference.location, f"{name}, which does not exist")
    if is_folder(reference.file) and reference.field in _FOLDER_FIELDS and kustomization_file(reference.file) is None:
        return RenderFailure(reference.location, f"{name}, a folder without a kustomization")
    return None


def _helm_refusals(kustomization: Kustomization) -> Iterator[RenderFailure]:
    for field in _HELM_FIELDS:
        if kustomization.document.mapping.get(field):
            location = kustomization.document.location(YamlPath.of(field))
            message = f"{field} runs helm, and may fetch charts; policylint renders kustomizations without it"
            yield RenderFailure(location, message, "list the chart under `charts` in policylint's configuration")


def _plugin_refusals(reference: Reference, text: str) -> Iterator[RenderFailure]:
    """Whatever is configured in `text` and is not one of kustomize's own, harmless plugins."""
    if reference.field not in _PLUGIN_FIELDS:
        return
    for document in re.split(r"^---", text, flags=re.MULTILINE):
        builtin = re.search(r"^apiVersion:\s*[\"']?builtin[\"']?\s*$", document, re.MULTILINE)
        runs_helm = re.search(r"^kind:\s*[\"']?HelmChartInflationGenerator\b", document, re.MULTILINE)
        if re.search(r"^\w", document, re.MULTILINE) and (builtin is None or runs_helm is not None):
            message = f"{reference.field} configures a plugin, which policylint does not run"
            yield RenderFailure(reference.location, message, "check the rendered output instead")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def _normal(path: str) -> str:
    """`a/b/../c` as `a/c`."""
    import os

    return Path(os.path.normpath(path)).as_posix()
