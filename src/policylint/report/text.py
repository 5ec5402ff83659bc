"""Findings for people: where, what, the source itself, why, and what to do; then the totals."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TextIO

from policylint.model import Finding, Location, Rendered, Report, Severity
from policylint.report.escape import visible, visible_lines, web_address
from policylint.report.options import RenderOptions
from policylint.report.snippet import show
from policylint.report.summary import headline, remedy, tail

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "gutter": "1;34",
    "strong": "1",
    "clean": "1;32",
}
_Ink = Literal["error", "warning", "info", "gutter", "strong", "clean"]


def render(report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write `report` for a terminal or a log: plain unless `options.color`, no escape byte but our own."""
    for finding in report.findings:
        page = _Page(options, _gutter(finding), finding.severity)
        out.write("\n".join(_finding(finding, page)))
        out.write("\n\n")
    painter = _Page(options, 0, "info")
    out.write(painter.paint(_mood(report), headline(report)) + "\n")
    for line in tail(report, options.verbose):
        out.write(line + "\n")


class _Page(NamedTuple):
    """How the lines of one finding are laid out: `gutter` is the width of its line numbers."""

    options: RenderOptions
    gutter: int
    severity: Severity

    def paint(self, ink: _Ink, text: str) -> str:
        return f"\x1b[{_CODES[ink]}m{text}\x1b[0m" if self.options.color and text else text

    def bar(self, number: int | None = None, mark: str = " ") -> str:
        label = f"{'' if number is None else number:>{self.gutter}}"
        return self.paint("gutter", f"{mark}{label} |")

    def source(self, number: int, text: str, mark: str = " ") -> str:
        return f"{self.bar(number, mark)} {text}".rstrip()

    def note(self, label: str, text: str) -> Iterator[str]:
        """`= label: text`, each further line of `text` under the first."""
        first, *others = visible_lines(text)
        start = f"{' ' * (self.gutter + 2)}"
        yield f"{start}{self.paint('gutter', '=')} {self.paint('strong', f'{label}:')} {first}".rstrip()
        for line in others:
            yield f"{start}{self.paint('gutter', '|')} {' ' * (len(label) + 1)} {line}".rstrip()

    @property
    def room(self) -> int:
        return self.options.width - self.gutter - 4


def _mood(report: Report) -> _Ink:
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


def _finding(finding: Finding, page: _Page) -> Iterator[str]:
    location, rendered = finding.location, finding.location.rendered
    yield _header(finding, page)
    if rendered is None or rendered.exact:
        yield from _snippet(location, page, context=1)
    if rendered is not None:
        yield from _rendered(rendered, page)
    for related in finding.related:
        yield from page.note("see", f"{_place(related.location)}: {visible(related.message)}")
        yield from _snippet(related.location, page, context=0)
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


def _header(finding: Finding, page: _Page) -> str:
    rule, url = visible(finding.rule), web_address(finding.url)
    if url and page.options.hyperlinks:
        rule = f"\x1b]8;;{url}\x1b\\{rule}\x1b]8;;\x1b\\"
    verdict = page.paint(finding.severity, f"{finding.severity}[{rule}]")
    return f"{page.paint('strong', _place(finding.location))}: {verdict} {visible(finding.message)}"


def _place(location: Location) -> str:
    path = visible(location.path)
    if path.lstrip().startswith(":"):
        # a file named "::error::" must not become a command of the CI that reads our output
        path = f"./{path}"
    return f"{path}:{location.line}:{location.column}"


def _snippet(location: Location, page: _Page, context: int) -> Iterator[str]:
    """The line of `location` with its region underlined, after `context` lines; nothing when it cannot be read."""
    read_line, number = page.options.read_line, location.line
    line = read_line(location.path, number)
    if line is None:
        return
    yield page.bar()
    for earlier in range(max(1, number - context), number):
        yield page.source(earlier, show(read_line(location.path, earlier) or "", 0, 0, page.room).text)
    goes_on = location.end_line > number
    start = location.column - 1
    shown = show(line, start, len(line) if goes_on else location.end_column - 1, page.room)
    yield page.source(number, shown.text)
    carets = "^" * shown.width + (f" to line {location.end_line}" if goes_on else "")
    yield f"{page.bar()} {' ' * shown.offset}{page.paint(page.severity, carets)}"


def _rendered(rendered: Rendered, page: _Page) -> Iterator[str]:
    known = "this is the line it comes from" if rendered.exact else "the file is known, the line it comes from is not"
    yield from page.note("rendered", f"by {visible(rendered.by)}; {known}:")
    for number, line in enumerate(rendered.excerpt, rendered.first_line):
        yield page.source(number, show(line, 0, 0, page.room).text, ">" if number == rendered.line else " ")


def render_finding(finding: Finding, options: RenderOptions) -> str:
    """One finding as `render` prints it, without the summary."""
    return "\n".join(_finding(finding, _Page(options, _gutter(finding), finding.severity)))
