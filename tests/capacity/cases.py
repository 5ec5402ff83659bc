"""Generated small clusters: the same case for the model and, as manifests and configuration, for `assess`."""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from made import made, plain, scaler
from model import Case, Findings, Load, Node, explore

from policylint.capacity.assess import assess
from policylint.capacity.assessment import Assessment, Verdict, WorkloadRollout
from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.document import Document
from policylint.model import ResourceId
from policylint.views.release import Release

Amount = int | str
_STRATEGIES: tuple[tuple[Amount, Amount], ...] = (
    ("25%", "25%"), (1, 0), (0, 1), (1, 1), ("100%", "50%"),
    ("0%", "25%"), ("50%", 0), (2, 0), ("34%", "34%"), (0, "60%"),
)  # fmt: skip


class Drawn(NamedTuple):
    """`scaled` is the workload that an autoscaler scales, None without one."""

    case: Case
    release: Release
    cluster: Cluster
    scaled: int | None = None


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
    tainted = frozenset(pool for pool in range(pools) if random.random() < 0.15)
    for pool in range(pools):
        count = random.choice([1, 1, 2, 3]) if pools == 1 else random.choice([1, 1, 2]) if pools == 2 else 1
        slots, cpu = random.choice([1, 2, 2, 3, 3, 4]), random.choice([2, 3, 4]) if with_cpu else 10**6
        nodes += [Node(pool, slots, cpu)] * count
        amounts = {"cpu": str(cpu)} if with_cpu else {}
        labels = {"pool": f"p{pool}"}
        taints = ({"key": "only", "value": f"p{pool}", "effect": "NoSchedule"},) if pool in tainted else ()
        declared.append(
            NodePool(f"p{pool}", count, max_pods=slots + per_node, labels=labels, taints=taints, allocatable=amounts)
        )
    scene = _Scene(random, pools, tainted, with_cpu, quota=random.random() < 0.2)
    loads: list[Load] = []
    documents: list[Document] = []
    count = random.choice([1, 1, 2, 2, 2, 3])
    scaled = random.randrange(count) if random.random() < 0.2 else None
    for number in range(count):
        load, found = scene.workload(f"w{number}", scaled=number == scaled)
        loads.append(load)
        documents += found
    if scaled is not None and not loads[scaled].posts:
        scaled = None
    others = 0 if with_cpu else random.choice([0, 0, 0, 1, 2])
    limit = None
    if any(load.counted for load in loads):
        wanted = sum(load.replicas for load in loads if load.counted)
        wanted += sum(
            sum(node.pool in load.pools for node in nodes) for load in loads if load.counted and not load.replicas
        )
        limit = max(0, wanted + random.choice([-1, 0, 0, 1, 1, 2]))
        documents.append(plain("ResourceQuota", "q", namespace="team", spec={"hard": {"pods": str(limit)}}))
    hook = scene.some_pools() if random.random() < 0.15 else None
    hook_counted = hook is not None and limit is not None and random.random() < 0.5
    if hook is not None:
        notes = {"helm.sh/hook": "pre-upgrade"}
        space = "team" if hook_counted else None
        documents.append(made("Job", "hook", "batch/v1", pod=scene.pod(hook), notes=notes, namespace=space))
    job = scene.some_pools() if random.random() < 0.1 else None
    if job is not None:
        documents.append(made("Job", "job", "batch/v1", pod=scene.pod(job)))
    other_pods = [OtherPods("system", per_node=True)] * per_node
    other_pods += [OtherPods("others", others)] if others else []
    pinned = tuple(random.randrange(pools) for _ in range(random.choice([1, 1, 2]))) if random.random() < 0.1 else ()
    needs = {"cpu": "0"} if with_cpu else None
    other_pods += [OtherPods(f"pinned-{number}", pool=f"p{pool}", requests=needs) for number, pool in enumerate(pinned)]
    starting = frozenset(number for number in range(count) if random.random() < 0.5 and not loads[number].posts)
    starting = starting if random.random() < 0.1 and not scene.quota else frozenset()
    case = Case(tuple(nodes), tuple(loads), others, limit, hook, job, pinned, hook_counted, starting)
    return Drawn(case, Release("drawn", tuple(documents)), Cluster(tuple(declared), tuple(other_pods)), scaled)


class _Scene:
    """What the workloads of one case have in common."""

    def __init__(self, random: Random, pools: int, tainted: frozenset[int], with_cpu: bool, quota: bool) -> None:
        self._random = random
        self._all = frozenset(range(pools))
        self._tainted = tainted
        self._with_cpu = with_cpu
        self.quota = quota

    def some_pools(self) -> frozenset[int]:
        return self._all if self._random.random() < 0.6 else frozenset({self._random.choice(sorted(self._all))})

    def pod(self, pools: frozenset[int], cpu: int = 0) -> dict[str, Any]:
        """A pod that may use these pools: by its selector, by required affinity, or as only it tolerates the others."""
        pod: dict[str, Any] = {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}} if cpu else {}}]}
        if pools & self._tainted:
            values = [f"p{pool}" for pool in sorted(pools & self._tainted)]
            pod["tolerations"] = [{"key": "only", "value": value, "effect": "NoSchedule"} for value in values]
        if pools == self._all - self._tainted or pools == self._all:
            return pod
        if len(pools) == 1 and self._random.random() < 0.5:
            pod["nodeSelector"] = {"pool": f"p{min(pools)}"}
            return pod
        values = [f"p{pool}" for pool in sorted(pools)]
        terms = [{"matchExpressions": [{"key": "pool", "operator": "In", "values": values}]}]
        pod["affinity"] = {
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
        }
        return pod

    def workload(self, name: str, *, scaled: bool) -> tuple[Load, list[Document]]:
        random = self._random
        kind = random.choice(["Deployment"] * 6 + ["Recreate", "StatefulSet", "StatefulSet", "DaemonSet", "Static"])
        kind = "Deployment" if scaled else kind
        pools = self.some_pools()
        cpu = random.choice([0, 1, 1, 2]) if self._with_cpu else 0
        counted = self.quota and random.random() < 0.7
        space, pod = "team" if counted else None, self.pod(pools, cpu)
        replicas = random.choice([1, 1, 1, 2, 2, 3])
        common = {"pod": pod, "namespace": space}
        if kind == "DaemonSet":
            surge = random.choice([0, 0, 1, 2])
            unavailable = 0 if surge else random.choice([1, 1, 2])
            rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
            load = Load(kind, 0, surge, unavailable, pools, cpu, counted=counted)
            return load, [made(kind, name, **common, updateStrategy={"rollingUpdate": rolling})]
        if kind == "StatefulSet":
            load = Load(kind, replicas, 0, random.choice([1, 1, 2]), pools, cpu, counted=counted)
            load = load._replace(ordered=random.random() < 0.5, partition=random.choice([0, 0, 0, 1, 2]))
            rolling = {"partition": load.partition, "maxUnavailable": load.unavailable}
            policy = "OrderedReady" if load.ordered else "Parallel"
            spec = {"podManagementPolicy": policy, "updateStrategy": {"rollingUpdate": rolling}}
            return load, [made(kind, name, **common, replicas=replicas, **spec)]
        if kind == "Static":
            load = Load(kind, replicas, 0, 0, pools, cpu, counted=counted)
            return load, [made("Deployment", name, **common, replicas=replicas, paused=True)]
        if kind == "Recreate":
            load = Load(kind, replicas, 0, replicas, pools, cpu, counted=counted)
            return load, [made("Deployment", name, **common, replicas=replicas, strategy={"type": kind})]
        return self._deployment(name, pools, cpu, replicas, common, scaled=scaled)

    def _deployment(
        self, name: str, pools: frozenset[int], cpu: int, replicas: int, common: dict[str, Any], *, scaled: bool
    ) -> tuple[Load, list[Document]]:
        random, pod = self._random, common["pod"]
        surge, unavailable = random.choice(_STRATEGIES)
        alone, labels = random.random() < 0.12, {"app": name}
        if alone and random.random() < 0.3:
            pod["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": 8000 + int(name[1:])}]
        elif alone:
            term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}}
            anti = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
            pod.setdefault("affinity", {})["podAntiAffinity"] = anti
        skew = 0 if alone else random.choice([0] * 7 + [1, 2])
        if skew:
            constraint = {
                "maxSkew": skew,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "DoNotSchedule",
            }
            pod["topologySpreadConstraints"] = [{**constraint, "labelSelector": {"matchLabels": labels}}]
        load = Load("Deployment", replicas, *posts(surge, unavailable, replicas), pools, cpu, alone)
        # taints do not make a domain count less, other than what the pod selects
        selects = "nodeSelector" in pod or "nodeAffinity" in pod.get("affinity", {})
        load = load._replace(skew=skew, domains=pools if selects else self._all)
        load = load._replace(counted=common["namespace"] is not None)
        rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
        strategy = {"rollingUpdate": rolling}
        document = made("Deployment", name, **common, labels=labels, replicas=replicas, strategy=strategy)
        if not scaled:
            return load, [document]
        most = replicas + random.choice([1, 1, 2])
        every = tuple(posts(surge, unavailable, count) for count in range(replicas, most + 1))
        found = scaler(replicas, most, name=name)
        found.data["metadata"]["namespace"] = common["namespace"]
        return load._replace(least=replicas, posts=every), [document, found]


def posts(surge: Amount, unavailable: Amount, replicas: int) -> tuple[int, int]:
    """The pods that may be added and missing; not by the code that is under test."""
    added, missing = up(surge, replicas), down(unavailable, replicas)
    return added, min(missing or (0 if added else 1), replicas)


class Compared(NamedTuple):
    """What some course of events contradicts; what was found at the fewest replicas; how many states were seen."""

    errors: list[str]
    findings: Findings
    states: int


def compared(drawn: Drawn, assessment: Assessment, most: int = 2_000) -> Compared:
    """Holds an assessment against every course of events. Raises TooLarge after `most` states."""
    if drawn.scaled is None:
        findings = explore(drawn.case, most)
        errors = [*wrong(assessment, assessment.workloads, findings), *wrong_hooks(assessment, findings)]
        return Compared(errors, findings, findings.states)
    load, errors = drawn.case.loads[drawn.scaled], []
    first: Findings | None = None
    states = 0
    for count in range(load.least, load.least + len(load.posts)):
        still, moving = load.fixed(count), load._replace(replicas=count)
        at_rest = explore(_with(drawn, still), most)
        moved = explore(_with(drawn, moving), most)
        states += at_rest.states + moved.states
        first = first or at_rest
        rollouts = list(assessment.workloads)
        rollouts[drawn.scaled] = rollouts[drawn.scaled]._replace(verdict=_at(rollouts[drawn.scaled], count))
        # the verdicts of the others are those at the fewest replicas, but what completes, completes at every number
        short = rollouts if count == load.least else rollouts[drawn.scaled : drawn.scaled + 1]
        place = range(len(rollouts)) if count == load.least else [drawn.scaled]
        part = at_rest._replace(endings=tuple(at_rest.endings[index] for index in place))
        errors += [f"at {count}: {line}" for line in wrong(assessment, short, part)]
        if at_rest.full or count == load.least:
            errors += [f"at {count}: {line}" for line in wrong_hooks(assessment, at_rest)]
            # the scaled workload itself may be moved to a number of which another verdict is told
            done = [index for index, rollout in enumerate(assessment.workloads) if rollout.worst == "completes"]
            part = moved._replace(endings=tuple(moved.endings[index] for index in done))
            lines = wrong(assessment, [rollouts[index] for index in done], part)
            errors += [f"from {count}, scaled: {line}" for line in lines]
    assert first is not None
    return Compared(errors, first, states)


def _with(drawn: Drawn, load: Load) -> Case:
    loads = list(drawn.case.loads)
    loads[drawn.scaled or 0] = load
    return drawn.case._replace(loads=tuple(loads))


def _at(rollout: WorkloadRollout, replicas: int) -> Verdict:
    found = [entry.verdict for entry in rollout.at if entry.replicas <= replicas]
    return found[-1] if found else rollout.verdict


def judged(drawn: Drawn) -> Assessment:
    return assess(drawn.release, drawn.cluster, starting=_starting(drawn))


def _starting(drawn: Drawn) -> list[ResourceId]:
    workloads = [document for document in drawn.release.documents if document.name.startswith("w")]
    workloads = [document for document in workloads if document.kind != "HorizontalPodAutoscaler"]
    found = (workloads[number].resource for number in drawn.case.starting)
    return [resource for resource in found if resource is not None]


def wrong(assessment: Assessment, rollouts: Sequence[WorkloadRollout], findings: Findings) -> list[str]:
    """The certain verdicts that some course of events contradicts."""
    found = []
    for rollout, endings in zip(rollouts, findings.endings, strict=True):
        held = {
            "completes": endings <= {True} or _blocked(assessment),
            "deadlock": endings <= {False},
            "overflow": not findings.full,
        }.get(rollout.verdict, True)
        if not held:
            found.append(f"{rollout.resource} {rollout.verdict}, but endings {sorted(endings)}, full {findings.full}")
    return found


def wrong_hooks(assessment: Assessment, findings: Findings) -> list[str]:
    """The certain verdicts about hooks that some course of events contradicts."""
    found = []
    for hook in assessment.hooks:
        verdict = hook.shortage.verdict
        if (verdict == "completes" and findings.hook != {True}) or (verdict == "deadlock" and True in findings.hook):
            found.append(f"hook {verdict}, but started: {sorted(findings.hook)}")
    for job in assessment.jobs if not _blocked(assessment) else ():
        verdict, ends = job.shortage.verdict, findings.job
        if (verdict == "completes" and ends != {True}) or (verdict == "deadlock" and True in ends and findings.full):
            found.append(f"job {verdict}, but ended: {sorted(ends)}, full {findings.full}")
    return found


def _blocked(assessment: Assessment) -> bool:
    """A hook that does not start keeps the rollout from beginning; its own verdict says so."""
    return any(hook.shortage.verdict != "completes" for hook in assessment.hooks)
