"""From the paths that a suite names to the files that they mean."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from policylint.errors import did_you_mean
from policylint.model import ROOT, YamlPath
from policylint.paths import exists, is_file, is_folder

_SUFFIXES = (".yaml", ".yml")
_MAGIC = "*?["


class SuiteError(Exception):
    """Why a suite, or a file that it names, cannot be used. `line` is the suite's, 0 when it is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Named(NamedTuple):
    """A path or name as a suite writes it, and where it does."""

    text: str
    line: int
    path: YamlPath = ROOT


def is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def expand(base: Path, named: Named, suffixes: Sequence[str] = _SUFFIXES) -> list[Path]:
    """The files that a path names: itself, the YAML files of a folder, or those that a glob matches; in order.

    Raises SuiteError when there is no such file, and for addresses on the network, which are not fetched.
    """
    if is_url(named.text):
        message = f"{named.text!r} is an address on the network, and suites run offline: keep a copy beside the suite"
        raise SuiteError(message, named.line)
    path = base / named.text
    if is_folder(path):
        return sorted(entry for entry in path.iterdir() if entry.suffix in suffixes and is_file(entry))
    if exists(path):
        return [path]
    found = _glob(base, named.text) if any(character in named.text for character in _MAGIC) else []
    if not found:
        raise SuiteError(f"there is no file {named.text!r}{_nearest(path)}", named.line)
    return found


def one_file(base: Path, named: Named) -> Path:
    """The one file that a path names. Raises SuiteError."""
    if is_url(named.text):
        return expand(base, named)[0]
    path = base / named.text
    if not is_file(path):
        raise SuiteError(f"there is no file {named.text!r}{_nearest(path)}", named.line)
    return path


def _glob(base: Path, pattern: str) -> list[Path]:
    from glob import glob

    found = glob(str(base / pattern))  # noqa: PTH207 -- Path.glob refuses `..`, which suites are full of
    return sorted(path for path in map(Path, found) if is_file(path))


def _nearest(path: Path) -> str:
    """A suggestion out of the folder that the path leads to, or its nearest one that exists."""
    folder = path.parent
    if not is_folder(folder):
        return f": there is no folder {folder.name!r}"
    # suffixes are all alike, and would make everything look near
    stems = {entry.stem: entry.name for entry in folder.iterdir()}
    if path.stem in stems:
        return f"; did you mean {stems[path.stem]!r}?"
    suggestion = did_you_mean(path.stem, stems)
    return next((f"; did you mean {name!r}?" for stem, name in stems.items() if repr(stem) in suggestion), "")
