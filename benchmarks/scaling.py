"""Whether a document costs the same in a small project and in a large one.

What is computed: the time per document at N documents is (T(N) - T(start)) / (N - start), where T is the median of the
processor seconds of `policylint check` held to one processor, and `start` is a project with one document of every kind,
so that everything is loaded that will be. The spread is the largest of these over the smallest, minus one. With every
processor, worker processes make large projects faster; that is printed beside it, by the clock.
"""

import os
import tempfile
from pathlib import Path

from manifests import KINDS, write_manifests
from measure import Sample, arguments, cpu, in_turn, program, run, verdict, wall

SIZES = (500, 5000, 50_000)
MOST_SPREAD = 0.15


def main() -> None:
    parser = arguments(__doc__, runs=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="DOCUMENTS")
    options = parser.parse_args()
    sizes = [KINDS, *options.sizes]
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, str(size)) for size in sizes]
        for size, folder in zip(sizes, folders, strict=True):
            write_manifests(folder, size)
        one = in_turn(options.runs, *(lambda folder=folder: _check(folder, one=True) for folder in folders))
        every = in_turn(options.runs, *(lambda folder=folder: _check(folder, one=False) for folder in folders))
    start, *times = map(cpu, one)
    print(f"start-up, {KINDS} documents: {start * 1000:.0f} ms; then, per document:")
    costs = [(time - start) / (size - KINDS) for size, time in zip(options.sizes, times, strict=True)]
    for size, cost, samples in zip(options.sizes, costs, every[1:], strict=True):
        clock = (wall(samples) - wall(every[0])) / (size - KINDS)
        print(
            f"{size:>7} documents: {cost * 1e6:6.1f} us on one processor; {clock * 1e6:6.1f} us by the clock with all"
        )
    spread = max(costs) / min(costs) - 1
    verdict("spread of the time per document", f"{spread:.1%}", spread <= MOST_SPREAD, f"at most {MOST_SPREAD:.0%}")


def _check(folder: Path, *, one: bool) -> Sample:
    cpus = [min(os.sched_getaffinity(0))] if one else []
    return run([program("policylint"), "check", str(folder)], cpus=cpus)


if __name__ == "__main__":
    main()
