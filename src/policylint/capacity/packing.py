"""An arrangement in which every pod of a release has a node, if a simple search finds one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Item(NamedTuple):
    """`pods` that may use the nodes of `pools`, each with these needs; `alone` allows one of them on a node."""

    pods: int
    pools: frozenset[int]
    needs: Mapping[str, int]
    alone: bool


class Bin:
    """A node of `pool` and what is left of it; goods that are not listed are endless."""

    def __init__(self, pool: int, left: Mapping[str, int]) -> None:
        self.pool = pool
        self.left = dict(left)
        self.has: set[int] = set()

    def room(self, item: Item, pods: int) -> int:
        """How many of `pods` there is room for."""
        fits = [self.left[good] // need for good, need in item.needs.items() if need and good in self.left]
        return max(0, min([pods, *fits]))

    def put(self, number: int, item: Item, pods: int) -> None:
        self.has.add(number)
        for good, need in item.needs.items():
            if good in self.left:
                self.left[good] -= need * pods


class _Queue:
    """The nodes for items of one sort, in order. Nodes never get emptier, so those without room are never looked at
    again."""

    def __init__(self, nodes: list[Bin]) -> None:
        self._nodes = nodes
        self._first = 0

    def fill(self, number: int, item: Item) -> bool:
        """Whether every pod of an item found a place."""
        left, place = item.pods, self._first
        while left and place < len(self._nodes):
            node = self._nodes[place]
            room = node.room(item, left)
            if not room and place == self._first:
                self._first += 1
            if item.alone:
                room = min(room, 0 if number in node.has else 1)
            if room:
                node.put(number, item, room)
                left -= room
            place += 1
        return not left


def pack(items: Sequence[Item], bins: Iterable[Bin]) -> bool:
    """Whether every pod of `items` finds a place in `bins`, which are filled.

    First fit, those with the fewest nodes to choose from and the largest needs first. True proves that there is an
    arrangement; False proves nothing.
    """
    nodes = list(bins)
    count = Counter(node.pool for node in nodes)
    most: dict[str, int] = {}
    for node in nodes:
        for good, amount in node.left.items():
            most[good] = max(most.get(good, 1), amount)

    def size(number: int) -> tuple[int, float]:
        item = items[number]
        share = max((need / most[good] for good, need in item.needs.items() if good in most), default=0.0)
        return (sum(count[pool] for pool in item.pools), -share)

    queues: dict[tuple[frozenset[int], tuple[tuple[str, int], ...]], _Queue] = {}
    for number in sorted(range(len(items)), key=size):
        item = items[number]
        sort = item.pools, tuple(item.needs.items())
        if sort not in queues:
            queues[sort] = _Queue([node for node in nodes if node.pool in item.pools])
        if not queues[sort].fill(number, item):
            return False
    return True
