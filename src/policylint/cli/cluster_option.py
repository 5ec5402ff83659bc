"""`--cluster [CONTEXT]`: the nodes and pods of a live cluster in place of what the configuration says of one."""

import argparse
import sys
from typing import TYPE_CHECKING

from policylint.config import Config

if TYPE_CHECKING:
    from policylint.capacity.observed import Observed
    from policylint.sources.cluster import Reading


def add_cluster_option(parser: argparse.ArgumentParser) -> None:
    """Adds `--cluster`, which comes to None when it is not given, and to "" without a context."""
    parser.add_argument(
        "--cluster",
        nargs="?",
        const="",
        metavar="CONTEXT",
        help="read nodes, pods and quotas of a live cluster (a context of your kubeconfig, the current one when it "
        "is not named; write it after the paths, or as --cluster=CONTEXT). It is only read",
    )


def with_live_cluster(config: Config, context: str | None) -> Config:
    """`config` with the cluster of a kubeconfig context, unchanged when `context` is None.

    What was left out or could not be read is said on stderr. Raises UsageError when the cluster cannot be read.
    """
    if context is None:
        return config
    _, observed = observe_cluster(context)
    from policylint.report.escape import visible

    for note in observed.notes:
        sys.stderr.write(f"policylint: cluster: {visible(note)}\n")
    return config._replace(cluster=observed.cluster)


def observe_cluster(context: str) -> "tuple[Reading, Observed]":
    """The cluster of a kubeconfig context as it is now. Raises UsageError."""
    from policylint.capacity.observed import observe
    from policylint.errors import UsageError
    from policylint.paths import exists
    from policylint.sources.cluster import read_cluster

    try:
        reading = read_cluster(context)
    except UsageError as error:
        from pathlib import Path

        if context and exists(Path(context)):
            hint = f"{error.message}. If {context!r} is a path, write it before --cluster"
            raise UsageError(hint) from error
        raise
    return reading, observe(reading)
