"""Small clusters, every course of events: controllers, scheduler and kubelets acting in whatever order is worst.

Written from the controllers' sources, without the closed form that it checks. A state is a header (per workload, what
waits) and a column for each node (per workload, what runs and what is stopping). Controllers follow
pkg/controller/deployment (rolling.go, recreate.go), pkg/controller/statefulset and pkg/controller/daemon in Kubernetes;
a pod that has a place becomes ready in the end, a stopping one is gone in the end, and no course is ruled out.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

KINDS = ("Deployment", "Recreate", "StatefulSet", "DaemonSet", "Static")

Counts = tuple[int, ...]
Column = tuple[Counts, ...]
Header = tuple[Counts, ...]


class Node(NamedTuple):
    pool: int
    slots: int
    cpu: int


class Load(NamedTuple):
    """A workload. `surge` and `unavailable` are pods, for a DaemonSet nodes; `alone` allows one pod on a node."""

    kind: str
    replicas: int
    surge: int = 0
    unavailable: int = 0
    pools: frozenset[int] = frozenset()
    cpu: int = 0
    alone: bool = False
    counted: bool = False


class Case(NamedTuple):
    """`others` are pods that stay, in some place; `quota` is how many pods of the counted workloads may exist; `hook`
    is the pools of a pod that must run before the rollout begins; `job` those of one that runs beside it."""

    nodes: tuple[Node, ...]
    loads: tuple[Load, ...]
    others: int = 0
    quota: int | None = None
    hook: frozenset[int] | None = None
    job: frozenset[int] | None = None


class State(NamedTuple):
    """`phase` is 0 before the hook has a place, 1 while it runs, 2 during the rollout; `job` 0 waiting, 1 running,
    2 done. Columns hold for each workload (old, new, stopping, waiting), then (others, hook, job)."""

    phase: int
    job: int
    header: Header
    columns: tuple[Column, ...]


class TooLarge(Exception):  # noqa: N818 -- an outcome, not an error
    """More states than it is worth to walk through."""


class Course:
    def __init__(self, case: Case) -> None:
        self.case = case
        self._same_pool: dict[int, list[int]] = {}
        for index, node in enumerate(case.nodes):
            self._same_pool.setdefault(hash((node.pool, node.slots, node.cpu)), []).append(index)

    # --- where pods may go

    def fits(self, columns: tuple[Column, ...], node: int, load: Load, index: int = -1) -> bool:
        column, here = columns[node], self.case.nodes[node]
        if here.pool not in load.pools:
            return False
        slots = cpu = 0
        for number, (counts, other) in enumerate(zip(column, self.case.loads, strict=False)):
            pods = counts[0] + counts[1] + counts[2]
            slots += pods
            cpu += pods * other.cpu
            if number == index and load.alone and pods:
                return False
        slots += sum(column[-1])
        return slots < here.slots and cpu + load.cpu <= here.cpu

    def quota_left(self, state: State) -> bool:
        if self.case.quota is None:
            return True
        created = 0
        for index, load in enumerate(self.case.loads):
            if load.counted:
                created += sum(sum(column[index]) for column in state.columns)
                created += sum(state.header[index][:2])
        return created < self.case.quota

    # --- beginnings

    def beginnings(self) -> Iterator[State]:
        """Every way in which the old pods and the others may be placed, none left that still fits somewhere."""
        empty = tuple((*((0, 0, 0, 0) for _ in self.case.loads), (0, 0, 0)) for _ in self.case.nodes)
        seen = set()
        for columns, waiting in self._placed(empty, 0, ()):
            header = tuple(self._first_header(load, left) for load, left in zip(self.case.loads, waiting, strict=True))
            phase = 2 if self.case.hook is None else 0
            state = self.canonical(State(phase, 2 if self.case.job is None else 0, header, columns))
            if state not in seen:
                seen.add(state)
                yield state
                yield from self._stuck(state)

    def _first_header(self, load: Load, left: int) -> Counts:
        """(old waiting, new waiting, old wanted, new wanted); wanted counts are the ReplicaSets' `spec.replicas`."""
        return (left, 0, load.replicas, 0)

    def _stuck(self, state: State) -> Iterator[State]:
        """The same, with an earlier rollout of the first Deployment that waits for room."""
        for index, load in enumerate(self.case.loads):
            if load.kind == "Deployment" and load.surge and not state.header[index][0] and not load.counted:
                waiting = (load.surge, 0, load.replicas + load.surge, 0)
                yield state._replace(header=_put(state.header, index, waiting))
                return

    def _placed(
        self, columns: tuple[Column, ...], index: int, waiting: tuple[int, ...]
    ) -> Iterator[tuple[tuple[Column, ...], tuple[int, ...]]]:
        if index == len(self.case.loads):
            for spots in _spread(self.case.others, len(self.case.nodes)):
                placed = tuple((*column[:-1], (spots[node], 0, 0)) for node, column in enumerate(columns))
                if all(self._sound(placed, node) for node in range(len(placed))):
                    yield placed, waiting
            return
        load = self.case.loads[index]
        if load.kind == "DaemonSet":
            spots_of: Iterator[tuple[int, ...]] = iter(
                [tuple(int(node.pool in load.pools) for node in self.case.nodes)]
            )
            total = sum(node.pool in load.pools for node in self.case.nodes)
        else:
            total = load.replicas
            spots_of = (spots for count in range(total, -1, -1) for spots in _spread(count, len(self.case.nodes)))
        full = False
        for spots in spots_of:
            if full and sum(spots) < total:
                break
            placed = tuple(
                (*column[:index], (spots[node], 0, 0, 0), *column[index + 1 :]) for node, column in enumerate(columns)
            )
            if all(self._sound(placed, node) for node in range(len(placed))):
                full = full or sum(spots) == total
                yield from self._placed(placed, index + 1, (*waiting, total - sum(spots)))

    def _sound(self, columns: tuple[Column, ...], node: int) -> bool:
        column, here = columns[node], self.case.nodes[node]
        cpu = slots = 0
        for counts, load in zip(column, self.case.loads, strict=False):
            if counts[0] and (here.pool not in load.pools or (load.alone and counts[0] > 1)):
                return False
            slots += counts[0]
            cpu += counts[0] * load.cpu
        return slots + sum(column[-1]) <= here.slots and cpu <= here.cpu

    def canonical(self, state: State) -> State:
        """Nodes of a sort are interchangeable."""
        columns = list(state.columns)
        for group in self._same_pool.values():
            if len(group) > 1:
                for index, column in zip(group, sorted(columns[index] for index in group), strict=True):
                    columns[index] = column
        return state._replace(columns=tuple(columns))

    # --- steps

    def following(self, state: State) -> Iterator[State]:
        nodes = range(len(self.case.nodes))
        if state.phase < 2:
            yield from self._hook(state)
            return
        if state.job < 2:
            yield from self._job(state)
        left = self.quota_left(state)
        for index, load in enumerate(self.case.loads):
            for node in nodes:
                old, new, stopping, waiting = state.columns[node][index]
                if stopping:
                    yield self._gone(state, index, load, node)
                if waiting and self.fits(state.columns, node, load, index):
                    yield self._set(state, node, index, (old, new + 1, stopping, waiting - 1))
            yield from self._scheduled(state, index, load)
            quota = left or not load.counted
            yield from getattr(self, f"_{load.kind.lower()}")(state, index, load, quota)

    def _hook(self, state: State) -> Iterator[State]:
        hook = Load("Static", 1, pools=self.case.hook or frozenset())
        for node in range(len(self.case.nodes)):
            others, here, job = state.columns[node][-1]
            if state.phase == 0 and self.fits(state.columns, node, hook):
                yield self._set(state._replace(phase=1), node, -1, (others, 1, job))
            if here:
                yield self._set(state._replace(phase=2), node, -1, (others, 0, job))

    def _job(self, state: State) -> Iterator[State]:
        job = Load("Static", 1, pools=self.case.job or frozenset())
        for node in range(len(self.case.nodes)):
            others, hook, here = state.columns[node][-1]
            if state.job == 0 and self.fits(state.columns, node, job):
                yield self._set(state._replace(job=1), node, -1, (others, hook, 1))
            if here:
                yield self._set(state._replace(job=2), node, -1, (others, hook, 0))

    def _scheduled(self, state: State, index: int, load: Load) -> Iterator[State]:
        old_waiting, new_waiting, *rest = state.header[index]
        if not old_waiting and not new_waiting:
            return
        for node in range(len(self.case.nodes)):
            if not self.fits(state.columns, node, load, index):
                continue
            old, new, stopping, waiting = state.columns[node][index]
            if old_waiting:
                header = _put(state.header, index, (old_waiting - 1, new_waiting, *rest))
                yield self._set(state._replace(header=header), node, index, (old + 1, new, stopping, waiting))
            if new_waiting:
                header = _put(state.header, index, (old_waiting, new_waiting - 1, *rest))
                yield self._set(state._replace(header=header), node, index, (old, new + 1, stopping, waiting))

    def _gone(self, state: State, index: int, load: Load, node: int) -> State:
        old, new, stopping, waiting = state.columns[node][index]
        return self._set(state, node, index, (old, new, stopping - 1, waiting))

    # --- controllers

    def _static(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        return iter(())

    def _deployment(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        old_waiting, new_waiting, old_wanted, new_wanted = state.header[index]
        old = sum(column[index][0] for column in state.columns)
        new = sum(column[index][1] for column in state.columns)
        yield from self._replica_sets(state, index, (old, new), quota)
        grow = min(load.replicas + load.surge - old_wanted - new_wanted, load.replicas - new_wanted)
        if grow > 0:
            header = _put(state.header, index, (old_waiting, new_waiting, old_wanted, new_wanted + grow))
            yield state._replace(header=header)
            return
        least = load.replicas - load.unavailable
        available = min(old, old_wanted) + new
        room = old_wanted + new_wanted - least - (new_wanted - new)
        if not old_wanted or room <= 0:
            return
        unhealthy = min(old_wanted - min(old, old_wanted), room)
        healthy = max(0, min(available - least, old_wanted - unhealthy))
        if unhealthy + healthy:
            left = old_wanted - unhealthy - healthy
            yield state._replace(header=_put(state.header, index, (old_waiting, new_waiting, left, new_wanted)))

    def _replica_sets(self, state: State, index: int, running: tuple[int, int], quota: bool) -> Iterator[State]:
        old_waiting, new_waiting, old_wanted, new_wanted = state.header[index]
        old, new = running
        if new + new_waiting < new_wanted and quota:
            yield state._replace(
                header=_put(state.header, index, (old_waiting, new_waiting + 1, old_wanted, new_wanted))
            )
        if old + old_waiting > old_wanted:
            if old_waiting:
                header = _put(state.header, index, (old_waiting - 1, new_waiting, old_wanted, new_wanted))
                yield state._replace(header=header)
                return
            for node, column in enumerate(state.columns):
                here = column[index]
                if here[0]:
                    yield self._set(state, node, index, (here[0] - 1, here[1], here[2] + 1, here[3]))

    def _recreate(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        old_waiting, new_waiting, old_wanted, new_wanted = state.header[index]
        old = sum(column[index][0] for column in state.columns)
        new = sum(column[index][1] for column in state.columns)
        stopping = sum(column[index][2] for column in state.columns)
        yield from self._replica_sets(state, index, (old, new), quota)
        if old_wanted:
            yield state._replace(header=_put(state.header, index, (old_waiting, new_waiting, 0, new_wanted)))
        elif not new_wanted and not old and not old_waiting and not stopping:
            yield state._replace(header=_put(state.header, index, (old_waiting, new_waiting, 0, load.replicas)))

    def _statefulset(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        old_waiting, new_waiting, old_wanted, new_wanted = state.header[index]
        old = sum(column[index][0] for column in state.columns)
        new = sum(column[index][1] for column in state.columns)
        stopping = sum(column[index][2] for column in state.columns)
        missing = load.replicas - old - new - stopping - old_waiting - new_waiting
        if missing and quota:
            yield state._replace(
                header=_put(state.header, index, (old_waiting, new_waiting + 1, old_wanted, new_wanted))
            )
        if old_waiting or load.replicas - old - new >= load.unavailable:
            return
        for node, column in enumerate(state.columns):
            here = column[index]
            if here[0]:
                yield self._set(state, node, index, (here[0] - 1, here[1], here[2] + 1, here[3]))

    def _daemonset(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        columns = [
            (node, state.columns[node][index]) for node, here in enumerate(self.case.nodes) if here.pool in load.pools
        ]
        busy = sum(1 for _, here in columns if (here[0] and (here[1] or here[3])) or not (here[0] or here[1]))
        for node, (old, new, stopping, waiting) in columns:
            if load.surge:
                if old and new:
                    yield self._set(state, node, index, (old - 1, new, stopping + 1, waiting))
                elif old and not waiting and busy < load.surge and quota:
                    yield self._set(state, node, index, (old, new, stopping, 1))
            elif old and busy < load.unavailable:
                yield self._set(state, node, index, (old - 1, new, stopping + 1, waiting))
            elif not (old or new or stopping or waiting) and quota:
                yield self._set(state, node, index, (0, 0, 0, 1))

    def _set(self, state: State, node: int, index: int, counts: Counts) -> State:
        column = list(state.columns[node])
        column[index] = counts
        columns = (*state.columns[:node], tuple(column), *state.columns[node + 1 :])
        return self.canonical(state._replace(columns=columns))

    # --- endings

    def complete(self, state: State, index: int) -> bool:
        load = self.case.loads[index]
        if state.phase < 2:
            return False
        new = sum(column[index][1] for column in state.columns)
        old = sum(column[index][0] for column in state.columns)
        if load.kind == "Static":
            return old == load.replicas
        if load.kind == "DaemonSet":
            return old == 0 and new == sum(node.pool in load.pools for node in self.case.nodes)
        return new == load.replicas and old == 0


class Findings(NamedTuple):
    """Whether all pods can run before; for each workload, the endings that occur (finished or not); of the hook."""

    full: bool
    endings: tuple[frozenset[bool], ...]
    hook: frozenset[bool]
    states: int


def explore(case: Case, most: int = 2_000) -> Findings:
    """Walks through every course of events that begins with all old pods in place; from any beginning, if that is
    impossible. Raises TooLarge after `most` states."""
    course = Course(case)
    beginnings = list(course.beginnings())
    plain = [
        state
        for state in beginnings
        if not any(
            header[0] and header[2] <= load.replicas for header, load in zip(state.header, case.loads, strict=True)
        )
    ]
    full = bool(plain)
    todo = plain or beginnings
    seen, endings = set(todo), [set[bool]() for _ in case.loads]
    hook: set[bool] = set()
    while todo:
        state = todo.pop()
        steps = set(course.following(state))
        if not steps:
            hook.add(state.phase == 2)
            for index, found in enumerate(endings):
                found.add(course.complete(state, index))
        fresh = steps - seen
        todo.extend(fresh)
        seen |= fresh
        if len(seen) > most:
            raise TooLarge
    return Findings(full, tuple(map(frozenset, endings)), frozenset(hook), len(seen))


def _put(header: Header, index: int, counts: Counts) -> Header:
    return (*header[:index], counts, *header[index + 1 :])


def _spread(count: int, nodes: int) -> Iterator[tuple[int, ...]]:
    return (spots for spots in product(range(count + 1), repeat=nodes) if sum(spots) == count)
