"""Compares verdicts with every course of events of many small clusters.

python tests/capacity/exhaustive.py [--cases 100000] [--states 2000] [--seed 0] [--processes 2]

Draws until so many cases could be walked through, those with more states than that are `too large`. Prints what was
compared and how often each verdict occurred, and each certain verdict that was wrong; exits 1 if any.
"""

import argparse
import itertools
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))

from cases import Drawn, compared, draw, judged
from model import Hopeless, TooLarge

_BATCH = 2_000


def compare(seed: int, most: int) -> tuple[Counter[str], list[str]]:
    """Draws the case number `seed` and compares it, unless it has more than `most` states."""
    drawn = draw(Random(seed))
    tally: Counter[str] = Counter()
    assessment = judged(drawn)
    try:
        found = compared(drawn, assessment, most)
    except TooLarge:
        return Counter({"too large": 1}), []
    except Hopeless:
        return Counter({"left out, as other pods do not fit": 1}), []
    tally["cases"] += 1
    tally["states"] += found.states
    for feature in _features(drawn):
        tally[f"with {feature}"] += 1
    findings = found.findings
    for rollout, endings in zip(assessment.workloads, findings.endings, strict=True):
        course = {(True,): "always", (False,): "never", (): "none"}.get(tuple(sorted(endings)), "sometimes")
        behind = any(hook.shortage.verdict != "completes" for hook in assessment.hooks)
        premise = "" if findings.full else " (not everything fits before)"
        tally[f"verdict {rollout.verdict}"] += 1
        tally[f"{rollout.verdict}: finishes {course}{' (behind a hook that may not start)' * behind}{premise}"] += 1
    for hook in assessment.hooks:
        tally[f"hook {hook.shortage.verdict}"] += 1
    for job in assessment.jobs:
        tally[f"job {job.shortage.verdict}"] += 1
    return tally, [f"seed {seed}: {line}" for line in found.errors]


def _features(drawn: Drawn) -> Iterator[str]:
    """What a case has, for the count of what was covered."""
    case = drawn.case
    pools = len(drawn.cluster.node_pools)
    yield f"{pools} pools" if pools > 1 else "1 pool"
    yield f"{len(case.loads)} workloads" if len(case.loads) > 1 else "1 workload"
    yield from {load.kind for load in case.loads}
    ordered = {load.ordered for load in case.loads if load.kind == "StatefulSet"}
    present = {
        "taints": any(pool.taints for pool in drawn.cluster.node_pools),
        "cpu": any(load.cpu for load in case.loads),
        "pods that exclude each other": any(load.alone for load in case.loads),
        "pods that are spread": any(load.skew for load in case.loads),
        "other pods": bool(drawn.cluster.other_pods),
        "a quota": case.quota is not None,
        "a hook": case.hook is not None,
        "a Job beside": case.job is not None,
        "an autoscaler": drawn.scaled is not None,
        "pods that stay in a pool": bool(case.pinned),
        "workloads that start": bool(case.starting),
        "partition": any(load.partition for load in case.loads),
        "OrderedReady": True in ordered,
        "Parallel": False in ordered,
        "DaemonSet surge": any(load.kind == "DaemonSet" and load.surge for load in case.loads),
        "a start that may be stuck": any(load.kind == "Deployment" and load.surge for load in case.loads),
    }
    yield from (name for name, holds in present.items() if holds)


def run(first: int, states: int, processes: int) -> Iterator[tuple[Counter[str], list[str]]]:
    """What each case comes to, from the case number `first` on, without an end."""
    seeds, once = itertools.count(first), partial(compare, most=states)
    if processes == 1:
        yield from map(once, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        while True:
            yield from pool.imap_unordered(once, itertools.islice(seeds, _BATCH), chunksize=100)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--states", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    total: Counter[str] = Counter()
    errors = 0
    for tally, lines in run(given.seed, given.states, given.processes):
        total.update(tally)
        errors += len(lines)
        for line in lines:
            print(line, flush=True)
        if total["cases"] >= given.cases:
            break
    for name, count in sorted(total.items()):
        print(f"{count:10}  {name}")
    print(f"{errors} certain verdicts wrong")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
