"""GitHub Actions: one workflow command per finding, which the runner turns into annotations.

Commands and escaping: https://docs.github.com/actions/reference/workflow-commands-for-github-actions and
actions/runner, src/Runner.Common/ActionCommand.cs.
"""

from collections.abc import Iterator
from typing import TextIO

from policylint.model import Finding, InternalError, Report, Severity
from policylint.report.escape import visible, visible_lines, web_address
from policylint.report.options import RenderOptions
from policylint.report.summary import headline, remedy, tail

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write a command for every finding and internal error; then the totals, as plain lines of the log."""
    for finding in report.findings:
        out.write(annotation(finding))
    for error in report.errors:
        out.write(internal(error))
    out.write(f"policylint: {headline(report)}\n")
    for line in tail(report, options.verbose):
        out.write(f"{line}\n")


def annotation(finding: Finding) -> str:
    """The command that annotates the place of a finding."""
    return _command(_COMMANDS[finding.severity], _properties(finding), "\n".join(_message(finding)))


def _properties(finding: Finding) -> dict[str, str | int]:
    place = finding.location
    properties: dict[str, str | int] = {"file": visible(place.path), "line": place.line, "endLine": place.end_line}
    if place.line == place.end_line:
        # the runner drops columns of a region of several lines, and says so in its log
        properties |= {"col": place.column, "endColumn": place.end_column}
    return properties | {"title": _title(finding)}


def _title(finding: Finding) -> str:
    return " ".join(dict.fromkeys((visible(finding.rule), visible(finding.name))))


def _message(finding: Finding) -> Iterator[str]:
    yield visible(finding.message)
    rendered = finding.location.rendered
    if rendered is not None and not rendered.exact:
        yield f"Rendered by {visible(rendered.by)}, line {rendered.line}; the line of this file is not known."
    for related in finding.related:
        yield f"See {visible(related.location.path)}:{related.location.line}: {visible(related.message)}"
    if finding.help:
        yield from visible_lines(finding.help)
    if finding.fix is not None:
        yield f"Fix: {remedy(finding.fix)}"
    if web_address(finding.url):
        yield finding.url


def internal(error: InternalError) -> str:
    """The command that annotates a file on which a rule broke."""
    title = f"{visible(error.rule)} broke: an internal error"
    return _command("error", {"file": visible(error.path), "title": title}, "\n".join(visible_lines(error.message)))


def _command(name: str, properties: dict[str, str | int], message: str) -> str:
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
