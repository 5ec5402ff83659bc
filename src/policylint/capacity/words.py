"""Verdicts in words: the sums that prove them."""

from itertools import islice

from policylint.capacity.assessment import Shortage
from policylint.capacity.demand import Demand
from policylint.capacity.flow import Reach
from policylint.capacity.ledger import PODS, Bill
from policylint.capacity.nodes import Nodes, Proof
from policylint.capacity.pools import Pool
from policylint.capacity.requests import shown
from policylint.views.quantities import IntOrPercent

_SHOWN = 3
_CROSS = "\u00d7"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def rounded(count: IntOrPercent | None, total: int, pods: int) -> str:
    """A fencepost with its rounding, `25% of 3 → 0`, or as it is."""
    return f"{count} of {total} → {pods}" if count is not None and count.percent else str(pods)


def strategy_words(demand: Demand, replicas: int) -> list[str]:
    """What may be added and missing, as parts of a sum; nothing for kinds that have no such strategy."""
    strategy = demand.workload.strategy
    if demand.kind != "Deployment" or strategy.max_surge is None:
        return [f"maxSurge {strategy.max_surge}"] if demand.kind == "DaemonSet" and demand.waits(1) else []
    surge, unavailable = demand.fenceposts(replicas)
    surged = f"maxSurge {rounded(strategy.max_surge, replicas, surge)}"
    return [f"{surged}, maxUnavailable {rounded(strategy.max_unavailable, replicas, unavailable)}"]


def shortage_of(nodes: Nodes, index: int, replicas: int, proof: Proof) -> Shortage:
    """What a proof says, with its sum. Sums of more than one workload have the workload itself last."""
    demand, name = nodes.demands[index], proof.dimension
    if proof.bill is not None:
        return _summed(nodes, index, replicas, proof, proof.bill)
    if proof.wanted:
        why = proof.reason or f"each asks for {shown(name, demand.needs.requests.get(name, 0))} {name} of one node"
        facts = [_pools(nodes, nodes.reach[index], name), why]
        facts += strategy_words(demand, replicas) if proof.verdict != "overflow" else []
        facts.append(f"{proof.wanted} > {proof.fits}")
        return Shortage(name, proof.verdict, "; ".join(facts), str(proof.wanted), str(proof.fits))
    return Shortage(name, proof.verdict, proof.reason)


def _summed(nodes: Nodes, index: int, replicas: int, proof: Proof, bill: Bill) -> Shortage:
    demand, name = nodes.demands[index], proof.dimension
    unit = nodes.pods.need(index) if name == PODS else demand.needs.requests.get(name, 0)
    more = replicas - demand.replicas.least + (1 if proof.verdict != "overflow" else 0)
    need = bill.taken + more * unit
    parts = [plural(bill.others, "other pod")] if name == PODS and bill.others else []
    own = bill.parts.get(index, bill.extra)
    parts += _listed(nodes, bill, index, name)
    if own:
        parts.append(f"{shown(name, own + (replicas - demand.replicas.least) * unit)} of this {demand.kind}")
        if demand.replicas.most > demand.replicas.least == replicas:
            parts[-1] += f" at the autoscaler's fewest (it keeps {replicas} to {demand.replicas.most})"
    total = bill.taken + (replicas - demand.replicas.least) * unit
    facts = [_pools(nodes, bill.pools, name), f"{' + '.join(parts)} = {shown(name, total)}"]
    if proof.verdict != "overflow":
        facts += strategy_words(demand, replicas)
    facts.append(f"{shown(name, need)} > {shown(name, bill.capacity)}")
    if demand.preempts and proof.verdict == "likely":
        facts.append(f"its priority class {demand.preempts} may evict other pods for it")
    return Shortage(name, proof.verdict, "; ".join(facts), shown(name, need), shown(name, bill.capacity), name)


def _pools(nodes: Nodes, reach: Reach, dimension: str) -> str:
    pools = [(nodes.supply.pools[index], index) for index in sorted(reach)]
    if dimension == PODS:
        text = " and ".join(str(pool) for pool, _ in pools)
        total = sum(pool.pods for pool, _ in pools)
        return f"{text}: {total} pods" if len(pools) > 1 else text
    amounts = nodes.supply.allocatable.get(dimension)
    return " and ".join(_pool(pool, None if amounts is None else amounts[index], dimension) for pool, index in pools)


def _pool(pool: Pool, amount: int | None, dimension: str) -> str:
    unit = f"{_CROSS} {pool.instance_type}" if pool.instance_type else "node" if pool.nodes == 1 else "nodes"
    text = f"pool {pool.name}: {pool.nodes} {unit}"
    if amount is None:
        return text
    each = " each" if pool.nodes > 1 else ""
    return f"{text}, {shown(dimension, amount)} {dimension}{each}"


def _listed(nodes: Nodes, bill: Bill, index: int, dimension: str) -> list[str]:
    """The parts of all others: the first few by name, the rest as one."""
    first = list(islice((other for other in bill.parts if other != index), _SHOWN))
    listed = [f"{shown(dimension, bill.parts[other])} of {nodes.demands[other]}" for other in first]
    rest = len(bill.parts) - len(first) - (index in bill.parts)
    if rest:
        amount = bill.total - bill.parts.get(index, 0) - sum(bill.parts[other] for other in first)
        listed.append(f"{shown(dimension, amount)} of {rest} more")
    return listed
