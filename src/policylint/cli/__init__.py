"""The `policylint` command."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (default: the process's own) and returns the exit code."""
    from policylint.cli.app import run

    return run(list(sys.argv[1:] if argv is None else argv))
