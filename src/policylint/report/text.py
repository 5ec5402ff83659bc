"""Findings for people: where, what, the source itself, why, and what to do; then the totals."""

from collections.abc import Iterator
from typing import TextIO

from policylint.model import Finding, Rendered, Report
from policylint.report.escape import visible, web_address
from policylint.report.options import RenderOptions
from policylint.report.page import Ink, Page, place
from policylint.report.snippet import show
from policylint.report.summary import headline, remedy, tail


def render(report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write `report` for a terminal or a log: plain unless `options.color`, no escape byte but our own."""
    for finding in report.findings:
        page = Page(options, _gutter(finding), finding.severity)
        out.write("\n".join(_finding(finding, page)))
        out.write("\n\n")
    painter = Page(options, 0, "info")
    out.write(painter.paint(_mood(report), headline(report)) + "\n")
    for line in tail(report, options.verbose):
        out.write(line + "\n")


def _mood(report: Report) -> Ink:
    totals = report.severities()
    if report.errors or totals["error"]:
        return "error"
    return "warning" if report.findings or not report.counts.judged else "clean"


def _gutter(finding: Finding) -> int:
    """The width of the largest line number that is shown."""
    numbers = [finding.location.line, *(related.location.line for related in finding.related)]
    rendered = finding.location.rendered
    if rendered is not None:
        numbers.append(rendered.first_line + len(rendered.excerpt))
    return len(str(max(numbers)))


def _finding(finding: Finding, page: Page) -> Iterator[str]:
    location, rendered = finding.location, finding.location.rendered
    yield _header(finding, page)
    if rendered is None or rendered.exact:
        yield from page.snippet(location, context=1)
    if rendered is not None:
        yield from _rendered(rendered, page)
    for related in finding.related:
        yield from page.note("see", f"{place(related.location)}: {visible(related.message)}")
        yield from page.snippet(related.location, context=0)
    if finding.resource is not None or finding.yaml_path:
        about = [str(finding.resource)] if finding.resource is not None else []
        yield from page.note("at", visible(", ".join([*about, *filter(None, [finding.yaml_path])])))
    if finding.help:
        yield from page.note("help", finding.help)
    if finding.fix is not None:
        yield from page.note("fix", remedy(finding.fix))
    url = web_address(finding.url)
    address = f", {url}" if url and not page.options.hyperlinks else ""
    yield from page.note("rule", f"{visible(finding.name)}{address}")


def _header(finding: Finding, page: Page) -> str:
    rule, url = visible(finding.rule), web_address(finding.url)
    if url and page.options.hyperlinks:
        rule = f"\x1b]8;;{url}\x1b\\{rule}\x1b]8;;\x1b\\"
    verdict = page.paint(finding.severity, f"{finding.severity}[{rule}]")
    return f"{page.paint('strong', place(finding.location))}: {verdict} {visible(finding.message)}"


def _rendered(rendered: Rendered, page: Page) -> Iterator[str]:
    known = "this is the line it comes from" if rendered.exact else "the file is known, the line it comes from is not"
    yield from page.note("rendered", f"by {visible(rendered.by)}; {known}:")
    for number, line in enumerate(rendered.excerpt, rendered.first_line):
        yield page.source(number, show(line, 0, 0, page.room).text, ">" if number == rendered.line else " ")


def render_finding(finding: Finding, options: RenderOptions) -> str:
    """One finding as `render` prints it, without the summary."""
    return "\n".join(_finding(finding, Page(options, _gutter(finding), finding.severity)))
