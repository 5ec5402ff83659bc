"""The kinds that a project's own CustomResourceDefinitions add, looked for when a kind is met that nobody knows."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from policylint.admission.kinds.table import Kind
from policylint.errors import UsageError

_SUFFIXES = (".yaml", ".yml", ".json", ".tpl")
_PASSED_BY = frozenset({".git", "node_modules", ".tox", ".venv", "__pycache__"})
_MOST_FILES = 20_000
_LARGEST = 16 * 1024 * 1024


class ProjectKinds:
    """`crds` are files and folders that the user named, `paths` what a run was asked to judge, `overlay` texts that
    are no files. `minor` is the minor of Kubernetes 1 that the project is for, None when it is not said.

    Files are read when `named` or `found` is first asked for, once.
    """

    def __init__(
        self,
        crds: Sequence[str] = (),
        paths: Sequence[str] = (),
        overlay: Mapping[str, str | bytes] | None = None,
        minor: int | None = None,
    ) -> None:
        self._crds = crds
        self._paths = paths
        self._overlay = overlay or {}
        self.minor = minor

    @cached_property
    def named(self) -> tuple[Kind, ...]:
        """The kinds of the definitions that the user named. Raises UsageError for a path that holds none."""
        kinds: list[Kind] = []
        for name in self._crds:
            path = Path(name)
            if not path.exists():
                raise UsageError(f"there are no CustomResourceDefinitions at {name}: there is no such file or folder")
            found = [kind for file in _files(path) for kind in _kinds_in(file)]
            if not found:
                raise UsageError(f"there are no CustomResourceDefinitions at {name}: it holds none")
            kinds += found
        return tuple(kinds)

    @cached_property
    def found(self) -> tuple[Kind, ...]:
        """The kinds of the definitions in the folders of the run, and beside its files."""
        texts = [text for text in self._overlay.values() if _is_marked(text)]
        kinds = [kind for text in texts for kind in _read(text)]
        seen: set[str] = set()
        for name in self._paths:
            if name == "-":
                continue
            path = Path(name)
            for file in _files(path) if path.is_dir() else _beside(path):
                real = os.path.realpath(file)
                if real not in seen and len(seen) < _MOST_FILES:
                    seen.add(real)
                    kinds += _kinds_in(file)
        return tuple(kinds)


def _files(path: Path) -> Iterator[Path]:
    """`path` itself, or the files below it that may hold manifests."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _PASSED_BY)
        yield from _manifests(Path(folder), names)


def _beside(path: Path) -> Iterator[Path]:
    folder = path.parent
    if folder.is_dir():
        yield from _manifests(folder, [file.name for file in folder.iterdir()])


def _manifests(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    for name in sorted(names):
        if name.endswith(_SUFFIXES):
            yield folder / name


def _kinds_in(path: Path) -> list[Kind]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return []
        data = path.read_bytes()
    except OSError:
        # what cannot be read is a finding of its own where it is to be judged
        return []
    return _read(data) if _is_marked(data) else []


def _is_marked(text: str | bytes) -> bool:
    from policylint.admission.kinds.definitions import MARKS

    data = text.encode(errors="replace") if isinstance(text, str) else text
    return any(mark in data for mark in MARKS)


def _read(text: str | bytes) -> list[Kind]:
    from policylint.admission.kinds.definitions import kinds_in

    return list(kinds_in(text if isinstance(text, str) else text.decode(errors="replace")))
