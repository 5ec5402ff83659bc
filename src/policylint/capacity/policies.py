"""Node limits of which it is not declared which of two holds: what is certain only under the larger is not."""

from itertools import groupby

from policylint.capacity.assessment import Assessment, AtReplicas, HookNeed, Shortage, Verdict, WorkloadRollout
from policylint.capacity.ledger import PODS
from policylint.capacity.pools import Pool, resolve_pools
from policylint.config import Cluster


class Undeclared:
    """The pools of a cluster whose max-pods may be smaller than what was counted with."""

    def __init__(self, cluster: Cluster) -> None:
        self._pools = [pool for pool in resolve_pools(cluster) if pool.limit.least is not None]
        self.cluster = cluster

    def __bool__(self) -> bool:
        return bool(self._pools)

    @property
    def smaller(self) -> Cluster:
        """The same cluster with the smaller limits."""
        names = {pool.name for pool in self._pools}
        pools = tuple(
            pool._replace(max_pods_policy="recommended") if pool.name in names else pool
            for pool in self.cluster.node_pools
        )
        return self.cluster._replace(node_pools=pools)

    def doubted(self, larger: Assessment, smaller: Assessment) -> Assessment:
        """The assessment under the larger limits, unknown where it completes and under the smaller ones does not.

        What is short under the larger limits is so under the smaller ones as well.
        """
        return larger._replace(
            workloads=tuple(map(self._rollout, larger.workloads, smaller.workloads)),
            hooks=tuple(map(self._hook, larger.hooks, smaller.hooks)),
        )

    def _rollout(self, larger: WorkloadRollout, smaller: WorkloadRollout) -> WorkloadRollout:
        found = larger._replace(at=_merged(larger.at, smaller.at))
        if _either(larger.verdict, smaller.verdict) == larger.verdict:
            return found
        shortage = self._shortage()
        rest = tuple(other for other in larger.shortages if other.dimension != PODS)
        return found._replace(verdict="unknown", limit=shortage, shortages=(shortage, *rest))

    def _hook(self, larger: HookNeed, smaller: HookNeed) -> HookNeed:
        if _either(larger.shortage.verdict, smaller.shortage.verdict) == larger.shortage.verdict:
            return larger
        return larger._replace(shortage=self._shortage())

    def _shortage(self) -> Shortage:
        parts = " and ".join(map(_both, self._pools))
        return Shortage(PODS, "unknown", f"{parts}; which of them holds is not declared (max-pods-policy)")


def _both(pool: Pool) -> str:
    sums = f"{pool.limit.text} per node as the node image sets it"
    return f"pool {pool.name}: {sums}, {pool.limit.least} in a managed node group"


def _either(larger: Verdict, smaller: Verdict) -> Verdict:
    return "unknown" if larger == "completes" and smaller != "completes" else larger


def _merged(larger: tuple[AtReplicas, ...], smaller: tuple[AtReplicas, ...]) -> tuple[AtReplicas, ...]:
    counts = sorted({entry.replicas for entry in (*larger, *smaller)})
    both = [AtReplicas(count, _either(_verdict_at(larger, count), _verdict_at(smaller, count))) for count in counts]
    return tuple(next(entries) for _, entries in groupby(both, lambda entry: entry.verdict))


def _verdict_at(entries: tuple[AtReplicas, ...], replicas: int) -> Verdict:
    """The verdict for this number: that of the last entry up to it."""
    return next(entry.verdict for entry in reversed(entries) if entry.replicas <= replicas)
