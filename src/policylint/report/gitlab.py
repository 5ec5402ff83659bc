"""GitLab code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from typing import Any, TextIO

from policylint.model import Finding, InternalError, Report, Severity
from policylint.report.escape import visible, visible_lines, web_address
from policylint.report.identity import occurrences
from policylint.report.jsonlines import write_json
from policylint.report.options import RenderOptions

_SEVERITIES: dict[Severity, str] = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write a list of issues: the findings, and as blockers the rules that broke.

    The format has no place for totals. GitLab shows one issue per fingerprint, so repeated ones get a number.
    """
    issues = [_issue(finding, number) for finding, number in occurrences(report.findings)]
    issues += [_internal(error, number) for number, error in enumerate(report.errors, 1)]
    write_json(issues, out, levels=1)


def _issue(finding: Finding, number: int) -> dict[str, Any]:
    place = finding.location
    body = "\n\n".join(filter(None, ["\n".join(visible_lines(finding.help)), web_address(finding.url)]))
    issue: dict[str, Any] = {
        "description": visible(f"{finding.rule}: {finding.message}"),
        "check_name": finding.name,
        "fingerprint": finding.fingerprint if number == 1 else f"{finding.fingerprint}:{number}",
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": place.path, "lines": {"begin": place.line, "end": place.end_line}},
    }
    return issue | {"content": {"body": body}} if body else issue


def _internal(error: InternalError, number: int) -> dict[str, Any]:
    return {
        "description": visible(f"{error.rule} broke: {error.message}"),
        "check_name": "internal-error",
        "fingerprint": f"internal-error:{number}:{error.rule}:{error.path}",
        "severity": "blocker",
        "location": {"path": error.path, "lines": {"begin": 1, "end": 1}},
    }
