"""What the renderers are told besides the report."""

from collections.abc import Callable
from typing import NamedTuple

from policylint.model import Severity

ReadLine = Callable[[str, int], str | None]


class RuleInfo(NamedTuple):
    """What a format may say about a rule. `help_markdown` is its whole documentation, `summary` one sentence of it."""

    id: str
    name: str
    severity: Severity
    summary: str = ""
    help_markdown: str = ""
    url: str = ""
    since: str = ""


def _no_text(_path: str, _line: int) -> str | None:
    return None


class RenderOptions(NamedTuple):
    """How to present a report.

    `width` is the room for a line of the terminal, in cells; only source lines are cut to it. `fail_on` tells JUnit
    which findings fail. `rules` are the rules that ran. `read_line(path, line)` hands out line `line` (from 1, split
    at "\\n" only, as `Location` counts) of the file at `path` without its line break, or None.
    """

    color: bool = False
    width: int = 120
    hyperlinks: bool = False
    verbose: bool = False
    tool_version: str = ""
    fail_on: Severity = "error"
    rules: tuple[RuleInfo, ...] = ()
    read_line: ReadLine = _no_text
