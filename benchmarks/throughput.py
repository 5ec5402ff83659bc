"""Documents per second of `policylint check` and of checkov, peak memory, and whether every processor is used.

checkov goes into a virtual environment of its own (`pip install checkov`); `--checkov` names its command. Both check
the same manifests, from the start to the end of the process, in turn; the ratio is taken pair by pair.
"""

import os
import tempfile
from pathlib import Path

from manifests import write_manifests
from measure import Sample, arguments, cpu, in_turn, program, ratio, run, verdict, wall

LEAST_OF_CHECKOV = 30
MOST_MEMORY = 200  # MB
LEAST_SPEEDUP = 1.5  # on two processors


def main() -> None:
    parser = arguments(__doc__, runs=3)
    parser.add_argument("--checkov", metavar="COMMAND", help="the checkov command; left out, only policylint runs")
    parser.add_argument("--documents", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_manifests(folder, options.documents)
        print(f"{options.documents} documents, {size / 1e6:.1f} MB; {len(os.sched_getaffinity(0))} processors")
        _policylint(options.runs, folder, options.documents)
        if options.checkov:
            _against_checkov(options.runs, options.checkov, folder, options.documents)


def _policylint(runs: int, folder: Path, documents: int) -> None:
    command = [program("policylint"), "check", str(folder)]
    every, single = in_turn(runs, lambda: run(command), lambda: run(command, cpus=[min(os.sched_getaffinity(0))]))
    _refuse_failures(every)
    print(f"policylint: {documents / wall(every):,.0f} documents per second, {wall(every):.2f} s")
    print(f"processors kept busy: {cpu(every) / wall(every):.2f}")
    if len(os.sched_getaffinity(0)) > 1:
        speedup = wall(single) / wall(every)
        verdict("speed-up over one processor", f"{speedup:.2f}", speedup >= LEAST_SPEEDUP, f"at least {LEAST_SPEEDUP}")
    peak = run(command, memory=True).memory / 1e6  # a run of its own, since watching it slows it down
    verdict("peak memory of all its processes", f"{peak:.0f} MB", peak < MOST_MEMORY, f"below {MOST_MEMORY} MB")


def _against_checkov(runs: int, checkov: str, folder: Path, documents: int) -> None:
    theirs = [checkov, "-d", str(folder), "--framework", "kubernetes", "--compact", "--quiet", "--skip-download"]
    ours = [program("policylint"), "check", str(folder)]
    our_runs, their_runs = in_turn(runs, lambda: run(ours), lambda: run(theirs))
    _refuse_failures(our_runs)
    _refuse_failures(their_runs)
    print(f"checkov: {documents / wall(their_runs):,.0f} documents per second, {wall(their_runs):.1f} s")
    times = ratio(their_runs, our_runs)
    verdict("policylint / checkov", times, times.middle >= LEAST_OF_CHECKOV, f"at least {LEAST_OF_CHECKOV}")


def _refuse_failures(samples: list[Sample]) -> None:
    # 0 is clean and 1 is findings, for both
    codes = {sample.code for sample in samples} - {0, 1}
    if codes:
        raise SystemExit(f"a command failed with exit code {codes.pop()}; nothing was measured")


if __name__ == "__main__":
    main()
