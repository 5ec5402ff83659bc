"""`policylint test`: run suites of policy tests."""

import argparse
import sys
from contextlib import nullcontext, redirect_stdout
from functools import partial

from policylint.cli.coverage import (
    add_coverage_arguments,
    coverage_reports,
    is_measured,
    report_coverage,
    takes_stdout,
)
from policylint.cli.exit_codes import FINDINGS, INTERNAL, NOTHING, OK
from policylint.cli.output import add_output_arguments, progress, write_report
from policylint.cli.settings import add_file_arguments, read_configuration
from policylint.outcome import Tested
from policylint.report import FORMATS
from policylint.report.suites import render_tested
from policylint.suites.find import find_suites
from policylint.suites.testing import RowFilter, run_suites


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="folders to search for kyverno-test.yaml, or suite files (default: .)"
    )
    parser.add_argument(
        "--compat", choices=("kyverno",), help="count as passed what `kyverno test` passes without having checked it"
    )
    parser.add_argument(
        "--filter",
        default="",
        metavar="policy=…,rule=…,resource=…",
        help="only rows that match; * stands for anything",
    )
    parser.add_argument("--fail-fast", "-x", action="store_true", help="stop after the first suite that does not pass")
    add_coverage_arguments(parser)
    add_file_arguments(parser)
    add_output_arguments(parser, FORMATS, "list the rows that pass as well")


def run(arguments: argparse.Namespace) -> int:
    """Runs the suites and returns the exit code."""
    only = RowFilter.parse(arguments.filter)
    reports = coverage_reports(arguments)
    config = read_configuration(arguments)
    suites = find_suites(arguments.paths or ["."], config)
    with progress() as bar:
        tested = run_suites(
            suites,
            compat=arguments.compat == "kyverno",
            fail_fast=arguments.fail_fast,
            only=only,
            coverage=is_measured(arguments),
            progress=bar,
        )
    with redirect_stdout(sys.stderr) if takes_stdout(reports) else nullcontext():
        write_report(arguments, partial(render_tested, arguments.output_format, tested))
    covered = not is_measured(arguments) or report_coverage(arguments, reports, tested)
    if not suites:
        sys.stderr.write("policylint: no suites found: they are called kyverno-test.yaml, or named one by one\n")
    elif not tested.suites and not tested.errors:
        sys.stderr.write(f"policylint: no row of {len(suites)} suites matches --filter {arguments.filter}\n")
    return _exit_code(tested, covered)


def _exit_code(tested: Tested, covered: bool) -> int:
    if tested.errors:
        return INTERNAL
    if not tested.suites:
        return NOTHING
    return OK if tested.passed and covered else FINDINGS
