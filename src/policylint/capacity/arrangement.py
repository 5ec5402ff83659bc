"""Whether everything of a release can run at once: the premise of what is certain about its rollout."""

from collections.abc import Iterator, Sequence

from policylint.capacity.demand import Demand
from policylint.capacity.exclusive import HOSTNAME, Placement
from policylint.capacity.flow import Reach
from policylint.capacity.ledger import PODS, Ledger, anyone
from policylint.capacity.others import request_of
from policylint.capacity.packing import Bin, Item, pack
from policylint.capacity.supply import Supply

_MANY_NODES = 100_000  # up to which an arrangement is looked for
_MANY_WORKLOADS = 300  # up to which one is looked for at every number of replicas of an autoscaler


class Arrangements:
    """The pods of a release and of others, and the nodes that they may be arranged on."""

    def __init__(
        self,
        supply: Supply,
        demands: Sequence[Demand],
        reach: Sequence[Reach],
        ledgers: Sequence[Ledger],
        placements: Sequence[Placement],
    ) -> None:
        self._supply = supply
        self._demands = demands
        self._reach = reach
        self._ledgers = ledgers
        self._placements = placements
        self._found: dict[tuple[Reach, int, int], bool] = {}

    def found(self, pools: Reach, index: int = -1, replicas: int = 0) -> bool:
        """Whether one is found in which everything that may share `pools` runs at its fewest replicas, but for the
        workload number `index`, if one is given, at `replicas`. False proves nothing.

        Pod slots alone need no search: a flow of whole pods is an arrangement.
        """
        slots_alone = not any(ledger.name != PODS for ledger in self._ledgers)
        if slots_alone and not any(placement.exclusions for placement in self._placements):
            return True
        if index >= 0 and len(self._demands) > _MANY_WORKLOADS:
            return False
        key = pools, index, replicas
        if key not in self._found:
            whole = self.connected(pools), index, replicas
            if whole not in self._found:
                self._found[whole] = self._packs(*whole)
            self._found[key] = self._found[whole]
        return self._found[key]

    def connected(self, pools: Reach) -> Reach:
        """`pools`, and those that anything that may run there may use as well, and so on."""
        if self._supply.others.anywhere:
            return self._supply.all
        distinct = set(self._reach)
        while (wider := pools.union(*(reach for reach in distinct if reach & pools))) != pools:
            pools = wider
        return pools

    def _packs(self, pools: Reach, index: int, replicas: int) -> bool:
        if self._supply.node_count(pools) > _MANY_NODES:
            return False
        items = list(self._others(pools))
        for number, demand in enumerate(self._demands):
            if self._reach[number] & pools:
                items.append(self._item(number, replicas if number == index else demand.replicas.least))
        room = {
            pool: {
                ledger.name: has for ledger in self._ledgers if (has := ledger.left_on_node(pool, anyone)) is not None
            }
            for pool in sorted(pools)
        }
        return pack(items, [Bin(pool, left) for pool, left in room.items() for _ in range(self._supply.nodes[pool])])

    def _others(self, pools: Reach) -> Iterator[Item]:
        """Other pods that are somewhere in `pools`; the books know already of those whose node is known."""
        for other in self._supply.cluster.other_pods:
            places = [index for index, pool in enumerate(self._supply.pools) if other.pool in ("", pool.name)]
            here = frozenset(places)
            placed = other.per_node or (len(places) == 1 and self._supply.nodes[places[0]] == 1)
            if not placed and here & pools:
                needs = {ledger.name: request_of(other, ledger.name) for ledger in self._ledgers}
                yield Item(other.pods, here, needs, False)

    def _item(self, number: int, replicas: int) -> Item:
        demand = self._demands[number]
        needs = {ledger.name: ledger.need(number) for ledger in self._ledgers}
        alone = any(rule.topology == HOSTNAME for rule in self._placements[number].exclusions)
        # what DaemonSets take is no part of the nodes' room
        count = 0 if demand.per_node or demand.doubt else replicas
        return Item(count, self._reach[number], needs, alone)
