"""One good of the nodes (pod slots, or a resource), who needs how much of it, and what that proves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from policylint.capacity.demand import Demand
from policylint.capacity.flow import Reach, Transport
from policylint.capacity.others import Taken
from policylint.capacity.supply import Supply

PODS = "pods"
_ENDLESS = 10**30


class Bill(NamedTuple):
    """A sum over `pools` that are full: what they have, others' part, and who of the release takes how much.

    `total` is the sum of `parts`. `extra` is the part of the workload that asks, where the books leave it out.
    """

    pools: Reach
    capacity: int
    others: int
    parts: Mapping[int, int]
    total: int
    extra: int = 0

    @property
    def taken(self) -> int:
        return self.others + self.total + self.extra


class Ledger:
    """The books of one good.

    `steady` has every workload at its fewest replicas, `held` only those that never give a pod away before they have
    another. A placement that is impossible by these books is impossible in every course of events: they count no pod
    that may be absent, and each pod in every pool where it might be. `has` is what a node of each pool has (None: not
    declared), `others` what other pods take of it; `per_node` is what a node has besides those on every node.
    """

    def __init__(
        self,
        name: str,
        supply: Supply,
        demands: Sequence[Demand],
        reach: Sequence[Reach],
        sure: Sequence[Reach],
        has: Sequence[int | None],
        others: Taken,
    ) -> None:
        self.name = name
        self._supply = supply
        self._demands = demands
        self._reach = reach
        self._sure = sure
        self._has = has
        self.others = others
        pairs = zip(has, others.per_node, strict=True)
        self.per_node = [None if amount is None else max(0, amount - taken) for amount, taken in pairs]
        self.declared = frozenset(index for index in supply.all if has[index] is not None)
        self._bills: dict[tuple[bool, Reach], Bill] = {}

    def need(self, index: int) -> int:
        """What one pod of a workload takes."""
        return 1 if self.name == PODS else self._demands[index].needs.requests.get(self.name, 0)

    def left_on_node(self, pool: int, counts: Callable[[Demand], bool]) -> int | None:
        """What a node of a pool has besides the DaemonSets that surely run there and that `counts` accepts."""
        has = self.per_node[pool]
        if has is None:
            return None
        daemons = self._holding_daemons if counts is holds else self._daemons
        return has - daemons[pool]

    @cached_property
    def _daemons(self) -> list[int]:
        return self._daemons_where(anyone)

    @cached_property
    def _holding_daemons(self) -> list[int]:
        return self._daemons_where(holds)

    def _daemons_where(self, counts: Callable[[Demand], bool]) -> list[int]:
        found = [0] * len(self._supply.pools)
        for index, demand in enumerate(self._demands):
            if demand.per_node and not demand.doubt and counts(demand):
                for pool in self._sure[index]:
                    found[pool] += self.need(index)
        return found

    @cached_property
    def steady(self) -> Transport:
        return self._books(anyone)

    @cached_property
    def held(self) -> Transport:
        return self._books(holds)

    @cached_property
    def overfull(self) -> tuple[Reach, ...]:
        """The sets of pools in which the release does not fit, even without a rollout."""
        _ = self.steady
        return tuple(self._overfull)

    def _books(self, counts: Callable[[Demand], bool]) -> Transport:
        capacity = []
        for pool, nodes in enumerate(self._supply.nodes):
            left = self.left_on_node(pool, counts)
            capacity.append(_ENDLESS if left is None else max(0, nodes * max(0, left) - self.others.pinned[pool]))
        books = Transport(capacity)
        crowded = (
            [] if books.place(self._supply.all, self.others.anywhere) == self.others.anywhere else [self._supply.all]
        )
        amounts: dict[Reach, int] = {}
        for index, demand in enumerate(self._demands):
            if self._counted(index) and counts(demand):
                reach = self._reach[index]
                amounts[reach] = amounts.get(reach, 0) + demand.replicas.least * self.need(index)
        short = [reach for reach, amount in amounts.items() if books.place(reach, amount) < amount]
        if counts is anyone:
            self._overfull = list(dict.fromkeys(books.tight(reach) for reach in short))
            self._crowded = [*self._crowded_by_pinned(), *crowded]
        return books

    def _counted(self, index: int) -> bool:
        demand = self._demands[index]
        return not demand.per_node and not demand.doubt and bool(self._reach[index])

    def is_overfull(self, index: int) -> Reach | None:
        """The overfull pools to which a workload is confined, if there are any; for a DaemonSet, an overfull node."""
        if not self.need(index):
            return None
        if self._demands[index].per_node:
            full = [pool for pool in self._sure[index] if self._is_node_overfull(pool)]
            if full:
                return frozenset(full[:1])
            _ = self.steady
            return next((pools for pools in self._crowded if pools & self._sure[index]), None)
        return next((pools for pools in self.overfull if self._reach[index] <= pools), None)

    def _crowded_by_pinned(self) -> Iterator[Reach]:
        """The pools in which other pods that stay there and DaemonSets do not fit together."""
        for pool, nodes in enumerate(self._supply.nodes):
            left = self.left_on_node(pool, anyone)
            if left is not None and nodes and nodes * max(0, left) < self.others.pinned[pool]:
                yield frozenset({pool})

    def _is_node_overfull(self, pool: int) -> bool:
        left = self.left_on_node(pool, anyone)
        return left is not None and left < 0

    def largest(self, reach: Reach) -> int | None:
        """The most that any node of these pools has; None when one does not say."""
        amounts = [self.per_node[pool] for pool in reach]
        known = [amount for amount in amounts if amount is not None]
        return max(known) if known and len(known) == len(amounts) else None

    def room(self, index: int, pods: int, *, held: bool) -> int:
        """For how many of `pods` more of a workload there may be room, with all others running or only the holders."""
        need, demand = self.need(index), self._demands[index]
        if not need:
            return pods
        books = self.held if held else self.steady
        reach = self._reach[index]
        if held and not demand.holds and not demand.per_node:
            books = books.copy()
            books.place(reach, demand.replicas.least * need)
        if books.has_room(reach, pods * need):
            return pods
        return books.copy().place(reach, (pods - 1) * need) // need if pods > 1 else 0

    def admits(self, reach: Reach, amount: int, *, held: bool) -> bool:
        """Whether one more pod that takes `amount` might find a place."""
        return not amount or (self.held if held else self.steady).has_room(reach, amount)

    def bill(self, reach: Reach, *, held: bool) -> Bill:
        """Who fills the pools that pods of `reach` could get into."""
        books = self.held if held else self.steady
        return self.within(books.tight(reach), held=held)

    def within(self, pools: Reach, *, held: bool = False) -> Bill:
        """Who is confined to `pools`."""
        key = held, pools
        if key not in self._bills:
            counts = holds if held else anyone
            self._bills[key] = self._billed(pools, counts)
        return self._bills[key]

    def _billed(self, pools: Reach, counts: Callable[[Demand], bool]) -> Bill:
        nodes = self._supply.nodes
        parts: dict[int, int] = {}
        for index, demand in enumerate(self._demands):
            if demand.doubt or not counts(demand):
                continue
            if demand.per_node:
                amount = sum(nodes[pool] for pool in pools & self._sure[index]) * self.need(index)
            else:
                confined = bool(self._reach[index]) and self._reach[index] <= pools
                amount = demand.replicas.least * self.need(index) if confined else 0
            if amount:
                parts[index] = amount
        capacity = others = 0
        for pool in pools:
            has = self._has[pool] or 0
            capacity += nodes[pool] * has
            others += nodes[pool] * min(self.others.per_node[pool], has) + self.others.pinned[pool]
        others += self.others.anywhere if pools == self._supply.all else 0
        return Bill(pools, capacity, others, parts, sum(parts.values()))


def holds(demand: Demand) -> bool:
    return demand.holds


def anyone(_: Demand) -> bool:
    return True
