"""Whether the nodes let each workload of a release roll: what is certain, and what only may be."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from policylint.capacity.assessment import Verdict
from policylint.capacity.demand import Demand, ReleaseDemand
from policylint.capacity.exclusive import HOSTNAME, Neighbours, Placement
from policylint.capacity.flow import Reach
from policylint.capacity.ledger import PODS, Bill, Ledger, anyone, holds
from policylint.capacity.supply import Supply, reaches


class Proof(NamedTuple):
    """A verdict on one good of the nodes.

    `bill` is the sum of a flow bound. `fits` of `wanted` pods is the sum of a bound on the workload alone. `reason`
    says what remains open.
    """

    dimension: str
    verdict: Verdict
    bill: Bill | None = None
    held: bool = False
    fits: int = 0
    wanted: int = 0
    reason: str = ""


class Nodes:
    """A release on a cluster's nodes: the books of pod slots and of every resource that the pools declare."""

    def __init__(self, supply: Supply, release: ReleaseDemand) -> None:
        self.supply = supply
        self.demands: Sequence[Demand] = release.demands
        self.reach, self.sure = reaches(supply, self.demands)
        self._unknown = release.unknown
        self._neighbours = Neighbours(self.demands)
        slots = [max(0, pool.limit.pods - supply.others_per_node) for pool in supply.pools]
        common = supply, self.demands, self.reach, self.sure
        self.pods = Ledger(PODS, *common, slots, supply.others_anywhere)
        self.resources = [Ledger(name, *common, amounts, 0) for name, amounts in supply.allocatable.items()]
        self._most: dict[tuple[str, Reach], int] = {}
        self._amounts: dict[str, Mapping[Reach, int]] = {}

    @property
    def ledgers(self) -> tuple[Ledger, ...]:
        return (self.pods, *self.resources)

    def placement(self, index: int) -> Placement:
        return self._neighbours.placement(index, self.demands[index])

    def judge(self, index: int, replicas: int) -> list[Proof]:
        """The verdict on each good for workload number `index` at this many replicas, all others at their fewest."""
        demand = self.demands[index]
        if not self.reach[index]:
            return [Proof(PODS, "unknown", reason="no declared pool that it may use has nodes")]
        placement = self.placement(index)
        alone = self._alone(index, replicas, placement)
        proofs = [self._on(ledger, index, replicas) for ledger in self.ledgers if ledger.need(index)]
        proofs = [proof for proof in proofs if alone is None or proof.dimension != alone.dimension] + (
            [alone] if alone is not None else []
        )
        open_ended = [proof for proof in proofs if proof.verdict == "completes"]
        if not demand.rolls or not open_ended or len(open_ended) < len(proofs):
            return proofs
        doubt = self._doubt(index, replicas, placement)
        if doubt is None:
            return proofs
        return [doubt, *(proof for proof in proofs if proof.dimension != doubt.dimension)]

    def _on(self, ledger: Ledger, index: int, replicas: int) -> Proof:
        demand, name = self.demands[index], ledger.name
        full = ledger.is_overfull(index)
        if full is not None:
            return Proof(name, "overflow", self._bill(ledger, full, index, held=False))
        if demand.per_node:
            return self._daemon(ledger, index)
        extra = replicas - demand.replicas.least
        waits = demand.waits(replicas)
        wanted = extra + (1 if waits else 0)
        if not wanted:
            return Proof(name, "completes")
        room = ledger.room(index, wanted, held=False)
        if room < extra:
            return Proof(name, "overflow", self._bill(ledger, self.reach[index], index, held=False))
        if room >= wanted:
            return Proof(name, "completes")
        if ledger.room(index, wanted, held=True) >= wanted:
            return Proof(name, "race", self._bill(ledger, self.reach[index], index, held=False))
        bill = self._bill(ledger, self.reach[index], index, held=True)
        return Proof(name, *self._deadlock(ledger, index, bill), held=True)

    def _deadlock(self, ledger: Ledger, index: int, bill: Bill) -> tuple[Verdict, Bill]:
        """A deadlock is certain if every pod that holds a place runs before, and none can be evicted for a new one."""
        shaken = any(bill.pools & full for full in ledger.overfull)
        return ("likely" if shaken or self.demands[index].preempts else "deadlock"), bill

    def _bill(self, ledger: Ledger, reach: Reach, index: int, *, held: bool) -> Bill:
        """The sum that shows why no pod of the workload gets in, the workload itself last."""
        bill = ledger.bill(reach, held=held)
        demand = self.demands[index]
        if demand.per_node:
            return bill
        own = demand.replicas.least * ledger.need(index)
        parts = [(other, amount) for other, amount in bill.parts if other != index]
        return bill._replace(parts=(*parts, (index, own)))

    def _daemon(self, ledger: Ledger, index: int) -> Proof:
        demand = self.demands[index]
        if not demand.waits(1):
            return Proof(ledger.name, "completes")
        need = ledger.need(index)
        for pool in sorted(self.sure[index] & ledger.declared):
            here = frozenset({pool})
            if not ledger.held.has_room(here, need):
                bill = ledger.bill(here, held=True)
                verdict, bill = self._deadlock(ledger, index, bill)
                return Proof(ledger.name, verdict, bill, held=True)
            if not ledger.steady.has_room(here, need):
                return Proof(ledger.name, "race", ledger.bill(here, held=False))
        return Proof(ledger.name, "completes")

    def _alone(self, index: int, replicas: int, placement: Placement) -> Proof | None:
        """The workload against the nodes that it may use, as if no other workload of the release were there."""
        demand = self.demands[index]
        across = [rule for rule in placement.exclusions if rule.across]
        if demand.per_node:
            # a second pod of the same node would have to share what only one can have
            if demand.waits(1) and any(rule.topology == HOSTNAME for rule in across):
                return Proof("nodes", "deadlock", fits=1, wanted=2, reason=across[0].text)
            return None
        waits = demand.waits(replicas)
        for rule in placement.exclusions:
            wanted = replicas + (1 if waits and rule.across else 0)
            reach = self.reach[index]
            places = self.supply.node_count(reach)
            if rule.topology != HOSTNAME:
                domains = self.supply.domains(rule.topology, reach)
                if domains is None:
                    continue
                places = min(places, domains)
            if places * rule.most < wanted:
                verdict: Verdict = "overflow" if places * rule.most < replicas else "deadlock"
                return Proof("nodes", verdict, fits=places * rule.most, wanted=wanted, reason=rule.text)
        for counts, wanted, verdict in ((anyone, replicas, "overflow"), (holds, replicas + 1, "deadlock")):
            if verdict == "deadlock" and not waits:
                continue
            found = [
                (fits, ledger.name)
                for ledger in self.resources
                if ledger.need(index) and (fits := self._fits(ledger, index, counts is holds)) is not None
            ]
            if found and min(found)[0] < wanted:
                fits, name = min(found)
                certain: Verdict = "likely" if verdict == "deadlock" and demand.preempts else verdict
                return Proof(name, certain, fits=fits, wanted=wanted)
        return None

    def _fits(self, ledger: Ledger, index: int, only_holding: bool) -> int | None:
        """How many pods of the workload the nodes take at most, each pod being on one node; None when one pool does
        not say what it has."""
        total = 0
        for pool in self.reach[index]:
            left = ledger.left_on_node(pool, holds if only_holding else anyone)
            if left is None:
                return None
            total += self.supply.nodes[pool] * (max(0, left) // ledger.need(index))
        return total

    def _doubt(self, index: int, replicas: int, placement: Placement) -> Proof | None:
        """Why the rollout may still stop for good; None when it cannot.

        A rollout that stops has a pod that no node takes. Then each node is full, or barred by the workload's own pods;
        and no workload runs more than its replicas, as one that has more stops old pods. So when fewer nodes than it
        may use can be full at once, even with everyone's pods placed at their worst, it does not stop.
        """
        if self._unknown:
            return Proof(PODS, "unknown", reason=f"the pods of {self._unknown[0]} are not counted")
        nodes = self.supply.node_count(self.sure[index])
        if not nodes:
            return Proof(PODS, "unknown", reason="whether a pool has the node labels that it asks for is not declared")
        demand = self.demands[index]
        if demand.per_node:
            return self._daemon_doubt(index)
        own = replicas if demand.waits(replicas) else max(0, replicas - 1)
        barred = 0
        only_one_node = self.supply.node_count(self.reach[index]) == 1
        for rule in placement.exclusions:
            if rule.topology != HOSTNAME:
                reason = f"{rule.text}: where its pods are decides"
                return None if only_one_node else Proof("nodes", "likely", reason=reason)
            barred = max(barred, own if rule.across else max(0, replicas - 1))
        full = sum(self._most_full(ledger, index, own) for ledger in self._closed())
        if full + barred < nodes:
            if placement.reasons and not only_one_node:
                return Proof("nodes", "likely", reason=placement.reasons[0])
            return None
        reason = "where pods are decides, or an autoscaler adds some" if self._scaled() else "where pods are decides"
        return Proof(PODS, "likely", reason=f"there is room, but {reason}")

    def _scaled(self) -> bool:
        return any(demand.replicas.most > demand.replicas.least for demand in self.demands)

    def _closed(self) -> list[Ledger]:
        """The books that say everything: of resources, only when no other pods are there, whose requests are unknown."""
        return [self.pods] if self.supply.cluster.other_pods else [self.pods, *self.resources]

    def _most_full(self, ledger: Ledger, index: int, own: int) -> int:
        """How many of the nodes that the workload surely may use can have no room for one pod of it."""
        need = ledger.need(index)
        if not need:
            return 0
        sure, demand = self.sure[index], self.demands[index]
        used = self._used(ledger, sure)
        if not demand.per_node:
            used += (own - demand.replicas.most) * need
        full, costs = 0, []
        for pool in sure:
            has = ledger.per_node[pool]
            if has is None:
                continue
            fills = has - self._daemons_at_most(ledger, pool) - need + 1
            if fills <= 0:
                full += self.supply.nodes[pool]
            else:
                costs.append((fills, self.supply.nodes[pool]))
        for fills, count in sorted(costs):
            filled = min(count, used // fills)
            full, used = full + filled, used - filled * fills
        return full

    def _used(self, ledger: Ledger, pools: Reach) -> int:
        """The most that all workloads, each at its most replicas, and other pods take in `pools`."""
        key = ledger.name, pools
        if key not in self._most:
            by_reach = self._by_reach(ledger)
            taken = sum(amount for reach, amount in by_reach.items() if reach & pools)
            self._most[key] = taken + ledger.anywhere
        return self._most[key]

    def _by_reach(self, ledger: Ledger) -> Mapping[Reach, int]:
        if ledger.name not in self._amounts:
            amounts: dict[Reach, int] = {}
            for index, demand in enumerate(self.demands):
                if not demand.per_node:
                    reach = self.reach[index]
                    amounts[reach] = amounts.get(reach, 0) + demand.replicas.most * ledger.need(index)
            self._amounts[ledger.name] = amounts
        return self._amounts[ledger.name]

    def _daemons_at_most(self, ledger: Ledger, pool: int) -> int:
        return sum(
            ledger.need(index)
            for index, demand in enumerate(self.demands)
            if demand.per_node and pool in self.reach[index]
        )

    def _daemon_doubt(self, index: int) -> Proof | None:
        demand = self.demands[index]
        for ledger in self._closed():
            need = ledger.need(index)
            for pool in self.sure[index] if need else ():
                has = ledger.per_node[pool]
                spare = need if demand.waits(1) else 0
                if has is None:
                    continue
                crowd = self._used(ledger, frozenset({pool})) + self._daemons_at_most(ledger, pool) + spare
                if crowd > has and (spare or self._others_move(index, pool)):
                    return Proof(ledger.name, "likely", reason="another pod may take the place on its node")
        return None

    def _others_move(self, index: int, pool: int) -> bool:
        """Whether other pods may be started in a pool during the rollout."""
        return self.supply.nodes[pool] > 1 and any(
            other != index and demand.rolls and not demand.per_node and pool in self.reach[other]
            for other, demand in enumerate(self.demands)
        )
