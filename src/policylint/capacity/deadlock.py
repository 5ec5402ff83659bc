"""Rolling updates of a release that can never finish in the cluster that the configuration declares."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policylint.capacity.demand import Demand, demand_of
from policylint.capacity.pools import Pool, resolve_pools, slots_for
from policylint.capacity.slots import Rollout, outcome
from policylint.config import Cluster
from policylint.views.release import Release


class Deadlock(NamedTuple):
    """A Deployment that waits for a slot that nothing will free, and the sum that proves it.

    All numbers are pods in `pools`, the ones that the Deployment may use: `others` are the cluster's other pods there,
    `companions` this release's workloads that keep their pods meanwhile, with how many. `missing` is how many slots
    are short even without a rollout; then no strategy helps. `uncounted` names the release's workloads whose pods come
    and go.
    """

    demand: Demand
    pools: tuple[Pool, ...]
    others: int
    companions: tuple[tuple[str, int], ...]
    missing: int
    uncounted: tuple[str, ...] = ()

    @property
    def capacity(self) -> int:
        return sum(pool.pods for pool in self.pools)

    @property
    def taken(self) -> int:
        """The pods that run before the rollout."""
        return self.others + self.demand.replicas.least + sum(count for _, count in self.companions)


def find_deadlocks(release: Release, cluster: Cluster) -> Iterator[Deadlock]:
    """The rolling updates of `release` that cannot finish, whatever the scheduler does.

    Only certain ones: a workload is counted where it must run and only if it keeps its pods until new ones are
    available; under an autoscaler at its fewest replicas, where the most slots are free. Whoever may run elsewhere, or
    frees a slot on its own, is left out, so that what remains holds for every case. A deadlock that only shows when
    some but not all pools are taken together is not looked for. Raises ConfigError for a pool without a known limit.
    """
    demands, uncounted = demand_of(release)
    waiting = [demand for demand in demands if demand.waits]
    pools = resolve_pools(cluster) if waiting else ()
    for demand in waiting:
        own = tuple(pool for pool in pools if pool.may_run(demand.workload.pod) is not False)
        for reach in (own,) if own == pools else (own, pools):
            found = _Reach(reach, pools, cluster).deadlock(demand, demands) if own else None
            if found is not None:
                yield found._replace(uncounted=uncounted)
                break


class _Reach:
    """A set of pools, and what must run in it."""

    def __init__(self, pools: tuple[Pool, ...], every: tuple[Pool, ...], cluster: Cluster) -> None:
        self._pools = pools
        self._elsewhere = tuple(pool for pool in every if pool not in pools)
        self._capacity = sum(pool.pods for pool in pools)
        per_node = sum(other.pods for other in cluster.other_pods if other.per_node)
        anywhere = sum(other.pods for other in cluster.other_pods if not other.per_node)
        settled = self._capacity - slots_for(pools, per_node)
        self._others = settled + max(0, anywhere - slots_for(self._elsewhere, per_node))

    def deadlock(self, demand: Demand, demands: Sequence[Demand]) -> Deadlock | None:
        """The proof that `demand` is stuck here, the shortest there is."""
        counted = [(other, self._fewest(other)) for other in demands if other is not demand]
        holding = tuple((str(other), pods) for other, pods in counted if other.holds and pods)
        replicas = demand.replicas.least
        missing = self._others + replicas + sum(pods for _, pods in counted) - self._capacity
        rollout = Rollout(replicas, *demand.fenceposts)
        for companions in ((), holding):
            proof = Deadlock(demand, self._pools, self._others, companions, max(0, missing))
            if outcome(proof.capacity - proof.taken, [rollout]) in ("deadlock", "overflow"):
                return proof
        return None

    def _fewest(self, demand: Demand) -> int:
        """The fewest pods of `demand` that must run in these pools."""
        pod = demand.workload.pod
        if demand.per_node:
            return sum(pool.nodes for pool in self._pools if pool.may_run(pod) is True)
        confined = all(pool.may_run(pod) is False for pool in self._elsewhere)
        return demand.replicas.least if confined else 0
