"""Suites found below what the user named: `kyverno-test.yaml` anywhere, in hidden folders too, and files by name.

Upstream looks for that name unless told another (commands/test/command.go, `--file-name`).
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from policylint.config import Config
from policylint.errors import UsageError
from policylint.paths import is_file, is_folder, real_path
from policylint.sources import ignores
from policylint.sources.classify import SUITE_NAMES
from policylint.sources.discover import show
from policylint.sources.files import explain_os_error
from policylint.sources.ignores import Ignores


class FoundSuite(NamedTuple):
    """A suite file and how its path is printed."""

    path: str
    shown: str


def find_suites(paths: Iterable[str], config: Config, *, by_name: bool = False) -> list[FoundSuite]:
    """The suites at `paths`, each once, ordered by the paths that are printed.

    A file that is named counts whatever it is called, unless `by_name`. What version control ignores and what the
    configuration excludes is left out below folders. Raises UsageError for a path that does not exist, and for a
    folder that cannot be listed.
    """
    excluded = [ignores.patterns(config.exclude, real_path(Path(config.root)).as_posix())] if config.exclude else []
    found: dict[str, FoundSuite] = {}
    for given in paths:
        path = Path(os.path.normpath(Path(given).absolute()))
        if is_folder(path):
            rules = [*ignores.above(path)]
            suites = _walk(path, show(given), rules, excluded)
        elif is_file(path):
            wanted = not by_name or path.name in SUITE_NAMES
            suites = iter([FoundSuite(str(path), show(given))] if wanted else ())
        else:
            raise UsageError(f"{given}: no such file or folder")
        for suite in suites:
            found.setdefault(suite.path, suite)
    return sorted(found.values(), key=lambda suite: suite.shown)


def _walk(folder: Path, shown: str, rules: list[Ignores], excluded: list[Ignores]) -> Iterator[FoundSuite]:
    own = ignores.ignore_file(folder)
    rules = [*rules, own] if own is not None else rules
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"{shown}: the folder cannot be listed: {explain_os_error(error)}") from error
    for entry in entries:
        inner = entry.name if shown == "." else f"{shown}/{entry.name}"
        below = entry.is_dir(follow_symlinks=False)
        if (below and entry.name in ignores.SKIPPED_FOLDERS) or not (below or entry.name in SUITE_NAMES):
            continue
        posix = (folder / entry.name).as_posix()
        if ignores.is_ignored(excluded, posix, below) or ignores.is_ignored(rules, posix, below):
            continue
        if below:
            yield from _walk(folder / entry.name, inner, rules, excluded)
        elif entry.is_file():
            yield FoundSuite(posix, inner)
