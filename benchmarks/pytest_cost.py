"""What pytest adds: `pytest --policylint` against `policylint check`, and the plugin in runs that do not ask for it."""

import sys
import tempfile
from pathlib import Path

from manifests import write_manifests
from measure import arguments, in_turn, program, ratio, run, verdict, wall

MOST_OF_CHECK = 2.5
MOST_IDLE = 5  # ms


def main() -> None:
    parser = arguments(__doc__, runs=5)
    parser.add_argument("--documents", type=int, default=5000)
    options = parser.parse_args()
    pytest = [sys.executable, "-m", "pytest"]
    with tempfile.TemporaryDirectory() as folder:
        write_manifests(Path(folder), options.documents)
        quiet = ["-c", "/dev/null", "--rootdir", folder, "-p", "no:cacheprovider", "-q"]
        check, tested = in_turn(
            options.runs,
            lambda: run([program("policylint"), "check", folder]),
            lambda: run([*pytest, *quiet, "--policylint", folder]),
        )
    if {sample.code for sample in (*check, *tested)} - {0, 1}:
        raise SystemExit("a command failed; nothing was measured")
    print(f"policylint check {wall(check):.2f} s, pytest --policylint {wall(tested):.2f} s")
    cost = ratio(tested, check)
    verdict("pytest / check", cost, cost.middle <= MOST_OF_CHECK, f"at most {MOST_OF_CHECK}")

    without, installed = in_turn(
        options.runs * 6,
        lambda: run([*pytest, "-p", "no:policylint", "--version"]),
        lambda: run([*pytest, "--version"]),
    )
    print(
        f"pytest --version: {wall(without) * 1000:.0f} ms without the plugin, {wall(installed) * 1000:.0f} ms with it"
    )
    idle = (wall(installed) - wall(without)) * 1000
    verdict("the idle plugin", f"{idle:.1f} ms", idle < MOST_IDLE, f"under {MOST_IDLE} ms")


if __name__ == "__main__":
    main()
