"""The door to the rollout arithmetic: a release and a cluster in, verdicts with their sums out."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from policylint.capacity.assessment import (
    Assessment,
    AtReplicas,
    QuotaNeed,
    Shortage,
    Verdict,
    WorkloadRollout,
    worst_of,
)
from policylint.capacity.demand import Demand, ReleaseDemand, demand_of
from policylint.capacity.fixes import fixes_for
from policylint.capacity.hooks import hook_needs, job_needs
from policylint.capacity.ledger import PODS
from policylint.capacity.nodes import Nodes
from policylint.capacity.others import Besides, besides
from policylint.capacity.policies import Undeclared
from policylint.capacity.present import present_in
from policylint.capacity.quota import ObjectCount, Quota, QuotaSum, object_counts, quotas_of, sums_of
from policylint.capacity.quota_words import quota_shortages
from policylint.capacity.requests import Defaults, defaults_of
from policylint.capacity.steps import downtime_of, steps_of
from policylint.capacity.supply import Supply
from policylint.capacity.table import pool_uses
from policylint.capacity.volumes import Claims
from policylint.capacity.words import rounded, shortage_of
from policylint.config import Cluster
from policylint.document.document import Document
from policylint.model import ResourceId
from policylint.views.release import Release

_STRANDED = "some of its pods are on nodes that take no new ones"
_HELM_WAITS = 300  # seconds, the default of Helm's --timeout
_MANY = 16  # numbers of replicas up to which each is judged


def assess(
    release: Release,
    cluster: Cluster,
    *,
    changed: Collection[ResourceId] | None = None,
    present: Sequence[Document] = (),
    starting: Collection[ResourceId] = (),
) -> Assessment:
    """How the rollout of `release` on `cluster` ends; see `policylint.capacity` for the arguments.

    The verdicts presuppose that all pods of the release, but for those of `starting`, run when the rollout begins.
    `completes`, `deadlock` and `overflow` hold for every course of events; for `completes` that means: as far as data
    was given (`unjudged`), no pod fails for reasons of its own, and Jobs end. Raises ConfigError for a pool whose limit
    cannot be known.
    """
    found = _assessed(release, cluster, changed, present, starting)
    undeclared = Undeclared(cluster)
    if not undeclared:
        return found
    return undeclared.doubted(found, _assessed(release, undeclared.smaller, changed, present, starting))


def _assessed(
    release: Release,
    cluster: Cluster,
    changed: Collection[ResourceId] | None,
    present: Sequence[Document],
    starting: Collection[ResourceId],
) -> Assessment:
    present = (*present, *present_in(cluster, (*release.documents, *present)))
    around = (*release.documents, *present)
    defaults = _defaults(around)
    rest = besides(cluster, release.documents)
    wanted = _as_it_runs(demand_of(release, changed=changed, present=present, defaults=defaults), rest)
    nodes = Nodes(Supply(rest.cluster), wanted)
    claims, limits = Claims(around), list(quotas_of(around))
    crowded = [(quota, list(_sums(quota, nodes, (), 0))) for quota in limits]
    judge = _Judge(nodes, claims, crowded)
    for index, demand in enumerate(wanted.demands):
        if demand.document.resource in starting:
            nodes.begin(index)
    for index in {*nodes.overflowing(), *judge.overflowing()}:
        nodes.shake(index)
    on_nodes = [_on_nodes(nodes, index, demand.replicas.least) for index, demand in enumerate(wanted.demands)]
    # at other numbers of an autoscaler's range, a surge pod may wait for a node
    settled = [
        worst_of(shortage.verdict for shortage in found) == "completes"
        and demand.replicas.least == demand.replicas.most
        for demand, found in zip(wanted.demands, on_nodes, strict=True)
    ]
    quotas = [(quota, list(_sums(quota, nodes, settled, len(wanted.passing)))) for quota in limits]
    judge = _Judge(nodes, claims, quotas)
    workloads = tuple(judge.rollout(index, on_nodes[index]) for index in range(len(wanted.demands)))
    counts = [
        (quota, count) for quota, _ in quotas for count in object_counts(quota, release.documents, wanted.demands)
    ]
    return Assessment(
        release.label,
        pool_uses(nodes),
        workloads,
        hook_needs(nodes, wanted, defaults, quotas),
        tuple(_too_many(quota, count) for quota, count in counts),
        wanted.uncounted,
        _unjudged(nodes),
        job_needs(nodes, wanted, defaults, quotas),
    )


def _as_it_runs(wanted: ReleaseDemand, rest: Besides) -> ReleaseDemand:
    """The demand without what the state of the cluster leaves open."""
    demands = [
        demand._replace(doubt=demand.doubt or _STRANDED, rolls=False) if str(demand) in rest.stranded else demand
        for demand in wanted.demands
    ]
    unknown = (*wanted.unknown, *rest.unclear, *rest.cluster.unknown)
    return wanted._replace(demands=tuple(demands), unknown=unknown)


def assess_once(release: Release, cluster: Cluster) -> Assessment:
    """`assess`, remembered for the next caller with the same release: several rules ask in a row."""
    return _remembered(_Question(release, cluster))


class _Question:
    """A release and a cluster, equal only to the same objects."""

    def __init__(self, release: Release, cluster: Cluster) -> None:
        self.release = release
        self.cluster = cluster
        self._identity = (id(cluster), *map(id, release.documents))

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self._identity == other._identity


@lru_cache(maxsize=1)
def _remembered(question: _Question) -> Assessment:
    return assess(question.release, question.cluster)


def _defaults(documents: Sequence[Document]) -> Mapping[str, Defaults]:
    ranges: dict[str, list[Document]] = {}
    for document in documents:
        if document.kind == "LimitRange" and not document.group:
            ranges.setdefault(document.namespace or "default", []).append(document)
    return {namespace: defaults_of(found) for namespace, found in ranges.items()}


def _sums(quota: Quota, nodes: Nodes, settled: Sequence[bool], passing: int) -> Iterator[QuotaSum]:
    return sums_of(quota, nodes.supply, nodes.demands, nodes.reach, nodes.sure, settled, passing)


def _on_nodes(nodes: Nodes, index: int, replicas: int) -> list[Shortage]:
    demand = nodes.demands[index]
    if demand.doubt:
        return [Shortage(PODS, "unknown", demand.doubt)]
    return [shortage_of(nodes, index, replicas, proof) for proof in nodes.judge(index, replicas)]


class _Judge:
    def __init__(self, nodes: Nodes, claims: Claims, quotas: Sequence[tuple[Quota, Sequence[QuotaSum]]]) -> None:
        self._nodes = nodes
        self._claims = claims
        self._quotas = quotas

    def rollout(self, index: int, on_nodes: Sequence[Shortage]) -> WorkloadRollout:
        nodes, demand = self._nodes, self._nodes.demands[index]
        least = demand.replicas.least
        shortages = (*on_nodes, *self._besides(index, least))
        verdict = _verdict(shortages)
        limit = next((found for found in shortages if found.verdict == verdict), None)
        limit = None if verdict == "completes" else limit
        places = nodes.supply.node_count(nodes.sure[index])
        surge, unavailable = demand.fenceposts(places if demand.per_node else least)
        strategy = demand.workload.strategy
        total = places if demand.per_node else least
        bill = nodes.pods.within(nodes.reach[index])
        adds = min(surge, total) if demand.rolls else 0
        return WorkloadRollout(
            demand.document,
            demand.document.resource,
            demand.kind,
            demand.rolls,
            strategy.type,
            total,
            total if demand.per_node else demand.replicas.most,
            surge,
            unavailable,
            rounded(strategy.max_surge, total, surge),
            rounded(strategy.max_unavailable, total, unavailable),
            tuple(nodes.supply.pools[pool].name for pool in sorted(nodes.reach[index])),
            bill.taken + adds,
            bill.capacity,
            verdict,
            limit,
            shortages,
            steps_of(demand, bill.taken, places, verdict),
            downtime_of(demand, places),
            fixes_for(nodes, index, limit) if limit is not None else (),
            self._at(index, verdict),
            _notes(demand, places),
        )

    def overflowing(self) -> Iterator[int]:
        """The workloads that volumes or quotas keep from running in full, even without a rollout."""
        for index, demand in enumerate(self._nodes.demands):
            if any(found.verdict == "overflow" for found in self._besides(index, demand.replicas.least)):
                yield index

    def _besides(self, index: int, replicas: int) -> list[Shortage]:
        demand = self._nodes.demands[index]
        if demand.doubt:
            return []
        found = [*self._volumes(index, replicas), *quota_shortages(demand, replicas, self._quotas)]
        if self._nodes.all_run:
            return found
        # a pod that does not run holds no volume, and one that was never created is in no quota
        return [each._replace(verdict="likely") if each.verdict == "deadlock" else each for each in found]

    def _volumes(self, index: int, replicas: int) -> Iterator[Shortage]:
        demand, nodes = self._nodes.demands[index], self._nodes
        places = nodes.supply.node_count(nodes.reach[index])
        pods = places if demand.per_node else replicas
        waits = demand.waits(1 if demand.per_node else replicas)
        for claim in self._claims.of(demand.workload):
            if claim.sharing == "pod" and (pods > 1 or waits):
                verdict: Verdict = "overflow" if pods > 1 else "deadlock"
                text = f"claim {claim.name} is ReadWriteOncePod; {max(pods, 2)} > 1"
                yield Shortage("volume", verdict, text, str(max(pods, 2)), "1")
            elif claim.sharing == "node" and places > 1 and demand.rolls and (waits or pods > 1):
                text = f"claim {claim.name} is ReadWriteOnce: a new pod on another of {places} nodes cannot attach it"
                yield Shortage("volume", "race" if waits else "likely", text)
            elif claim.sharing == "unknown" and places > 1 and waits:
                text = f"claim {claim.name} is not part of the release, so that its access mode is not known"
                yield Shortage("volume", "unknown", text)

    def _at(self, index: int, first: Verdict) -> tuple[AtReplicas, ...]:
        demand = self._nodes.demands[index]
        least, most = demand.replicas
        if demand.doubt or most == least:
            return ()
        known = {least: first}

        def verdict(replicas: int) -> Verdict:
            if replicas not in known:
                found = (*_on_nodes(self._nodes, index, replicas), *self._besides(index, replicas))
                known[replicas] = _verdict(found)
            return known[replicas]

        if most - least <= _MANY:
            counts = list(range(least, most + 1))
        else:
            full = _first(least, most, lambda count: verdict(count) == "overflow")
            gives = _first(least, most, lambda count: demand.fenceposts(count).unavailable > 0)
            around = {least, most, *(full + step for step in (-1, 0)), *(gives + step for step in (-1, 0))}
            counts = sorted(count for count in around if least <= count <= most)
        runs = groupby((AtReplicas(count, verdict(count)) for count in counts), lambda entry: entry.verdict)
        return tuple(next(entries) for _, entries in runs)


def _first(least: int, most: int, holds: Callable[[int], bool]) -> int:
    """The smallest number from which `holds` is true; `most` + 1 when it never is."""
    low, high = least, most + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _verdict(shortages: Sequence[Shortage]) -> Verdict:
    """The worst of what was judged; unknown only when nothing was, or when pod slots are."""
    judged = [found.verdict for found in shortages if found.verdict != "unknown" or found.dimension == PODS]
    return worst_of(judged) if judged or not shortages else "unknown"


def _notes(demand: Demand, places: int) -> tuple[str, ...]:
    notes = []
    pods = places if demand.per_node else demand.replicas.least
    ready = demand.workload.spec.get("minReadySeconds")
    if demand.rolls and pods and isinstance(ready, int) and ready > 0:
        times = -(-pods // max(1, sum(demand.fenceposts(pods))))
        if times * ready > _HELM_WAITS:
            taken = f"it takes {times * ready} s at least, {times} times minReadySeconds {ready}"
            notes.append(f"{taken}; `helm --wait` gives up after {_HELM_WAITS} s, unless it is told otherwise")
    if demand.preempts:
        notes.append(f"its priority class {demand.preempts} may evict other pods instead of waiting for room")
    if demand.rolls and not demand.waits(max(1, demand.replicas.least)):
        grace = demand.workload.pod.get("terminationGracePeriodSeconds")
        seconds = grace if isinstance(grace, int) and grace >= 0 else 30
        notes.append(f"where there is no spare room, a new pod waits up to {seconds} s for an old one to be gone")
    return tuple(notes)


def _too_many(quota: Quota, count: ObjectCount) -> QuotaNeed:
    facts = [
        f"quota {quota.namespace}/{quota.name}: {count.resource} {count.hard}",
        *([count.why] if count.why else []),
    ]
    text = "; ".join((*facts, f"{count.objects} > {count.hard}"))
    shortage = Shortage(f"quota {quota.name}", "overflow", text, str(count.objects), str(count.hard))
    return QuotaNeed(quota.document, quota.path(count.resource), shortage)


def _unjudged(nodes: Nodes) -> tuple[str, ...]:
    asked = sorted({name for demand in nodes.demands for name, amount in demand.needs.requests.items() if amount})
    missing = [name for name in asked if name not in nodes.supply.allocatable]
    notes = [f"{name}: no pool declares it under allocatable" for name in missing]
    return (
        *notes,
        *(f"{demand}: {wrong} is not a quantity" for demand in nodes.demands for wrong in demand.needs.wrong),
    )
