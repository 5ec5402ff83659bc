"""Policy coverage on the command line: which reports are wanted, where they go, and how much has to be covered."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from policylint.cli.output import render_options, stdout, use_color
from policylint.coverage import Coverage, shortfall
from policylint.errors import UsageError
from policylint.outcome import Tested
from policylint.report.coverage import COVERAGE_FORMS, CoverageReport, write_coverage


def add_coverage_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("policy coverage")
    group.add_argument(
        "--coverage",
        nargs="?",
        const="text",
        action="append",
        default=[],
        metavar="FORM",
        help=f"say what the suites reached of their policies, as --coverage={COVERAGE_FORMS} (default: text)",
    )
    group.add_argument(
        "--coverage-fail-under", type=float, metavar="PERCENT", help="fail when less of all goals is reached"
    )


def coverage_reports(arguments: argparse.Namespace) -> Sequence[CoverageReport]:
    """The reports that were asked for. Raises UsageError for what is none, and for two that meet on stdout.

    argparse takes the path in `--coverage PATH` for the form; it is put back among the paths.
    """
    reports = []
    for text in arguments.coverage:
        try:
            report = CoverageReport.parse(text)
        except UsageError as error:
            if not Path(text).exists():
                raise UsageError(f"--coverage: {error}") from error
            report = CoverageReport("text")
            arguments.paths = [*arguments.paths, text]
        reports.append(report)
    if takes_stdout(reports) and arguments.output_format != "text" and not arguments.output_file:
        message = "--coverage=json and the report would both be on stdout: write json:FILE, or --output-file FILE"
        raise UsageError(message)
    return reports


def takes_stdout(reports: Iterable[CoverageReport]) -> bool:
    """Whether stdout is to carry the JSON of coverage, so that a text report has to go to stderr."""
    return CoverageReport("json") in reports


def is_measured(arguments: argparse.Namespace) -> bool:
    """Whether anything was asked for that needs coverage."""
    return bool(arguments.coverage) or arguments.coverage_fail_under is not None


def report_coverage(arguments: argparse.Namespace, reports: Sequence[CoverageReport], tested: Tested) -> bool:
    """Writes `reports` on the suites that were run; whether enough of their policies is covered.

    The text goes to stdout when that carries text anyway, else to stderr.
    """
    coverage = Coverage.of(policy for suite in tested.suites for policy in suite.coverage)
    for report in reports:
        plain = arguments.output_format == "text" and not arguments.output_file and not takes_stdout(reports)
        beside = report.format == "text" and not plain
        out = sys.stderr if beside else stdout()
        color = not report.file and use_color(arguments.color, out)
        if report.format == "text" and not beside:
            out.write("\n")
        write_coverage(report, coverage, out, render_options(arguments, color=color, hyperlinks=False))
    least = arguments.coverage_fail_under
    if least is None or not coverage.is_under(least):
        return True
    sys.stderr.write(f"policylint: {shortfall(coverage, least)}\n")
    return False
