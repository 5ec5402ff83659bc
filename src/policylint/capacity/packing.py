"""An arrangement in which every pod of a release has a node, if a simple search finds one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

_SLOTS = "pods"


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

    def takes(self, number: int, item: Item) -> bool:
        if self.pool not in item.pools or (item.alone and number in self.has):
            return False
        return all(self.left.get(good, need) >= need for good, need in item.needs.items())

    def put(self, number: int, item: Item) -> None:
        self.has.add(number)
        for good, need in item.needs.items():
            if good in self.left:
                self.left[good] -= need


def pack(items: Sequence[Item], bins: Iterable[Bin]) -> bool:
    """Whether every pod of `items` finds a place in `bins`, which are filled.

    First fit, those with the fewest nodes to choose from and the largest needs first. True proves that there is an
    arrangement; False proves nothing.
    """
    nodes = list(bins)
    count = Counter(bin_.pool for bin_ in nodes)
    most = {good: max(bin_.left.get(good, 0) for bin_ in nodes) or 1 for bin_ in nodes for good in bin_.left}

    def size(number: int) -> tuple[int, float]:
        item = items[number]
        share = max((need / most[good] for good, need in item.needs.items() if good in most), default=0.0)
        return (sum(count[pool] for pool in item.pools), -share)

    for number in sorted(range(len(items)), key=size):
        item, left = items[number], items[number].pods
        for bin_ in nodes:
            while left and bin_.takes(number, item):
                bin_.put(number, item)
                left -= 1
            if not left:
                break
        if left:
            return False
        if nodes and nodes[0].left.get(_SLOTS, 1) <= 0:
            # nodes without a slot left are looked at no more
            nodes = [bin_ for bin_ in nodes if bin_.left.get(_SLOTS, 1) > 0]
    return True
