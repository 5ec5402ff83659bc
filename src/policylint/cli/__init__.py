"""The `policylint` command."""

import gc
import sys
from collections.abc import Sequence

# objects; Python's own default is 700
_COLLECT_AFTER = 100_000


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (default: the process's own) and returns the exit code."""
    # Documents and nodes form no cycles, so collecting those finds nothing, for a tenth of the time of a run. What
    # cycles there are in other code still goes when that many objects have been made and not freed.
    gc.set_threshold(_COLLECT_AFTER)
    from policylint.cli.app import run

    return run(list(sys.argv[1:] if argv is None else argv))
