"""What would let a rollout finish, the cheapest first, each with its price."""

from collections.abc import Iterator

from policylint.capacity.assessment import RankedFix, Shortage
from policylint.capacity.demand import Demand
from policylint.capacity.ledger import PODS
from policylint.capacity.limits import eks_limit
from policylint.capacity.nodes import Nodes
from policylint.capacity.words import plural
from policylint.model import RemoveKey, SetValue, YamlPath

NODE_COST = "what the node costs"
QUOTA_COST = "the quota no longer holds the namespace to what it runs"
_RESERVED_BASE, _RESERVED_EACH = 255, 11  # MiB; kubeReserved of the EKS node agent: 255 + 11 * max-pods


def fixes_for(nodes: Nodes, index: int, limit: Shortage) -> tuple[RankedFix, ...]:
    """Changes for workload number `index`, whose rollout `limit` keeps or may keep from finishing."""
    demand = nodes.demands[index]
    if limit.verdict == "overflow":
        return tuple(_smaller(demand, limit))
    if not demand.rolls or limit.verdict in ("completes", "unknown"):
        return ()
    found = list(_in_place(nodes, index, limit)) if demand.waits(demand.replicas.least) else []
    return (*found, *_room(nodes, index, limit))


def _in_place(nodes: Nodes, index: int, limit: Shortage) -> Iterator[RankedFix]:
    demand = nodes.demands[index]
    rolling = demand.workload.strategy.path / "rollingUpdate"
    changes = (SetValue(rolling / "maxSurge", 0), SetValue(rolling / "maxUnavailable", 1))
    price = price_in_place(demand)
    on_nodes = limit.dimension == PODS or limit.dimension in nodes.supply.allocatable
    if on_nodes and not demand.per_node and not nodes.settles_in_place(index, demand.replicas.least):
        price += "; others that start pods at the same time may take the place first"
    yield RankedFix("set maxSurge: 0 and maxUnavailable: 1", price, changes)
    if limit.dimension == "volume" and demand.kind == "Deployment":
        path = demand.workload.strategy.path
        given = demand.document.get(rolling) is not None
        steps = (*((RemoveKey(rolling),) if given else ()), SetValue(path / "type", "Recreate"))
        yield RankedFix("set strategy type: Recreate", "all pods stop before new ones start", steps)


def price_in_place(demand: Demand) -> str:
    """What it costs that an old pod stops before its successor starts."""
    replicas = demand.replicas.least
    if demand.per_node:
        return "each node is without its pod while it is replaced"
    if replicas == 1:
        return "the one pod stops before its successor starts, which is downtime on every rollout"
    return f"one of {replicas} pods stops before its successor starts, which serves with {replicas - 1} meanwhile"


def _room(nodes: Nodes, index: int, limit: Shortage) -> Iterator[RankedFix]:
    name = limit.dimension
    if name == PODS:
        yield RankedFix("keep one pod slot free, with a larger node or one more", NODE_COST)
        yield from _delegation(nodes, index)
    elif name == "nodes":
        yield RankedFix("have one node more than replicas", NODE_COST)
    elif name.startswith("quota "):
        yield RankedFix(f"raise the {name} by one pod", QUOTA_COST)
    elif name != "volume":
        yield RankedFix(f"keep {name} for one pod more free, or ask for less", NODE_COST)


def _delegation(nodes: Nodes, index: int) -> Iterator[RankedFix]:
    for number in sorted(nodes.reach[index]):
        pool, declared = nodes.supply.pools[number], nodes.supply.cluster.node_pools[number]
        if not pool.instance_type or declared.max_pods is not None or declared.provider or declared.prefix_delegation:
            continue
        limit = eks_limit(
            pool.instance_type,
            prefix_delegation=True,
            custom_networking=declared.custom_networking,
            policy="recommended",
        )
        if limit.pods > pool.limit.pods:
            reserved = _RESERVED_BASE + _RESERVED_EACH * limit.pods
            price = f"only new nodes take {limit.pods} pods, and each keeps {reserved} MiB of memory for its own agents"
            also = ", set max-pods for it" if declared.max_pods_policy == "ami" else ""
            yield RankedFix(f"turn on prefix delegation{also} and replace the nodes of pool {pool.name}", price)


def _smaller(demand: Demand, limit: Shortage) -> Iterator[RankedFix]:
    if not limit.needed:
        return
    fits = int(limit.capacity) if limit.capacity.isdigit() else 0
    missing = int(limit.needed) - fits if limit.needed.isdigit() else 0
    own = demand.replicas.least - missing
    if missing and own > 0 and demand.scaler is None and demand.kind in ("Deployment", "StatefulSet"):
        change = (SetValue(YamlPath.of("spec", "replicas"), own),)
        yield RankedFix(f"run {plural(missing, 'pod')} fewer (replicas: {own})", "less capacity to serve", change)
    yield from _for_all(limit)


def _for_all(limit: Shortage) -> Iterator[RankedFix]:
    """What makes room for every pod."""
    if limit.dimension.startswith("quota "):
        yield RankedFix(f"raise the {limit.dimension}", QUOTA_COST)
    elif limit.dimension == "nodes":
        yield RankedFix("add a node, or run fewer pods", NODE_COST)
    elif limit.dimension != "volume":
        yield RankedFix("add a node, take a larger one, or run fewer pods", NODE_COST)
