"""Path patterns as .gitignore writes them, for ignore files, `exclude` and `per-file-ignores`."""

import re
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Matches = Callable[[str], bool]


def compile_pattern(pattern: str) -> Matches:
    """A test of posix paths relative to the root. Raises ValueError when `pattern` is none, or matches nothing."""
    spec = _spec([pattern])
    if not any(part.include for part in spec.patterns):
        raise ValueError(f"the pattern {pattern!r} matches no file by itself")
    return spec.match_file


def compile_patterns(lines: Iterable[str]) -> "Callable[[str], bool | None]":
    """What the lines of an ignore file say of a path: left out, taken back, or None when none matches it.

    Folders end in a slash. As git does, lines that are no pattern are passed over.
    """
    spec = _spec([line for line in lines if _is_pattern(line)])
    return lambda path: spec.check_file(path).include


def _is_pattern(line: str) -> bool:
    try:
        _spec([line])
    except ValueError:
        return False
    return True


def _spec(lines: list[str]) -> "GitIgnoreSpec":
    # imported here: it costs more than the rest of reading a configuration, and most have no patterns
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of `[[`, which means itself in both languages
        try:
            return GitIgnoreSpec.from_lines(lines, backend="simple")
        except (ValueError, re.error) as error:
            raise ValueError(f"{lines[-1]!r} is not a path pattern as in .gitignore") from error
