"""Compares verdicts with every course of events of many small clusters.

python tests/capacity/exhaustive.py [--cases 100000] [--seed 0] [--processes 2]

Prints what was compared and how often each verdict occurred, and each certain verdict that was wrong; exits 1 if any.
"""

import argparse
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))

from cases import draw, judged, wrong
from model import TooLarge, explore


def compare(seed: int) -> tuple[Counter[str], list[str]]:
    """Draws the case number `seed` and compares it."""
    drawn = draw(Random(seed))
    tally: Counter[str] = Counter()
    try:
        findings = explore(drawn.case)
    except TooLarge:
        return Counter({"too large": 1}), []
    assessment = judged(drawn)
    tally["cases"] += 1
    tally["states"] += findings.states
    for rollout, endings in zip(assessment.workloads, findings.endings, strict=True):
        course = {(True,): "always", (False,): "never", (): "none"}.get(tuple(sorted(endings)), "sometimes")
        behind = any(hook.shortage.verdict != "completes" for hook in assessment.hooks)
        premise = "" if findings.full else " (not everything fits before)"
        tally[f"{rollout.verdict}: finishes {course}{' (behind a hook that may not start)' * behind}{premise}"] += 1
    for hook in assessment.hooks:
        tally[f"hook {hook.shortage.verdict}"] += 1
    return tally, [f"seed {seed}: {line}" for line in wrong(drawn, assessment, findings)]


def run(seeds: range, processes: int) -> Iterator[tuple[Counter[str], list[str]]]:
    if processes == 1:
        yield from map(compare, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(compare, seeds, chunksize=200)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    total: Counter[str] = Counter()
    errors: list[str] = []
    for tally, lines in run(range(given.seed, given.seed + given.cases), given.processes):
        total.update(tally)
        errors += lines
    for name, count in sorted(total.items()):
        print(f"{count:10}  {name}")
    print("\n".join(errors[:50]))
    print(f"{len(errors)} certain verdicts wrong")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
