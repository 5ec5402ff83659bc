"""Regular expressions of RE2, as Go's package regexp reads them: no pattern takes more than linear time.

The library is imported when the first pattern is compiled.
"""

from typing import Any


class PatternError(ValueError):
    """RE2 refuses a pattern; the text is its reason."""


def compile_pattern(pattern: str | bytes, *, groups: bool = True) -> Any:
    """The program of `pattern`, for texts of the same type. Raises PatternError.

    Without `groups` it tells only whether it matches; a hostile pattern has thousands, and finding them takes a
    thousand times the memory.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_capture = not groups
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise PatternError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None


def compiled(pattern: str) -> Any | None:
    """The program of `pattern` without its groups, or None where RE2 refuses it."""
    try:
        return compile_pattern(pattern, groups=False)
    except PatternError:
        return None
