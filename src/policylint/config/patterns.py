"""Path patterns as .gitignore writes them, for `exclude` and `per-file-ignores`."""

import re
from collections.abc import Callable

Matches = Callable[[str], bool]


def compile_pattern(pattern: str) -> Matches:
    """A test of posix paths relative to the root. Raises ValueError when `pattern` is none, or matches nothing.

    pathspec is imported here: it costs more than the rest of reading a configuration, and most have no patterns.
    """
    from pathspec import GitIgnoreSpec

    try:
        spec = GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error) as error:
        raise ValueError(f"{pattern!r} is not a path pattern as in .gitignore") from error
    if not any(part.include for part in spec.patterns):
        raise ValueError(f"the pattern {pattern!r} matches no file by itself")
    return spec.match_file
