"""Running commands in turn and counting what they cost. Linux only: it reads /proc."""

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

_SAMPLED_EVERY = 0.005  # seconds
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Sample(NamedTuple):
    """One run: seconds by the clock, processor seconds of it and all its children, peak bytes of all of them at once.

    `memory` is 0 unless it was asked for. Pages that processes share count once for each.
    """

    wall: float
    cpu: float
    memory: int
    code: int


def program(name: str) -> str:
    """The path of an installed command: the one beside this Python, else the one on PATH. Exits without one."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed beside {sys.executable} and not on PATH")
    return found


def run(command: Sequence[str], *, cpus: Iterable[int] = (), memory: bool = False) -> Sample:
    """Runs `command` with its output thrown away; on the processors `cpus` only, when any are given."""
    # bytecode is written by the first run, as an installer does, so that no run compiles what it loads
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    allowed = os.sched_getaffinity(0)
    if cpus:
        os.sched_setaffinity(0, cpus)  # inherited by what starts now
    try:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    finally:
        os.sched_setaffinity(0, allowed)
    peak = _Peak(process.pid) if memory else None
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Sample(wall, usage.ru_utime + usage.ru_stime, peak.stop() if peak else 0, process.returncode)


def in_turn(runs: int, *once: Callable[[], Sample]) -> list[list[Sample]]:
    """Each measured `runs` times, A B A B …, after one run of each that does not count."""
    for measure in once:
        measure()
    rounds = [[measure() for measure in once] for _ in range(runs)]
    return [list(column) for column in zip(*rounds, strict=True)]


def ratio(over: Sequence[Sample], under: Sequence[Sample]) -> "Spread":
    """Wall time over wall time, pair by pair, so that a machine that slows down meanwhile does not matter."""
    return Spread.of([a.wall / b.wall for a, b in zip(over, under, strict=True)])


class Spread(NamedTuple):
    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f} to {self.most:.2f})"


def wall(samples: Sequence[Sample]) -> float:
    return median(sample.wall for sample in samples)


def cpu(samples: Sequence[Sample]) -> float:
    return median(sample.cpu for sample in samples)


def verdict(label: str, value: object, met: bool, target: str) -> None:
    print(f"{label}: {value}; target {target}: {'met' if met else 'MISSED'}")


def arguments(description: str | None, runs: int) -> argparse.ArgumentParser:
    """A parser with what every script takes."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n\n")[0])
    parser.add_argument("--runs", type=int, default=runs, help=f"counted runs of each command (default: {runs})")
    return parser


class _Peak:
    """Looks at a process and its descendants every few milliseconds and keeps the largest sum of resident memory."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLED_EVERY):
            self._peak = max(self._peak, sum(map(_resident, _family(self._process))))


def _family(process: int) -> list[int]:
    found = [process]
    for each in found:
        try:
            for thread in Path(f"/proc/{each}/task").iterdir():
                found.extend(map(int, (thread / "children").read_text().split()))
        except OSError:
            continue  # it has ended
    return found


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
