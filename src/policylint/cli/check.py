"""`policylint check`: lint files, charts and kustomizations."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.cli.cluster_option import add_cluster_option, with_live_cluster
from policylint.cli.exit_codes import FINDINGS, INTERNAL, NOTHING, OK
from policylint.cli.output import add_output_arguments, progress, write_report, write_text
from policylint.cli.settings import add_configuration_arguments, read_configuration
from policylint.errors import UsageError
from policylint.lint.check import CheckRequest, CheckResult, check
from policylint.lint.session import RunSpec
from policylint.model import SEVERITIES
from policylint.report import FORMATS, RenderOptions, render

if TYPE_CHECKING:
    from typing import TextIO

    from policylint.config import Config
    from policylint.report import RuleInfo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, charts, or - for stdin (default: .)")
    add_configuration_arguments(parser)
    add_cluster_option(parser)
    parser.add_argument(
        "--crd",
        action="append",
        default=[],
        metavar="PATH",
        help="a file or folder of CustomResourceDefinitions whose kinds policies may name (repeatable)",
    )
    choosing = parser.add_argument_group("what fails")
    choosing.add_argument(
        "--fail-on", choices=SEVERITIES, help="the least severity that fails the run (default: error)"
    )
    choosing.add_argument("--exit-zero", action="store_true", help="exit 0 whatever is found")
    choosing.add_argument("--allow-empty", action="store_true", help="exit 0 when there is nothing to check")
    choosing.add_argument(
        "--against",
        metavar="REV|DIR",
        default="",
        help="judge changes of policies too: what the cluster has now is in this git revision or folder",
    )
    choosing.add_argument("--strict", action="store_true", help="documents that no reader understands fail the run too")
    baseline = parser.add_argument_group("baseline")
    baseline.add_argument("--baseline", metavar="FILE", help="leave out the findings that FILE lists")
    baseline.add_argument("--write-baseline", metavar="FILE", help="write today's findings to FILE and exit 0")
    fixing = parser.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="apply safe fixes")
    fixing.add_argument("--unsafe-fixes", action="store_true", help="apply unsafe fixes as well (with --fix or --diff)")
    fixing.add_argument("--diff", action="store_true", help="print what --fix would change, and change nothing")
    add_output_arguments(parser, FORMATS, "list everything that was not judged")
    parser.add_argument("--stdin-filename", metavar="NAME", default="-", help="the path that stdin stands for")


def run(arguments: argparse.Namespace) -> int:
    """Runs the check and returns its exit code."""
    if arguments.unsafe_fixes and not (arguments.fix or arguments.diff):
        raise UsageError("--unsafe-fixes goes with --fix or --diff")
    config = with_live_cluster(read_configuration(arguments), arguments.cluster)
    config = config._replace(crds=(*config.crds, *(str(Path(path).absolute()) for path in arguments.crd)))
    if arguments.fail_on:
        config = config._replace(fail_on=arguments.fail_on)
    spec = RunSpec(
        config,
        datetime.now(UTC).date(),
        tuple(arguments.select),
        tuple(arguments.ignore),
        tuple(arguments.profile),
        arguments.allow_python_rules,
    )
    request = CheckRequest(
        tuple(arguments.paths or ["."]),
        spec,
        _baseline(arguments, config),
        arguments.stdin_filename,
        arguments.against,
    )
    if arguments.fix or arguments.diff:
        from policylint.cli.fixing import fix_and_check

        result, diff = fix_and_check(request, arguments.unsafe_fixes, write=not arguments.diff)
        if arguments.diff:
            write_text(arguments, diff)
            return INTERNAL if result.report.errors else FINDINGS if diff and not arguments.exit_zero else OK
    else:
        with progress() as bar:
            result = check(request, bar)
    if arguments.write_baseline:
        from policylint.lint.baseline import write_baseline

        write_baseline(Path(arguments.write_baseline), result.report.findings)
        sys.stderr.write(f"policylint: wrote {len(result.report.findings)} findings to {arguments.write_baseline}\n")
        return INTERNAL if result.report.errors else OK
    _print(arguments, result)
    return _exit_code(arguments, result)


def _baseline(arguments: argparse.Namespace, config: "Config") -> str:
    """The path of the baseline that holds; none does for a run that writes one, which is to list every finding."""
    if arguments.write_baseline:
        return ""
    return arguments.baseline or (str(Path(config.root, config.baseline)) if config.baseline else "")


def _exit_code(arguments: argparse.Namespace, result: CheckResult) -> int:
    report = result.report
    if report.errors:
        return INTERNAL
    if arguments.exit_zero:
        return OK
    if report.fails(result.run.spec.config.fail_on) or (arguments.strict and report.counts.unmatched):
        return FINDINGS
    return NOTHING if result.empty and not arguments.allow_empty else OK


def _print(arguments: argparse.Namespace, result: CheckResult) -> None:
    def write(out: "TextIO", options: RenderOptions) -> None:
        rules = _rule_infos(result) if arguments.output_format == "sarif" else ()
        fail_on = result.run.spec.config.fail_on
        render(arguments.output_format, result.report, out, options._replace(fail_on=fail_on, rules=rules))

    write_report(arguments, write)


def _rule_infos(result: CheckResult) -> "tuple[RuleInfo, ...]":
    from policylint.cli.rule_infos import rule_infos

    return rule_infos(result.run)
