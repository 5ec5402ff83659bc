"""What suites of policy tests came to, in the format that was asked for; renderers load when they are used."""

from collections.abc import Callable
from typing import TextIO

from policylint.errors import UsageError
from policylint.outcome import Applied, Tested
from policylint.report.options import RenderOptions

_Renderer = Callable[[Tested, TextIO, RenderOptions], None]

APPLIED_FORMATS: tuple[str, ...] = ("text", "json")


def render_tested(format_name: str, tested: Tested, out: TextIO, options: RenderOptions) -> None:
    """Write `tested` to `out` in one of `policylint.report.FORMATS`. Raises UsageError for another name."""
    _renderer(format_name)(tested, out, options)


def render_applied(format_name: str, applied: Applied, out: TextIO, options: RenderOptions) -> None:
    """Write `applied` to `out` in one of `APPLIED_FORMATS`. Raises UsageError for another name."""
    if format_name == "text":
        from policylint.report import applied_text

        applied_text.render(applied, out, options)
    elif format_name == "json":
        from policylint.report import applied_json

        applied_json.render(applied, out, options)
    else:
        raise UsageError(f"unknown output format {format_name!r}: choose one of {', '.join(APPLIED_FORMATS)}")


def _renderer(format_name: str) -> _Renderer:
    if format_name in ("github", "gitlab", "sarif"):
        from policylint.report import suites_findings

        renderer: _Renderer = getattr(suites_findings, f"render_{format_name}")
        return renderer
    match format_name:
        case "text":
            from policylint.report import suites_text

            return suites_text.render
        case "json":
            from policylint.report import suites_json

            return suites_json.render
        case "junit":
            from policylint.report import suites_junit

            return suites_junit.render
    raise UsageError(f"unknown output format {format_name!r}")
