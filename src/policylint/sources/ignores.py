"""Which paths a walk leaves out: version control's ignore files and the configuration's `exclude`."""

from collections.abc import Callable, Sequence
from pathlib import Path

Ignored = Callable[[str, bool], bool]

# never of interest to anybody, whether or not an ignore file names them
SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__", ".tox", ".mypy_cache"})


def never(_path: str, _is_folder: bool) -> bool:
    return False


def patterns(lines: Sequence[str], base: str) -> Ignored:
    """A test of absolute posix paths against gitignore patterns that hold below the folder `base`."""
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(lines)
    prefix = base.rstrip("/") + "/"

    def ignored(path: str, is_folder: bool) -> bool:
        if not path.startswith(prefix):
            return False
        return spec.match_file(path[len(prefix) :] + ("/" if is_folder else ""))

    return ignored


def ignore_file(folder: Path, name: str = ".gitignore") -> Ignored | None:
    """The patterns of the ignore file in `folder`, or None without one. Unreadable bytes are taken as they are."""
    try:
        text = (folder / name).read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None
    return patterns(text.splitlines(), folder.as_posix())


def above(folder: Path) -> list[Ignored]:
    """The ignore files that already hold in `folder`: those of its parents up to the repository's root."""
    found: list[Ignored] = []
    repository = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)
    if repository is None:
        return found
    exclude = ignore_file(repository / ".git" / "info", "exclude")
    if exclude is not None:
        text = (repository / ".git" / "info" / "exclude").read_bytes().decode("utf-8", "surrogateescape")
        found.append(patterns(text.splitlines(), repository.as_posix()))
    place = folder
    while place != repository:
        place = place.parent
        rule = ignore_file(place)
        if rule is not None:
            found.append(rule)
    return found
