"""Regular expressions that are compiled when they are first used.

Most runs use few of them, and compiling all would cost more than reading and judging a file.
"""

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, pattern: str, flags: int) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        # found here once: afterwards the attribute is the object's own
        value = getattr(re.compile(*self._given), name)
        setattr(self, name, value)
        return value


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` returns, as far as methods go; an error in `pattern` is raised on first use."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))
