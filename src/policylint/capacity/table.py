"""The table of slots: what each pool takes and what it runs."""

from policylint.capacity.assessment import PoolUse, Share
from policylint.capacity.nodes import Nodes


def pool_uses(nodes: Nodes) -> tuple[PoolUse, ...]:
    """A row for each pool, in the order of the configuration."""
    supply = nodes.supply
    daemons = [index for index, demand in enumerate(nodes.demands) if demand.per_node and not demand.doubt]
    steady: list[list[Share]] = [[] for _ in supply.pools]
    movable = [bool(supply.others.anywhere) and len(supply.pools) > 1] * len(supply.pools)
    taken = [0] * len(supply.pools)
    for index, demand in enumerate(nodes.demands):
        if demand.per_node or demand.doubt:
            continue
        share = Share(str(demand), *demand.replicas)
        for number in nodes.reach[index]:
            steady[number].append(share)
            taken[number] += demand.replicas.least
            movable[number] = movable[number] or len(nodes.reach[index]) > 1
    there = supply.cluster.other_pods
    found = []
    for number, pool in enumerate(supply.pools):
        near = [other for other in there if other.pool in ("", pool.name)]
        others = tuple(Share(other.name, other.pods, other.pods) for other in near if not other.per_node)
        system = [Share(other.name, other.pods, other.pods, per_node=True) for other in near if other.per_node]
        here = [nodes.demands[index] for index in daemons if number in nodes.sure[index]]
        system += [Share(str(demand), 1, 1, per_node=True) for demand in here]
        slots = supply.nodes[number] * max(0, pool.limit.pods - sum(share.pods for share in system))
        free = None if movable[number] else slots - sum(share.pods for share in others) - taken[number]
        cap, text = pool.limit.pods, pool.limit.text
        found.append(
            PoolUse(pool.name, pool.nodes, cap, text, tuple(system), others, tuple(steady[number]), slots, free)
        )
    return tuple(found)
