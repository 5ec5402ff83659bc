"""What suites reached of their policies, as text, JSON or HTML, on stdout or in a file."""

from io import StringIO
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

from policylint.coverage import Coverage
from policylint.errors import UsageError
from policylint.report.options import RenderOptions

COVERAGE_FORMS = "text, json, json:FILE or html:FILE"


class CoverageReport(NamedTuple):
    """One report that was asked for; without a `file` it goes where the caller says."""

    format: Literal["text", "json", "html"]
    file: str = ""

    @classmethod
    def parse(cls, text: str) -> "CoverageReport":
        """The report that `text`, `json`, `json:FILE` or `html:FILE` asks for. Raises UsageError for anything else."""
        name, colon, file = text.partition(":")
        if name == "text" and not colon:
            return cls("text")
        if name == "json" and bool(file) == bool(colon):
            return cls("json", file)
        if name == "html" and file:
            return cls("html", file)
        if name == "html":
            raise UsageError("the HTML coverage report needs a file: write html:FILE")
        raise UsageError(f"{text!r} is no coverage report: write {COVERAGE_FORMS}")


def write_coverage(report: CoverageReport, coverage: Coverage, out: TextIO, options: RenderOptions) -> None:
    """Writes one report to its file, or to `out`. Raises UsageError when the file cannot be written."""
    if not report.file:
        _render(report, coverage, out, options)
        return
    text = StringIO()
    _render(report, coverage, text, options)
    try:
        # paths may hold bytes that are no text
        Path(report.file).write_text(text.getvalue(), encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        from policylint.sources.files import explain_os_error

        raise UsageError(f"{report.file} cannot be written: {explain_os_error(error)}") from error


def _render(report: CoverageReport, coverage: Coverage, out: TextIO, options: RenderOptions) -> None:
    match report.format:
        case "text":
            from policylint.report import coverage_text

            coverage_text.render(coverage, out, options)
        case "json":
            from policylint.report import coverage_json

            coverage_json.render(coverage, out, options)
        case "html":
            from policylint.report import coverage_html

            coverage_html.render(coverage, out, options)
