"""`policylint rollout`: whether rollouts can finish on the configured cluster, and how they go."""

import argparse
import sys
from functools import partial

from policylint.cli.cluster_option import add_cluster_option, with_live_cluster
from policylint.cli.exit_codes import FINDINGS, NOTHING, OK, USAGE
from policylint.cli.output import add_output_arguments, progress, write_report
from policylint.cli.settings import add_file_arguments, read_configuration
from policylint.model import SEVERITIES

_FORMATS = ("text", "json", "html")
_NO_CLUSTER = """\
policylint: no cluster is configured, so there is nothing to count with; write what it has to policylint.yaml:

cluster:
  node-pools:
  - {name: default, count: 1, instance-type: t3.small}  # or max-pods: 110
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, charts, or - for stdin (default: .)")
    parser.add_argument(
        "--before", default="", metavar="REV|DIR", help="what runs now: only pods whose template differs from it roll"
    )
    parser.add_argument(
        "--fail-on", choices=SEVERITIES, help="the least severity that fails the run (default: error, what is certain)"
    )
    add_file_arguments(parser)
    add_cluster_option(parser)
    add_output_arguments(parser, _FORMATS, "list everything, and the steps of rollouts that complete")


def run(arguments: argparse.Namespace) -> int:
    """Assesses the releases and returns the exit code."""
    config = with_live_cluster(read_configuration(arguments), arguments.cluster)
    if config.cluster is None:
        sys.stderr.write(_NO_CLUSTER)
        return USAGE
    from policylint.lint.rollouts import RolloutRequest, rollouts
    from policylint.report.rollouts import render_rollouts
    from policylint.sources.files import MAX_FILE_BYTES

    paths = tuple(arguments.paths or ["."])
    overlay = {"-": sys.stdin.buffer.read(MAX_FILE_BYTES + 1)} if "-" in paths else {}
    with progress() as bar:
        found = rollouts(RolloutRequest(paths, config, config.cluster, arguments.before, overlay), bar)
    write_report(arguments, partial(render_rollouts, arguments.output_format, found))
    if found.fails(arguments.fail_on or config.fail_on):
        return FINDINGS
    if any(release.assessment.workloads or release.assessment.hooks for release in found.releases):
        return OK
    sys.stderr.write("policylint: there is no workload to roll out\n")
    return NOTHING
