"""Rows that do not pass as findings, for formats that know nothing of suites: GitHub, GitLab, SARIF."""

import hashlib
from collections.abc import Iterator
from typing import TextIO

from policylint.model import Counts, Finding, InternalError, Location, Related, Report, Severity
from policylint.outcome import Row, SuiteOutcome, Tested
from policylint.report.options import RenderOptions
from policylint.report.suites_text import row_headline, summary

_NAMES = {
    "fail": "row-failed",
    "error": "row-not-judged",
    "unmatched": "row-unmatched",
    "lenient": "row-lenient",
}
_SUITE = "suite-not-run"


def render_github(tested: Tested, out: TextIO, options: RenderOptions) -> None:
    """An annotation for each row that does not pass, then the totals as lines of the log."""
    from policylint.report.github import annotation, internal

    for finding in findings(tested):
        out.write(annotation(finding))
    for error in tested.errors:
        out.write(internal(_named(error)))
    for line in summary(tested):
        out.write(f"policylint: {line}\n")


def render_gitlab(tested: Tested, out: TextIO, options: RenderOptions) -> None:
    """A list of code quality issues."""
    from policylint.report import gitlab

    gitlab.render(_report(tested), out, options)


def render_sarif(tested: Tested, out: TextIO, options: RenderOptions) -> None:
    """One SARIF log with one run."""
    from policylint.report import sarif

    properties = {"suites": len(tested.suites), "rows": dict(tested.counts()), "notRun": tested.not_run}
    sarif.render_log(_report(tested), out, options, properties)


def _report(tested: Tested) -> Report:
    return Report(tuple(findings(tested)), Counts(), errors=tuple(map(_named, tested.errors)))


def _named(error: InternalError) -> InternalError:
    return error._replace(rule=error.rule or "policylint test")


def findings(tested: Tested) -> Iterator[Finding]:
    """What does not pass; lenient rows that count as passed are warnings."""
    for suite in tested.suites:
        if suite.error is not None:
            place = _line(suite.path, suite.error_line or 1)
            yield _finding(place, _SUITE, "error", f"the suite cannot be run: {suite.error}", "")
        for row in suite.rows:
            if row.status != "pass":
                yield _row(suite, row)


def _row(suite: SuiteOutcome, row: Row) -> Finding:
    severity: Severity = "warning" if suite.passes(row) else "error"
    name = _NAMES[row.status]
    related = tuple(
        Related(place, f"the {what} decides here")
        for what, place in (("policy", row.policy_place), ("resource", row.resource_place))
        if place is not None
    )
    _, _, headline = row_headline(row).partition("[")
    message = headline.replace("]", "", 1)
    return _finding(_line(suite.path, row.line), name, severity, message, row.reason)._replace(related=related)


def _line(path: str, line: int) -> Location:
    return Location(path, line, 1, line, 1)


def _finding(place: Location, name: str, severity: Severity, message: str, help_: str) -> Finding:
    identity = "\0".join((name, place.path, message)).encode("utf-8", "surrogatepass")
    fingerprint = hashlib.sha256(identity).hexdigest()
    return Finding(place, name, name, severity, message, help_, "", None, "", fingerprint=fingerprint)
