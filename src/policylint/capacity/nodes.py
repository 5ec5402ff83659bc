"""Whether the nodes let each workload of a release roll: what is certain, and what only may be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from policylint.capacity.arrangement import Arrangements
from policylint.capacity.assessment import Verdict
from policylint.capacity.demand import Demand, ReleaseDemand
from policylint.capacity.eligibility import may_run
from policylint.capacity.exclusive import HOSTNAME, Neighbours, Spread
from policylint.capacity.flow import Reach
from policylint.capacity.ledger import PODS, Bill, Ledger, anyone, holds
from policylint.capacity.others import taken_of
from policylint.capacity.supply import Supply, reaches


class Proof(NamedTuple):
    """A verdict on one good of the nodes.

    `bill` is the sum of a flow bound. `fits` of `wanted` pods is the sum of a bound on the workload alone. `reason`
    says what remains open.
    """

    dimension: str
    verdict: Verdict
    bill: Bill | None = None
    fits: int = 0
    wanted: int = 0
    reason: str = ""


class Nodes:
    """A release on a cluster's nodes: the books of pod slots and of every resource that the pools declare."""

    def __init__(self, supply: Supply, release: ReleaseDemand) -> None:
        self.supply = supply
        self.demands: Sequence[Demand] = release.demands
        self.reach, self.sure = reaches(supply, self.demands)
        self._unknown = (*release.unknown, *(str(demand) for demand in self.demands if demand.doubt))
        neighbours = Neighbours(self.demands)
        slots = [pool.limit.pods for pool in supply.pools]
        common = supply, self.demands, self.reach, self.sure
        self.pods = Ledger(PODS, *common, slots, supply.others)
        self.resources = [
            Ledger(name, *common, amounts, taken_of(supply.cluster, name))
            for name, amounts in supply.allocatable.items()
        ]
        self._most: dict[tuple[str, Reach], int] = {}
        self._amounts: dict[str, Mapping[Reach, int]] = {}
        self._daemons: dict[tuple[str, int], int] = {}
        self._starting = [0] * len(supply.pools)
        for index, demand in enumerate(self.demands):
            if not demand.per_node and (demand.rolls or demand.scaler is not None):
                for pool in self.reach[index]:
                    self._starting[pool] += 1
        self._placements = [neighbours.placement(index, demand) for index, demand in enumerate(self.demands)]
        self._fitting: dict[tuple[str, Reach, int, bool], int | None] = {}
        self._filled: dict[tuple[str, Reach, int, int], int] = {}
        self._shaken: set[int] = set()
        self._begun: set[int] = set()
        self._filling: set[int] = set()
        self._arrangements = Arrangements(supply, self.demands, self.reach, self.ledgers, self._placements)
        self._scaled = any(demand.replicas.most > demand.replicas.least for demand in self.demands)

    @property
    def ledgers(self) -> tuple[Ledger, ...]:
        return (self.pods, *self.resources)

    def overflowing(self) -> Iterator[int]:
        """The workloads that do not fit even without a rollout."""
        for index, demand in enumerate(self.demands):
            alone = self._alone(index, demand.replicas.least)
            if any(ledger.is_overfull(index) for ledger in self.ledgers) or (alone and alone.verdict == "overflow"):
                yield index

    def shake(self, index: int) -> None:
        """Notes that not all pods of a workload run before the rollout, so that others may get the room they lack."""
        self._shaken |= self._arrangements.connected(self.reach[index])

    def begin(self, index: int) -> None:
        """Notes that not all pods of a workload run yet: the others have to find room first."""
        self._begun.add(index)
        self._filling |= self.reach[index]

    def is_shaken(self, pools: Reach) -> bool:
        """Whether it is unsure that everything in `pools` runs before the rollout."""
        return bool((self._shaken | self._filling) & pools)

    @property
    def all_run(self) -> bool:
        """Whether it is sure that every pod of the release runs before the rollout, as far as nodes go."""
        return not self._shaken and not self._filling and self.runs_in_full(self.supply.all)

    def judge(self, index: int, replicas: int) -> list[Proof]:
        """The verdict on each good for workload number `index` at this many replicas, all others at their fewest."""
        demand = self.demands[index]
        if not self.reach[index]:
            return [Proof(PODS, "unknown", reason="none of the declared pools has nodes that it may use")]
        alone = self._alone(index, replicas)
        judged = [
            self._known(index, self._on(ledger, index, replicas)) for ledger in self.ledgers if ledger.need(index)
        ]
        if alone is not None and any(
            proof.dimension == alone.dimension and proof.verdict == "overflow" for proof in judged
        ):
            alone = None
        proofs = [proof for proof in judged if alone is None or proof.dimension != alone.dimension]
        proofs += [alone] if alone is not None else []
        proofs += self._undeclared(index)
        if any(proof.verdict not in ("completes", "unknown") for proof in proofs):
            return proofs
        moves = demand.rolls or index in self._begun
        doubt = self._doubt(index, replicas) if moves else self._doubt_at_rest(index, replicas)
        if doubt is None:
            return proofs
        return [doubt, *(proof for proof in proofs if proof.dimension != doubt.dimension)]

    def _undeclared(self, index: int) -> Iterator[Proof]:
        """Resources that only some nodes have, such as GPUs, of which no pool says anything."""
        for name, amount in self.demands[index].needs.requests.items():
            if amount and "/" in name and name not in self.supply.allocatable:
                yield Proof(name, "unknown", reason="no pool declares it under allocatable")

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
        return Proof(name, *self._deadlock(index, bill, replicas))

    def _deadlock(self, index: int, bill: Bill, replicas: int) -> tuple[Verdict, Bill]:
        """A deadlock is certain if every pod that holds a place runs before, and none can be evicted for a new one."""
        shaken = self.is_shaken(bill.pools) or self.demands[index].preempts
        certain = not shaken and self.runs_in_full(bill.pools, index, replicas)
        return ("deadlock" if certain else "likely"), bill

    def _bill(self, ledger: Ledger, reach: Reach, index: int, *, held: bool) -> Bill:
        """The sum that shows why no pod of the workload gets in, the workload itself included."""
        bill, demand = ledger.bill(reach, held=held), self.demands[index]
        left_out = not demand.per_node and index not in bill.parts
        return bill._replace(extra=demand.replicas.least * ledger.need(index)) if left_out else bill

    def runs_in_full(self, pools: Reach, index: int = -1, replicas: int = 0) -> bool:
        """Whether an arrangement is found in which everything that may share `pools` runs at its fewest replicas, but
        for the workload number `index` at this many."""
        if index >= 0 and replicas != self.demands[index].replicas.least:
            return self._arrangements.found(pools, index, replicas)
        return self._arrangements.found(pools)

    def _daemon(self, ledger: Ledger, index: int) -> Proof:
        demand = self.demands[index]
        if not demand.waits(1):
            return Proof(ledger.name, "completes")
        need = ledger.need(index)
        for pool in sorted(self.sure[index] & ledger.declared):
            here = frozenset({pool})
            if not ledger.held.has_room(here, need):
                bill = ledger.bill(here, held=True)
                verdict, bill = self._deadlock(index, bill, demand.replicas.least)
                return Proof(ledger.name, verdict, bill)
            if not ledger.steady.has_room(here, need):
                return Proof(ledger.name, "race", ledger.bill(here, held=False))
        return Proof(ledger.name, "completes")

    def _alone(self, index: int, replicas: int) -> Proof | None:
        """The workload against the nodes that it may use, as if no other workload of the release were there."""
        demand, placement = self.demands[index], self._placements[index]
        if demand.doubt or not self.reach[index]:
            return None
        across = [rule for rule in placement.exclusions if rule.across]
        if demand.per_node:
            # a second pod of the same node would have to share what only one can have
            if demand.waits(1) and any(rule.topology == HOSTNAME for rule in across):
                return Proof("nodes", "deadlock", fits=1, wanted=2, reason=across[0].text)
            return None
        return self._excluded(index, replicas) or self._unfit(index, replicas)

    def _excluded(self, index: int, replicas: int) -> Proof | None:
        """Too few nodes or zones for pods that exclude each other."""
        demand, reach = self.demands[index], self.reach[index]
        for rule in self._placements[index].exclusions:
            wanted = replicas + (1 if demand.waits(replicas) and rule.across else 0)
            places = self.supply.node_count(reach)
            if rule.topology != HOSTNAME:
                domains = self.supply.domains(rule.topology, reach)
                if domains is None:
                    continue
                places = min(places, domains)
            if places * rule.most < wanted:
                short = places * rule.most < replicas
                shaken = self.is_shaken(reach) or not self.runs_in_full(reach, index, replicas)
                verdict: Verdict = "overflow" if short else "likely" if shaken else "deadlock"
                return Proof("nodes", verdict, fits=places * rule.most, wanted=wanted, reason=rule.text)
        return None

    def _unfit(self, index: int, replicas: int) -> Proof | None:
        """Too few nodes that are large enough: a pod is on one node, whatever others have left."""
        demand = self.demands[index]
        shaken = demand.preempts or self.is_shaken(self.reach[index])
        bounds: list[tuple[bool, int, Verdict]] = [(False, replicas, "overflow")]
        if demand.waits(replicas):
            bounds.append((True, replicas + 1, "likely" if shaken else "deadlock"))
        for only_holding, wanted, verdict in bounds:
            found = [
                (fits, ledger.name)
                for ledger in self.resources
                if ledger.need(index) and (fits := self._fits(ledger, index, only_holding)) is not None
            ]
            if found and min(found)[0] < wanted:
                fits, name = min(found)
                if verdict == "deadlock" and not self.runs_in_full(self.reach[index], index, replicas):
                    verdict = "likely"
                return Proof(name, verdict, fits=fits, wanted=wanted)
        return None

    def _fits(self, ledger: Ledger, index: int, only_holding: bool) -> int | None:
        """How many pods of the workload the nodes take at most, each pod being on one node; None when one pool does
        not say what it has."""
        reach, need = self.reach[index], ledger.need(index)
        key = ledger.name, reach, need, only_holding
        if key not in self._fitting:
            counts = holds if only_holding else anyone
            left = [(self.supply.nodes[pool], ledger.left_on_node(pool, counts)) for pool in reach]
            known = [count * (max(0, has) // need) for count, has in left if has is not None]
            self._fitting[key] = sum(known) if len(known) == len(left) else None
        return self._fitting[key]

    def _doubt(self, index: int, replicas: int) -> Proof | None:
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
        return self._room_doubt(index, replicas, waits=demand.waits(replicas))

    def _doubt_at_rest(self, index: int, replicas: int) -> Proof | None:
        """Why pods that stay may not all run; None when they do."""
        reach = self.reach[index]
        if not replicas or (not self._shaken & reach and self.runs_in_full(reach)):
            return None
        if self.demands[index].per_node:
            return self._daemon_doubt(index)
        return self._room_doubt(index, replicas, waits=False)

    def _is_open(self, index: int, rule: Spread) -> bool:
        """Whether the pods may use every domain over which they must be spread."""
        reach, pod = self.reach[index], self.demands[index].workload.pod
        if not rule.plain or reach != self.sure[index]:
            return False
        if rule.topology != HOSTNAME and self.supply.domains(rule.topology, reach) is None:
            return False
        # nodes count whose taints keep the pods off, unless the constraint says otherwise
        others = [self.supply.pools[pool] for pool in self.supply.all - reach if self.supply.nodes[pool]]
        return not any(may_run(pod, pool.labels, ()) is not False for pool in others)

    def settles_in_place(self, index: int, replicas: int) -> bool:
        """Whether the rollout surely finished, if one old pod were to stop before its successor starts."""
        sure = bool(self.sure[index]) and not self._unknown
        return sure and self._room_doubt(index, replicas, waits=False) is None

    def _room_doubt(self, index: int, replicas: int, *, waits: bool) -> Proof | None:
        placement = self._placements[index]
        nodes = self.supply.node_count(self.sure[index])
        own = replicas if waits else max(0, replicas - 1)
        barred = 0
        only_one_node = self.supply.node_count(self.reach[index]) == 1
        for rule in placement.exclusions:
            if rule.topology != HOSTNAME and not only_one_node:
                return Proof("nodes", "likely", reason=f"{rule.text}: where its pods are decides")
            barred = max(barred, own if rule.across else max(0, replicas - 1))
        full = sum(self._most_full(ledger, index, own) for ledger in self.ledgers)
        if full + barred < nodes:
            spread = [] if not full and not barred else list(placement.spread)
            spread += [rule for rule in placement.spread if not self._is_open(index, rule)]
            reasons = [*placement.reasons, *(rule.reason for rule in spread)]
            if reasons:
                return Proof("nodes", "likely", reason=reasons[0])
            return None
        reason = "where pods are decides, or an autoscaler adds some" if self._scaled else "where pods are decides"
        return Proof(PODS, "likely", reason=f"there is room, but {reason}")

    def _known(self, index: int, proof: Proof) -> Proof:
        """The proof, or unknown where nothing speaks against a resource, but not everything about it is declared."""
        ledger = next((ledger for ledger in self.resources if ledger.name == proof.dimension), None)
        if ledger is None or proof.verdict != "completes":
            return proof
        if any(other.requests is None for other in self.supply.cluster.other_pods):
            return Proof(proof.dimension, "unknown", reason=f"what other pods ask of {proof.dimension} is not declared")
        if self.reach[index] - ledger.declared:
            return Proof(proof.dimension, "unknown", reason=f"not every pool declares its {proof.dimension}")
        return proof

    def _most_full(self, ledger: Ledger, index: int, own: int) -> int:
        """How many of the nodes that the workload surely may use can have no room for one pod of it."""
        need = ledger.need(index)
        if not need:
            return 0
        sure, demand = self.sure[index], self.demands[index]
        used = self._used(ledger, sure)
        if not demand.per_node:
            used += (own - demand.replicas.most) * need
        return self._full_at_worst(ledger, sure, need, used)

    def _full_at_worst(self, ledger: Ledger, pools: Reach, need: int, used: int) -> int:
        """How many nodes of `pools` can lack `need`, when `used` is taken there besides DaemonSets and the like."""
        key = ledger.name, pools, need, used
        if key not in self._filled:
            self._filled[key] = self._fill(ledger, pools, need, used)
        return self._filled[key]

    def _fill(self, ledger: Ledger, pools: Reach, need: int, used: int) -> int:
        full, costs = 0, []
        for pool in pools:
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

    def surely_admits(self, sure: Reach, needs: Mapping[str, int]) -> bool:
        """Whether one more pod with these requests finds a node, wherever all others are."""
        full = 0
        for ledger in self.ledgers:
            need = 1 if ledger.name == PODS else needs.get(ledger.name, 0)
            full += self._full_at_worst(ledger, sure, need, self._used(ledger, sure)) if need else 0
        return not self._unknown and full < self.supply.node_count(sure)

    def _used(self, ledger: Ledger, pools: Reach) -> int:
        """The most that all workloads, each at its most replicas, and other pods take in `pools`."""
        key = ledger.name, pools
        if key not in self._most:
            by_reach = self._by_reach(ledger)
            taken = sum(amount for reach, amount in by_reach.items() if reach & pools)
            self._most[key] = taken + ledger.others.anywhere + sum(ledger.others.pinned[pool] for pool in pools)
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
        key = ledger.name, pool
        if key not in self._daemons:
            daemons = [index for index, demand in enumerate(self.demands) if demand.per_node]
            self._daemons[key] = sum(ledger.need(index) for index in daemons if pool in self.reach[index])
        return self._daemons[key]

    def _daemon_doubt(self, index: int) -> Proof | None:
        demand = self.demands[index]
        for ledger in self.ledgers:
            need = ledger.need(index)
            for pool in self.sure[index] if need else ():
                has = ledger.per_node[pool]
                spare = need if demand.waits(1) else 0
                here = frozenset({pool})
                settled = not self.is_shaken(here) and self.runs_in_full(here)
                if has is None or (settled and not spare and not self._starting[pool]):
                    continue
                if self._used(ledger, here) + self._daemons_at_most(ledger, pool) + spare > has:
                    return Proof(ledger.name, "likely", reason="another pod may take the place on its node")
        return None
