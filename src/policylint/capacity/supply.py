"""The pools of a cluster, and which of them each workload may use."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from policylint.capacity.demand import Demand
from policylint.capacity.flow import Reach
from policylint.capacity.others import Taken, taken_of
from policylint.capacity.pools import Pool, resolve_pools
from policylint.capacity.requests import whole
from policylint.config import Cluster
from policylint.errors import ConfigError

_PLACING = ("nodeSelector", "affinity", "tolerations", "nodeName")


class Supply:
    """The nodes that a cluster has, pool by pool. Raises ConfigError for a pool whose limit cannot be known."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.pools: tuple[Pool, ...] = resolve_pools(cluster)
        self.nodes: list[int] = [max(0, pool.nodes) for pool in self.pools]
        self.all: Reach = frozenset(range(len(self.pools)))
        self.others: Taken = taken_of(cluster, "pods")
        self._known: dict[str, tuple[Reach, Reach]] = {}

    def reach(self, pod: Mapping[str, Any]) -> tuple[Reach, Reach]:
        """The pools that a pod may perhaps use, and those of them that it surely may. Pools without nodes are none."""
        placing = {key: pod[key] for key in _PLACING if pod.get(key)}
        if "affinity" in placing:
            affinity = placing["affinity"]
            placing["affinity"] = affinity.get("nodeAffinity") if isinstance(affinity, dict) else None
        key = repr(sorted(placing.items()))
        if key not in self._known:
            answers = {index: self.pools[index].may_run(pod) for index in self.all if self.nodes[index]}
            perhaps = frozenset(index for index, answer in answers.items() if answer is not False)
            self._known[key] = perhaps, frozenset(index for index in perhaps if answers[index])
        return self._known[key]

    def node_count(self, reach: Reach) -> int:
        return sum(self.nodes[index] for index in reach)

    @cached_property
    def allocatable(self) -> Mapping[str, Sequence[int | None]]:
        """What a node of each pool has of each resource that some pool declares; None where it does not."""
        names = sorted({name for pool in self.cluster.node_pools for name in pool.allocatable})
        return {name: [self._amount(index, name) for index in sorted(self.all)] for name in names if name != "pods"}

    def _amount(self, index: int, resource: str) -> int | None:
        pool = self.cluster.node_pools[index]
        if resource not in pool.allocatable:
            return None
        amount = whole(resource, pool.allocatable[resource])
        if amount is None or amount < 0:
            given = pool.allocatable[resource]
            raise ConfigError(f"cluster.node-pools, pool {pool.name}: {resource}: {given!r} is not a quantity")
        return amount

    def domains(self, label: str, reach: Reach) -> int | None:
        """How many values of a node label the pools have, None when one does not say."""
        values = {self.pools[index].labels.get(label) for index in reach}
        return None if None in values or not values else len(values)


def reaches(supply: Supply, demands: Sequence[Demand]) -> tuple[list[Reach], list[Reach]]:
    """For each workload, the pools that it may perhaps use and those that it surely may."""
    found = [supply.reach(demand.workload.pod) for demand in demands]
    return [perhaps for perhaps, _ in found], [sure for _, sure in found]
