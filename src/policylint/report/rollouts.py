"""What rollouts come to, in the format that was asked for."""

from typing import TextIO

from policylint.errors import UsageError
from policylint.lint.rollout_report import Rollouts
from policylint.report.options import RenderOptions

ROLLOUT_FORMATS: tuple[str, ...] = ("text", "json", "html")


def render_rollouts(format_name: str, rollouts: Rollouts, out: TextIO, options: RenderOptions) -> None:
    """Write `rollouts` to `out` in one of `ROLLOUT_FORMATS`. Raises UsageError for another name."""
    match format_name:
        case "text":
            from policylint.report import rollout_text

            rollout_text.render(rollouts, out, options)
        case "json":
            from policylint.report import rollout_json

            rollout_json.render(rollouts, out, options)
        case "html":
            from policylint.report import rollout_html

            rollout_html.render(rollouts, out, options)
        case _:
            raise UsageError(f"unknown output format {format_name!r}: choose one of {', '.join(ROLLOUT_FORMATS)}")
