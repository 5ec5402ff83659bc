"""Suites of policy tests for people: a line for each, what does not pass and why, and the denominators."""

from collections.abc import Iterator
from typing import TextIO

from policylint.outcome import Row, SuiteOutcome, Tested
from policylint.report.escape import visible, visible_lines
from policylint.report.options import RenderOptions
from policylint.report.page import Ink, Page, shown_path
from policylint.report.summary import counted
from policylint.report.verdicts import decisions, difference, gutter, sources

_INKS: dict[str, Ink] = {"pass": "clean", "lenient": "warning"}


def render(tested: Tested, out: TextIO, options: RenderOptions) -> None:
    """Write `tested` for a terminal or a log; with `options.verbose` also the rows that pass."""
    page = Page(options, 0, "info")
    for suite in tested.suites:
        out.write("\n".join(_suite(suite, page)) + "\n")
    for line in summary(tested):
        ink: Ink = "clean" if tested.passed and tested.suites else "error"
        out.write(page.paint(ink, line) + "\n")


def summary(tested: Tested) -> Iterator[str]:
    """The totals, with what was not run and what a filter left out."""
    failed = sum(suite.status == "fail" for suite in tested.suites)
    broken = sum(suite.status == "error" for suite in tested.suites)
    parts = [f"{len(tested.suites) - failed - broken} passed", f"{failed} failed"]
    if broken:
        parts.append(f"{broken} with errors")
    if tested.not_run:
        parts.append(f"{tested.not_run} not run after the first that did not pass")
    yield f"{counted(len(tested.suites) + tested.not_run, 'suite')}: {', '.join(parts)}."
    counts = tested.counts()
    rows = ", ".join(f"{number} {status}" for status, number in counts.items())
    left_out = f"; {tested.left_out} left out by the filter" if tested.left_out else ""
    yield f"{counted(sum(counts.values()), 'row')}: {rows}{left_out}."
    if counts["lenient"]:
        counted_as = "passed, as upstream has it" if tested.compat else "failed; --compat kyverno counts them as passed"
        yield f"Lenient rows, which `kyverno test` passes without having checked them, count as {counted_as}."
    for error in tested.errors:
        first, *others = visible_lines(error.message)
        yield f"Internal error on {visible(error.path)}, which was not run: {first}"
        yield from (f"  | {line}" for line in others)


def render_row(suite: SuiteOutcome, row: Row, options: RenderOptions) -> str:
    """One row as `render` prints it."""
    return "\n".join(_row(suite, row, options))


def row_headline(row: Row) -> str:
    """What was asked, what was expected, and what came."""
    about = f"{visible(row.resource)}: " if row.resource else ""
    return f"{row.status}[{visible(row.rule_name)}] {about}expected {visible(row.expected)}, actual {row.actual}"


def _suite(suite: SuiteOutcome, page: Page) -> Iterator[str]:
    yield _suite_line(suite, page)
    if suite.error is not None:
        where = f"{shown_path(suite.path)}:{suite.error_line or 1}"
        yield f"{page.paint('strong', where)}: {page.paint('error', 'error')} {visible(suite.error)}"
    for note in suite.notes:
        yield f"      = note: {visible(note)}"
    for row in suite.rows:
        if suite.passes(row) and (page.options.verbose or row.status != "pass"):
            reason = f": {visible(row.reason)}" if row.reason else ""
            yield f"      {row.status} line {row.line}: {visible(row.rule_name)} on {visible(row.resource)}{reason}"
    explained = [row for row in suite.rows if not suite.passes(row)]
    for row in explained:
        yield ""
        yield from _row(suite, row, page.options)
    if explained:
        yield ""


def _suite_line(suite: SuiteOutcome, page: Page) -> str:
    status = suite.status
    word = page.paint("clean" if status == "pass" else "error", f"{status:<5}")
    failing = sum(not suite.passes(row) for row in suite.rows)
    what = counted(len(suite.rows), "row")
    if suite.error is not None and not suite.rows:
        what = "it was not run"
    elif failing:
        what = f"{failing} of {what} {'does' if failing == 1 else 'do'} not pass"
    return f"{word} {page.paint('strong', shown_path(suite.path))}: {what}"


def _row(suite: SuiteOutcome, row: Row, options: RenderOptions) -> Iterator[str]:
    ink = _INKS.get(row.status, "error")
    page = Page(options, gutter(row.policy_place, row.resource_place), ink)
    where = page.paint("strong", f"{shown_path(suite.path)}:{row.line}")
    status, bracket, rest = row_headline(row).partition("[")
    name, end, verdict = rest.partition("]")
    yield f"{where}: {page.paint(ink, status + bracket + name + end)}{verdict}"
    if row.reason:
        yield from page.note("why", row.reason)
    yield from sources(page, row.policy_place, row.resource_place)
    yield from decisions(page, row.steps)
    if row.diff:
        yield from page.note("diff", "from what is expected to what is")
        yield from difference(page, row.diff)
