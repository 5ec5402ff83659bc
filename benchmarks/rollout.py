"""How long the rollout arithmetic takes, and how it grows with workloads and pools.

python benchmarks/rollout.py [--workloads 10000] [--pools 50] [--nodes 4]

Every tenth workload is confined to one pool by a selector, every tenth to two by affinity, every twentieth autoscaled;
kinds and strategies are mixed, half of them request cpu, and pools declare it. `ample` has eight times as many slots as
pods, which is enough for all autoscalers at their most, `roomy` half as many again, `full` none to spare, and `short`
too few, so that every workload needs its proof. A time that grows like n log n has the same figure in its column at
every size.
"""

import argparse
import math
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "capacity"))

from made import made, scaler

from policylint.capacity.assess import assess
from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.document import Document
from policylint.views.release import Release

_STRATEGIES: tuple[dict[str, Any], ...] = (
    {},
    {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
    {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
    {"type": "Recreate"},
)


def release(workloads: int, pools: int) -> Release:
    documents: list[Document] = []
    for number in range(workloads):
        pod: dict[str, Any] = {"containers": [{"name": "c"}]}
        if number % 2:
            pod["containers"][0]["resources"] = {"requests": {"cpu": "50m", "memory": "64Mi"}}
        if number % 10 == 0:
            pod["nodeSelector"] = {"pool": f"p{number // 10 % pools}"}
        elif number % 10 == 1:
            values = [f"p{number // 10 % pools}", f"p{(number // 10 + 1) % pools}"]
            term = {"matchExpressions": [{"key": "pool", "operator": "In", "values": values}]}
            required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
            pod["affinity"] = {"nodeAffinity": required}
        name = f"w{number}"
        kind = "StatefulSet" if number % 7 == 0 else "Deployment"
        scaled = number % 20 == 3 and kind == "Deployment"
        replicas = 1 if scaled else number % 4 + 1
        strategy = {} if kind == "StatefulSet" else {"strategy": _STRATEGIES[number % 4]}
        documents.append(made(kind, name, pod=pod, labels={"app": name}, replicas=replicas, **strategy))
        if scaled:
            documents.append(scaler(1, 30, name=name))
    documents.append(made("DaemonSet", "agent", pod={"containers": [{"name": "c"}]}))
    return Release("large", tuple(documents))


def cluster(pods: int, pools: int, nodes: int, room: float) -> Cluster:
    each = -(-int(pods * room) // (pools * nodes)) + 2
    spare = (each - 2) * pools * nodes - pods
    declared = tuple(
        NodePool(f"p{number}", nodes, max_pods=each, labels={"pool": f"p{number}"}, allocatable={"cpu": "64"})
        for number in range(pools)
    )
    return Cluster(
        declared, (OtherPods("proxy", per_node=True), *([OtherPods("rest", spare)] if room == 1 and spare else []))
    )


def measure(workloads: int, pools: int, nodes: int, room: float) -> tuple[float, dict[str, int]]:
    """Processor seconds, and how often each verdict occurred, on a cluster with this many slots for each pod."""
    given = release(workloads, pools)
    pods = sum(document.mapping["spec"].get("replicas", 0) for document in given.documents)
    size = cluster(pods, pools, nodes, room)
    start = time.process_time()
    assessment = assess(given, size)
    seconds = time.process_time() - start
    verdicts: dict[str, int] = {}
    for rollout in assessment.workloads:
        verdicts[rollout.verdict] = verdicts.get(rollout.verdict, 0) + 1
    return seconds, verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workloads", type=int, default=10_000)
    parser.add_argument("--pools", type=int, default=50)
    parser.add_argument("--nodes", type=int, default=4, help="nodes of each pool")
    given = parser.parse_args()
    sizes = [(given.workloads // 10, given.pools), (given.workloads * 3 // 10, given.pools)]
    sizes += [(given.workloads, max(1, given.pools // 2)), (given.workloads, given.pools)]
    print("workloads  pools  slots  seconds  µs/(n log n)  verdicts")
    for workloads, pools in sizes:
        for name, room in (("ample", 8.0), ("roomy", 1.5), ("full ", 1.0), ("short", 0.7)):
            seconds, verdicts = measure(workloads, pools, given.nodes, room)
            growth = seconds * 1e6 / (workloads * math.log2(workloads))
            print(f"{workloads:9}  {pools:5}  {name}  {seconds:7.2f}  {growth:12.1f}  {dict(sorted(verdicts.items()))}")


if __name__ == "__main__":
    main()
