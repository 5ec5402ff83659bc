"""What a run has to say, in the format that was asked for: one renderer per file, loaded when it is used."""

from collections.abc import Callable
from typing import TextIO

from policylint.errors import UsageError
from policylint.model import Report
from policylint.report.options import RenderOptions, RuleInfo

__all__ = ["FORMATS", "RenderOptions", "RuleInfo", "render"]

FORMATS: tuple[str, ...] = ("text", "json", "sarif", "github", "gitlab", "junit")

_Renderer = Callable[[Report, TextIO, RenderOptions], None]


def render(format_name: str, report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write `report` to `out` in one of `FORMATS`. Raises UsageError for another name.

    `text`, `github` and `junit` write characters beyond ASCII as they are; the JSON formats escape them.
    """
    _renderer(format_name)(report, out, options)


def _renderer(format_name: str) -> _Renderer:
    match format_name:
        case "text":
            from policylint.report import text

            return text.render
        case "json":
            from policylint.report import json_format

            return json_format.render
        case "sarif":
            from policylint.report import sarif

            return sarif.render
        case "github":
            from policylint.report import github

            return github.render
        case "gitlab":
            from policylint.report import gitlab

            return gitlab.render
        case "junit":
            from policylint.report import junit

            return junit.render
    raise UsageError(f"unknown output format {format_name!r}: choose one of {', '.join(FORMATS)}")
