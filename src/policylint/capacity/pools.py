"""Node pools with their limits resolved."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policylint.capacity.eligibility import may_run
from policylint.capacity.limits import NodeLimit, declared_limit, eks_limit, provider_limit
from policylint.config import Cluster, NodePool
from policylint.errors import ConfigError, did_you_mean

_INSTANCE_TYPE_LABEL = "node.kubernetes.io/instance-type"
_CROSS = "\u00d7"


class Pool(NamedTuple):
    """Nodes of one sort, as many as the pool can grow to, and what each takes."""

    name: str
    nodes: int
    limit: NodeLimit
    instance_type: str = ""
    labels: Mapping[str, str] = {}
    taints: tuple[Mapping[str, str], ...] = ()

    @property
    def pods(self) -> int:
        """The pods that all nodes together take."""
        return self.nodes * self.limit.pods

    def may_run(self, pod: Mapping[str, Any]) -> bool | None:
        """Whether a pod with this spec may run here; None where undeclared labels decide."""
        return may_run(pod, self.labels, self.taints)

    def __str__(self) -> str:
        unit = f"{_CROSS} {self.instance_type}" if self.instance_type else "node" if self.nodes == 1 else "nodes"
        if self.nodes == 1:
            return f"pool {self.name}: 1 {unit}, {self.limit.text}"
        return f"pool {self.name}: {self.nodes} {unit}, {self.limit.text} each, {self.pods} in all"


def resolve_pools(cluster: Cluster) -> tuple[Pool, ...]:
    """The cluster's pools. Raises ConfigError for one whose limit cannot be known, or that only other pods name."""
    names = [pool.name for pool in cluster.node_pools]
    for other in cluster.other_pods:
        if other.pool and other.pool not in names:
            hint = did_you_mean(other.pool, names)
            raise ConfigError(f"cluster.other-pods, {other.name}: there is no node pool {other.pool!r}{hint}")
    return tuple(_resolve(pool) for pool in cluster.node_pools)


def _resolve(pool: NodePool) -> Pool:
    labels = dict(pool.labels)
    if pool.instance_type:
        labels.setdefault(_INSTANCE_TYPE_LABEL, pool.instance_type)
    try:
        limit = _limit(pool)
    except ConfigError as error:
        raise ConfigError(f"cluster.node-pools, pool {pool.name}: {error.message}") from error
    return Pool(pool.name, pool.nodes, limit, pool.instance_type, labels, pool.taints)


def _limit(pool: NodePool) -> NodeLimit:
    if pool.max_pods is not None:
        return declared_limit(pool.max_pods)
    if pool.provider:
        return provider_limit(pool.provider)
    if not pool.instance_type:
        raise ConfigError("give an instance-type or max-pods")
    return eks_limit(
        pool.instance_type,
        prefix_delegation=pool.prefix_delegation,
        custom_networking=pool.custom_networking,
        policy=pool.max_pods_policy,
    )


def slots_for(pools: Sequence[Pool], per_node: int) -> int:
    """The pods that `pools` take besides `per_node` pods on each of their nodes."""
    return sum(pool.nodes * max(0, pool.limit.pods - per_node) for pool in pools)
