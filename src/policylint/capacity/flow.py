"""How much of several demands fits into several pools at once, when each demand may use only some of them."""

import itertools
from collections import deque
from collections.abc import Iterable, Sequence

Reach = frozenset[int]


class Transport:
    """A flow of whole units from demands into pools. Demands of the same reach are one.

    `free` is what is left of each pool. A maximum flow by augmenting paths (Ford and Fulkerson): what has been placed
    is moved between pools to make room, and nothing that is placed is ever given up, so that the total is the most
    that any placement reaches. The cost grows with reaches * pools for each path, not with the units.
    """

    def __init__(self, capacity: Sequence[int]) -> None:
        self.free = list(capacity)
        self._placed: dict[Reach, dict[int, int]] = {}
        self._users: dict[int, set[Reach]] = {}
        # what was found out about reaches since the last placing
        self._room: dict[Reach, int] = {}
        self._tight: dict[Reach, Reach] = {}

    def copy(self) -> "Transport":
        twin = Transport(self.free)
        twin._placed = {reach: dict(by_pool) for reach, by_pool in self._placed.items()}
        twin._users = {pool: set(users) for pool, users in self._users.items()}
        return twin

    def place(self, reach: Reach, amount: int) -> int:
        """Places up to `amount` units in the pools of `reach`; how many found a place."""
        placed = 0
        while placed < amount:
            path = self._path(reach)
            if path is None:
                break
            placed += self._push(path, amount - placed)
        return placed

    def has_room(self, reach: Reach, amount: int) -> bool:
        """Whether `amount` more units would find a place; nothing is placed."""
        if sum(self.free[pool] for pool in reach) >= amount:
            return True
        if reach in self._room and amount > self._room[reach]:
            return False
        placed = self.copy().place(reach, amount)
        if placed < amount:
            self._room[reach] = placed
        return placed == amount

    def tight(self, reach: Reach) -> Reach:
        """The pools that units of `reach` could get into by moving others. When they found no place, all are full."""
        if reach not in self._tight:
            found, queue = set(reach), deque(reach)
            while queue:
                for user in self._users.get(queue.popleft(), ()):
                    queue.extend(user - found)
                    found |= user
            self._tight[reach] = frozenset(found)
        return self._tight[reach]

    def _path(self, reach: Reach) -> list[tuple[int, Reach]] | None:
        """The shortest way to a pool with room: pools, each with the demand that moves into it."""
        came: dict[int, tuple[int | None, Reach]] = dict.fromkeys(sorted(reach), (None, reach))
        queue = deque(came)
        while queue:
            pool = queue.popleft()
            if self.free[pool] > 0:
                return list(_back(pool, came))
            for user in self._users.get(pool, ()):
                for other in user:
                    if other not in came:
                        came[other] = (pool, user)
                        queue.append(other)
        return None

    def _push(self, path: list[tuple[int, Reach]], amount: int) -> int:
        amount = min(amount, self.free[path[0][0]])
        for (_, mover), (origin, _) in itertools.pairwise(path):
            amount = min(amount, self._placed[mover][origin])
        self._room.clear()
        self._tight.clear()
        self.free[path[0][0]] -= amount
        for index, (pool, mover) in enumerate(path):
            by_pool = self._placed.setdefault(mover, {})
            by_pool[pool] = by_pool.get(pool, 0) + amount
            self._users.setdefault(pool, set()).add(mover)
            if index + 1 < len(path):
                origin = path[index + 1][0]
                by_pool[origin] -= amount
                if not by_pool[origin]:
                    self._users[origin].discard(mover)
        return amount


def _back(pool: int, came: dict[int, tuple[int | None, Reach]]) -> Iterable[tuple[int, Reach]]:
    here: int | None = pool
    while here is not None:
        origin, mover = came[here]
        yield here, mover
        here = origin
