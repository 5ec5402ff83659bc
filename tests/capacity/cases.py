"""Generated small clusters: the same case for the model and, as manifests and configuration, for `assess`."""

from random import Random
from typing import Any, NamedTuple

from made import made, plain
from model import Case, Findings, Load, Node

from policylint.capacity.assess import assess
from policylint.capacity.assessment import Assessment
from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.document import Document
from policylint.views.release import Release

Amount = int | str
_STRATEGIES: tuple[tuple[Amount, Amount], ...] = (
    ("25%", "25%"), (1, 0), (0, 1), (1, 1), ("100%", "50%"),
    ("0%", "25%"), ("50%", 0), (2, 0), ("34%", "34%"), (0, "60%"),
)  # fmt: skip


class Drawn(NamedTuple):
    case: Case
    release: Release
    cluster: Cluster


def up(amount: Amount, total: int) -> int:
    return amount if isinstance(amount, int) else -(-int(amount[:-1]) * total // 100)


def down(amount: Amount, total: int) -> int:
    return amount if isinstance(amount, int) else int(amount[:-1]) * total // 100


def draw(random: Random) -> Drawn:
    """One case: up to three pools, three nodes and three workloads of any kind."""
    pools = random.choice([1, 1, 1, 2, 2, 3])
    with_cpu = random.random() < 0.25
    nodes: list[Node] = []
    declared: list[NodePool] = []
    per_node = random.choice([0, 0, 1])
    for pool in range(pools):
        count = random.choice([1, 1, 2, 3]) if pools == 1 else random.choice([1, 1, 2]) if pools == 2 else 1
        slots, cpu = random.choice([1, 2, 2, 3, 3, 4]), random.choice([2, 3, 4]) if with_cpu else 10**6
        nodes += [Node(pool, slots, cpu)] * count
        amounts = {"cpu": str(cpu)} if with_cpu else {}
        labels = {"pool": f"p{pool}"}
        declared.append(NodePool(f"p{pool}", count, max_pods=slots + per_node, labels=labels, allocatable=amounts))
    everything = frozenset(range(pools))
    quota = random.random() < 0.2
    count = random.choice([1, 1, 2, 2, 2, 3])
    loads: list[Load] = []
    documents: list[Document] = []
    for number in range(count):
        load, document = _workload(random, f"w{number}", everything, len(nodes), with_cpu, quota)
        loads.append(load)
        documents.append(document)
    others = 0 if with_cpu else random.choice([0, 0, 0, 1, 2])
    limit = None
    if quota and any(load.counted for load in loads):
        wanted = sum(load.replicas for load in loads if load.counted)
        limit = max(0, wanted + random.choice([-1, 0, 0, 1, 1, 2]))
        documents.append(plain("ResourceQuota", "q", namespace="team", spec={"hard": {"pods": str(limit)}}))
    hook = _some(random, everything) if random.random() < 0.15 and not quota else None
    if hook is not None:
        notes = {"helm.sh/hook": "pre-upgrade"}
        documents.append(made("Job", "hook", "batch/v1", pod=_pod(hook, everything), notes=notes))
    job = _some(random, everything) if random.random() < 0.1 and not quota else None
    if job is not None:
        documents.append(made("Job", "job", "batch/v1", pod=_pod(job, everything)))
    other_pods = [OtherPods("system", per_node=True)] * per_node
    other_pods += [OtherPods("others", others)] if others else []
    case = Case(tuple(nodes), tuple(loads), others, limit, hook, job)
    return Drawn(case, Release("drawn", tuple(documents)), Cluster(tuple(declared), tuple(other_pods)))


def _some(random: Random, everything: frozenset[int]) -> frozenset[int]:
    return everything if random.random() < 0.6 else frozenset({random.choice(sorted(everything))})


def _pod(pools: frozenset[int], everything: frozenset[int], cpu: int = 0) -> dict[str, Any]:
    pod: dict[str, Any] = {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}} if cpu else {}}]}
    if pools != everything:
        terms = [
            {"matchExpressions": [{"key": "pool", "operator": "In", "values": [f"p{pool}" for pool in sorted(pools)]}]}
        ]
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
        pod["affinity"] = {"nodeAffinity": required}
    return pod


def _workload(
    random: Random, name: str, everything: frozenset[int], nodes: int, with_cpu: bool, quota: bool
) -> tuple[Load, Document]:
    kind = random.choice(["Deployment"] * 6 + ["Recreate", "StatefulSet", "DaemonSet", "Static"])
    pools = _some(random, everything)
    cpu = random.choice([0, 1, 1, 2]) if with_cpu else 0
    counted = quota and random.random() < 0.7
    space, pod = "team" if counted else None, _pod(pools, everything, cpu)
    replicas = random.choice([1, 1, 1, 2, 2, 3])
    if kind == "DaemonSet":
        surge = random.choice([0, 0, 1])
        rolling = {"maxSurge": surge, "maxUnavailable": 0} if surge else {"maxUnavailable": random.choice([1, 1, 2])}
        unavailable = 0 if surge else int(rolling["maxUnavailable"])
        strategy = {"rollingUpdate": rolling}
        load = Load(kind, 0, surge, unavailable, pools, cpu, counted=False)
        return load, made(kind, name, pod=pod, updateStrategy=strategy)
    if kind == "StatefulSet":
        policy = random.choice(["OrderedReady", "Parallel"])
        load = Load(kind, replicas, 0, 1, pools, cpu, counted=counted)
        return load, made(kind, name, pod=pod, namespace=space, replicas=replicas, podManagementPolicy=policy)
    if kind == "Static":
        load = Load(kind, replicas, 0, 0, pools, cpu, counted=counted)
        return load, made("Deployment", name, pod=pod, namespace=space, replicas=replicas, paused=True)
    if kind == "Recreate":
        load = Load(kind, replicas, 0, replicas, pools, cpu, counted=counted)
        return load, made("Deployment", name, pod=pod, namespace=space, replicas=replicas, strategy={"type": kind})
    surge, unavailable = random.choice(_STRATEGIES)
    added, missing = up(surge, replicas), down(unavailable, replicas)
    if not added and not missing:
        missing = 1
    alone = random.random() < 0.12
    labels = {"app": name}
    if alone:
        term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}}
        anti = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
        pod.setdefault("affinity", {})["podAntiAffinity"] = anti
    load = Load(kind, replicas, added, min(missing, replicas), pools, cpu, alone, counted)
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    document = made(
        kind, name, pod=pod, namespace=space, labels=labels, replicas=replicas, strategy={"rollingUpdate": rolling}
    )
    return load, document


def judged(drawn: Drawn) -> Assessment:
    return assess(drawn.release, drawn.cluster)


def wrong(drawn: Drawn, assessment: Assessment, findings: Findings) -> list[str]:
    """The certain verdicts that some course of events contradicts."""
    found = []
    if not findings.hook:
        return []  # nothing can begin: not even the DaemonSets fit
    for rollout, endings in zip(assessment.workloads, findings.endings, strict=True):
        held = {
            "completes": endings <= {True} or _blocked(assessment) or not (rollout.rolls or findings.full),
            "deadlock": endings <= {False},
            "overflow": not findings.full or _quota_overflow(rollout.limit),
        }.get(rollout.verdict, True)
        if not held:
            found.append(f"{rollout.resource} {rollout.verdict}, but endings {sorted(endings)}, full {findings.full}")
    for hook in assessment.hooks:
        verdict = hook.shortage.verdict
        if (verdict == "completes" and findings.hook != {True}) or (verdict == "deadlock" and True in findings.hook):
            found.append(f"hook {verdict}, but started: {sorted(findings.hook)}")
    return found


def _blocked(assessment: Assessment) -> bool:
    """A hook that does not start keeps the rollout from beginning; its own verdict says so."""
    return any(hook.shortage.verdict != "completes" for hook in assessment.hooks)


def _quota_overflow(limit: Any) -> bool:
    return limit is not None and limit.dimension.startswith("quota")
