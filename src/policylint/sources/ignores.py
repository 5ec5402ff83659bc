"""Which paths a walk leaves out: version control's ignore files and the configuration's `exclude`."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from policylint.config.patterns import compile_patterns
from policylint.paths import exists

# Whether patterns leave out an absolute posix path (and whether that is a folder); None when none of them matches it.
Ignores = Callable[[str, bool], bool | None]

# never of interest to anybody, whether or not an ignore file names them
SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__", ".tox", ".mypy_cache"})


def patterns(lines: Sequence[str], base: str) -> Ignores:
    """The verdict of gitignore patterns that hold below the folder `base`; of several that match, the last decides."""
    verdict = compile_patterns(lines)
    prefix = base.rstrip("/") + "/"

    def ignores(path: str, is_folder: bool) -> bool | None:
        if not path.startswith(prefix):
            return None
        return verdict(_text(os.fsencode(path[len(prefix) :])) + ("/" if is_folder else ""))

    return ignores


def is_ignored(rules: Sequence[Ignores], path: str, is_folder: bool) -> bool:
    """Whether `path` is left out by `rules`, of which a later one overrules those before it."""
    verdicts = (rule(path, is_folder) for rule in reversed(rules))
    return next((verdict for verdict in verdicts if verdict is not None), False)


def ignore_file(folder: Path) -> Ignores | None:
    """The patterns of the ignore file in `folder`, or None without one."""
    return _read(folder / ".gitignore", folder)


def above(folder: Path) -> list[Ignores]:
    """The patterns that hold in `folder` already: the repository's own, then those of the folders down to its parent.

    None hold when `folder` itself is left out: whoever names it wants to see it.
    """
    repository = next((place for place in (folder, *folder.parents) if exists(place / ".git")), None)
    if repository is None:
        return []
    between = [place for place in reversed(folder.parents) if place.is_relative_to(repository)]
    files = [_read(repository / ".git" / "info" / "exclude", repository), *map(ignore_file, between)]
    rules = [rule for rule in files if rule is not None]
    return [] if _within_ignored(rules, (*between, folder)) else rules


def _within_ignored(rules: Sequence[Ignores], folders: Iterable[Path]) -> bool:
    return any(is_ignored(rules, folder.as_posix(), True) for folder in folders)


def _read(file: Path, base: Path) -> Ignores | None:
    try:
        data = file.read_bytes()
    except OSError:
        return None
    return patterns(_text(data).splitlines(), base.as_posix())


def _text(name: bytes) -> str:
    # names may be any bytes, and the pattern matcher takes nothing but text
    return name.decode("utf-8", "replace")
