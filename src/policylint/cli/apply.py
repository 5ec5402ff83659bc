"""`policylint apply`: what policies would do to resources, and why."""

import argparse
import sys
from functools import partial

from policylint.cli.exit_codes import FINDINGS, NOTHING, OK
from policylint.cli.output import add_output_arguments, write_report
from policylint.cli.settings import add_file_arguments, read_configuration
from policylint.outcome import Applied
from policylint.report.suites import APPLIED_FORMATS, render_applied
from policylint.suites.apply import ApplyRequest, apply

_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policies", nargs="+", metavar="POLICY", help="files or folders of policies and exceptions")
    parser.add_argument(
        "--resource",
        "-r",
        nargs="+",
        action="extend",
        required=True,
        metavar="FILE",
        help="manifests, folders or charts to ask about",
    )
    asking = parser.add_argument_group("the request")
    asking.add_argument("--operation", choices=_OPERATIONS, default="CREATE", help="what is done (default: CREATE)")
    asking.add_argument("--values", default="", metavar="FILE", help="variables and namespaces, as suites have them")
    asking.add_argument("--userinfo", default="", metavar="FILE", help="who asks, as suites have it")
    parser.add_argument(
        "--fail-on",
        choices=("enforce", "audit"),
        default="enforce",
        help="fail when a request would be denied (default), or also when a failure is only reported",
    )
    parser.add_argument("--diff", action="store_true", help="show what rules change and make, as a diff")
    add_file_arguments(parser)
    add_output_arguments(parser, APPLIED_FORMATS, "list every step on the way")


def run(arguments: argparse.Namespace) -> int:
    """Asks the policies and returns the exit code."""
    arguments.paths = arguments.resource  # the configuration is the nearest one above what is asked about
    request = ApplyRequest(
        tuple(arguments.policies),
        tuple(arguments.resource),
        read_configuration(arguments),
        arguments.values,
        arguments.userinfo,
        arguments.operation,
    )
    applied = apply(request)
    if not arguments.diff:
        applied = applied._replace(answers=tuple(answer._replace(diff="") for answer in applied.answers))
    write_report(arguments, partial(render_applied, arguments.output_format, applied))
    if not applied.policies or not applied.resources:
        sys.stderr.write(f"policylint: there are no {'resources' if applied.policies else 'policies'} to ask about\n")
    return _exit_code(applied, arguments.fail_on == "audit")


def _exit_code(applied: Applied, audit: bool) -> int:
    failing = {"error", "fail"} if audit else {"error"}
    if any(applied.denied) or applied.unread or any(answer.status in failing for answer in applied.answers):
        return FINDINGS
    return OK if applied.policies and applied.resources else NOTHING
