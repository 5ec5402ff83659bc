"""Kustomizations: from a folder to what `kustomize build` makes of it, with every document traced to its file.

Nothing of the folder is executed and nothing is written into it: plugins, functions, helm and anything remote are
refused before kustomize starts, and it runs with limits on time, memory and output.
"""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from policylint.document.compose import ParseError, compose
from policylint.document.source import Source
from policylint.errors import SourceError
from policylint.model import Location
from policylint.paths import is_file, real_path
from policylint.sources.helm_chart import join
from policylint.sources.kustomize_origins import read_built, sources_of
from policylint.sources.kustomize_parts import Kustomization, kustomization_parts, read_kustomization, refusals
from policylint.sources.limits import find_program, offline_environment, run_limited
from policylint.sources.rendering import RenderFailure, Rendering

__all__ = ["kustomization_parts", "render_kustomization"]

_MAX_MESSAGE = 600
_LOGGED = re.compile(r'err="((?:[^"\\]|\\.)*)"')
_ERROR = re.compile(r"^[Ee]rror: (.*)", re.MULTILINE | re.DOTALL)
_KEPT_METADATA = ("managedByLabel",)


def render_kustomization(folder: Path, shown: str, environment: Mapping[str, str] = os.environ) -> Rendering:
    """Build the kustomization in `folder`, printed as `shown`, with `kustomize` or `kubectl kustomize`.

    Raises nothing for whatever the folder holds.
    """
    label = f"kustomization {shown}"
    real = real_path(folder)
    try:
        kustomization = read_kustomization(real, shown)
    except SourceError as error:
        return Rendering(label, failures=(RenderFailure(error.location or Location(shown), error.message),))
    place = Location(kustomization.document.source.path)
    if kustomization.document.kind == "Component":
        return Rendering(label, skipped="a component renders nothing by itself, only where a kustomization includes it")
    refused = tuple(refusals(real, shown))
    if refused:
        return Rendering(label, failures=refused)
    command = _command(environment)
    if command is None:
        message = "rendering a kustomization needs kustomize or kubectl on PATH; neither is there"
        return Rendering(label, failures=(RenderFailure(place, message, "install kustomize or kubectl"),))
    with tempfile.TemporaryDirectory(prefix="policylint-") as made:
        scratch = real_path(Path(made))
        _write_wrapper(scratch, real, kustomization)
        try:
            ran = run_limited([*command, str(scratch)], scratch, offline_environment(scratch, environment))
        except OSError as error:
            message = f"{command[0]} cannot be started: {error.strerror}"
            return Rendering(label, failures=(RenderFailure(place, message),))
    if ran.limit_message:
        return Rendering(label, failures=(RenderFailure(place, f"rendering this kustomization {ran.limit_message}"),))
    if ran.code:
        return Rendering(label, failures=_failures(kustomization, _message(ran.errors, scratch)))
    built = read_built(ran.output.decode("utf-8", "replace"))
    return Rendering(label, tuple(sources_of(built, scratch, real, shown, place.path, label)))


def _command(environment: Mapping[str, str]) -> list[str] | None:
    kustomize = find_program("kustomize", environment)
    if kustomize is not None:
        return [kustomize, "build"]
    kubectl = find_program("kubectl", environment)
    return [kubectl, "kustomize"] if kubectl is not None else None


def _write_wrapper(scratch: Path, folder: Path, kustomization: Kustomization) -> None:
    """A kustomization in `scratch` that includes the one in `folder` and asks where each document comes from."""
    own = kustomization.document.mapping.get("buildMetadata")
    kept = [name for name in _KEPT_METADATA if isinstance(own, list) and name in own]
    wrapper = {"resources": [os.path.relpath(folder, scratch)], "buildMetadata": ["originAnnotations", *kept]}
    (scratch / "kustomization.yaml").write_text(json.dumps(wrapper), encoding="utf-8")


def _message(errors: str, scratch: Path) -> str:
    """What kustomize says is wrong, without what surrounds it and without our own folder."""
    logged = _LOGGED.search(errors)
    plain = _ERROR.search(errors)
    text = logged.group(1).replace('\\"', '"').replace("\\n", " ") if logged is not None else errors
    text = plain.group(1) if logged is None and plain is not None else text
    line = " ".join(text.replace(f"{scratch}/", "").split())
    return line if len(line) <= _MAX_MESSAGE else line[: _MAX_MESSAGE - 1] + "…"


def _failures(kustomization: Kustomization, message: str) -> tuple[RenderFailure, ...]:
    """The failures behind kustomize's `message`: what cannot be parsed, else the entry that it speaks of."""
    broken = [failure for reference in kustomization.references for failure in _broken(kustomization, reference.text)]
    if broken:
        return tuple(broken)
    named = [reference for reference in kustomization.references if _speaks_of(message, reference.text)]
    path = kustomization.document.source.path
    location = max(named, key=lambda reference: len(reference.text)).location if named else Location(path)
    return (RenderFailure(location, f"kustomize cannot build this: {message}"),)


def _speaks_of(message: str, name: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", message) is not None


def _broken(kustomization: Kustomization, name: str) -> list[RenderFailure]:
    file = kustomization.folder / name
    if file.suffix not in (".yaml", ".yml", ".json") or not is_file(file):
        return []
    shown = Path(os.path.normpath(join(Path(kustomization.document.source.path).parent.as_posix(), name))).as_posix()
    try:
        source = Source(shown, file.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return [RenderFailure(Location(shown), f"this file cannot be read: {error}")]
    errors = [document for document in compose(source.text) if isinstance(document, ParseError)]
    return [
        RenderFailure(source.location(error.offset, error.offset), f"this is not YAML: {error.message}")
        for error in errors
    ]
