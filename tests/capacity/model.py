"""Small clusters, every course of events: controllers, scheduler and kubelets acting in whatever order is worst.

Written from the controllers' sources, without the closed form that it checks. A state is a header (per workload, what
waits and what is wanted) and a column for each node (per workload, what runs and what is stopping). Controllers follow
pkg/controller/deployment (rolling.go, recreate.go, sync.go for autoscalers), pkg/controller/statefulset
(stateful_set_control.go, with the feature gate MaxUnavailableStatefulSet on or off) and pkg/controller/daemon
(update.go) in Kubernetes; a pod that has a place becomes ready in the end, a stopping one is gone in the end, and no
course is ruled out.
"""

from collections.abc import Iterator
from itertools import combinations, product
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
    """A workload. `surge` and `unavailable` are pods, for a DaemonSet nodes; `alone` allows one pod on a node.

    `skew` spreads its pods over the nodes of the pools `domains`, 0 for not at all.

    `partition` and `ordered` are a StatefulSet's. `posts` are surge and unavailable at each number of replicas that an
    autoscaler may choose, from `least` on; `replicas` is then the number at the beginning.
    """

    kind: str
    replicas: int
    surge: int = 0
    unavailable: int = 0
    pools: frozenset[int] = frozenset()
    cpu: int = 0
    alone: bool = False
    counted: bool = False
    partition: int = 0
    ordered: bool = False
    least: int = 0
    posts: tuple[tuple[int, int], ...] = ()
    skew: int = 0
    domains: frozenset[int] = frozenset()

    def fixed(self, replicas: int) -> "Load":
        """The same with this number of replicas, and no autoscaler."""
        surge, unavailable = self.posts[replicas - self.least]
        return self._replace(replicas=replicas, surge=surge, unavailable=unavailable, least=0, posts=())


class Case(NamedTuple):
    """`others` are pods that stay, in some place, and `pinned` the pools of more that stay in theirs; `quota` is how
    many pods of the counted workloads may exist; `hook` is the pools of a pod that must run before the rollout begins;
    `job` those of one that runs beside it; the quota counts the hook if `hook_counted`. Of the workloads in `starting`
    some pods may not run yet."""

    nodes: tuple[Node, ...]
    loads: tuple[Load, ...]
    others: int = 0
    quota: int | None = None
    hook: frozenset[int] | None = None
    job: frozenset[int] | None = None
    pinned: tuple[int, ...] = ()
    hook_counted: bool = False
    starting: frozenset[int] = frozenset()


class State(NamedTuple):
    """`phase` is 0 before the hook has a place, 1 while it runs, 2 during the rollout; `job` 0 waiting, 1 running,
    2 done. Columns hold for each workload (old, new, stopping, waiting), then (others, hook, job)."""

    phase: int
    job: int
    header: Header
    columns: tuple[Column, ...]


class Hopeless(Exception):  # noqa: N818 -- an outcome, not an error
    """Not even the other pods fit."""


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
        return slots < here.slots and cpu + load.cpu <= here.cpu and self.spreads(columns, node, load, index)

    def spreads(self, columns: tuple[Column, ...], node: int, load: Load, index: int) -> bool:
        """Whether one more pod here leaves it no more than `skew` above the emptiest node, stopping ones aside."""
        if not load.skew:
            return True
        nodes = [number for number, other in enumerate(self.case.nodes) if other.pool in load.domains]
        fewest = min(sum(columns[number][index][:2]) for number in nodes)
        return sum(columns[node][index][:2]) + 1 - fewest <= load.skew

    def within_quota(self) -> bool:
        """Whether the quota allows all the pods that are wanted."""
        wanted = 0
        for load in self.case.loads:
            if load.counted:
                daemons = load.kind == "DaemonSet"
                wanted += sum(node.pool in load.pools for node in self.case.nodes) if daemons else load.replicas
        return self.case.quota is None or wanted <= self.case.quota

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
        seen = set()
        for spots in self._others():
            empty = tuple((*((0, 0, 0, 0) for _ in self.case.loads), (count, 0, 0)) for count in spots)
            if not all(self._sound(empty, node) for node in range(len(empty))):
                continue
            for columns, waiting in self._placed(empty, 0, ()):
                loads = zip(self.case.loads, waiting, strict=True)
                header = tuple(self._first_header(load, left) for load, left in loads)
                phase = 2 if self.case.hook is None else 0
                state = self.canonical(State(phase, 2 if self.case.job is None else 0, header, columns))
                if state not in seen:
                    seen.add(state)
                    yield state
                    yield from self._stuck(state)

    def _first_header(self, load: Load, left: int) -> Counts:
        """(old waiting, new waiting, old wanted, new wanted, replicas); wanted are the ReplicaSets' `spec.replicas`."""
        return (left, 0, load.replicas, 0, load.replicas)

    def _stuck(self, state: State) -> Iterator[State]:
        """The same, with earlier rollouts of Deployments that wait for room, one of them or all."""
        waiting = [
            index
            for index, load in enumerate(self.case.loads)
            if load.kind == "Deployment" and load.surge and not state.header[index][0]
        ]
        for some in [*combinations(waiting, 1), *([tuple(waiting)] if len(waiting) > 1 else [])]:
            header = state.header
            for index in some:
                load = self.case.loads[index]
                # what a quota counts may not exist yet: its ReplicaSet goes on trying
                counts = (0 if load.counted else load.surge, 0, load.replicas + load.surge, 0, load.replicas)
                header = _put(header, index, counts)
            yield state._replace(header=header)

    def _placed(
        self, columns: tuple[Column, ...], index: int, waiting: tuple[int, ...]
    ) -> Iterator[tuple[tuple[Column, ...], tuple[int, ...]]]:
        if index == len(self.case.loads):
            yield columns, waiting
            return
        load, daemons = self.case.loads[index], self.case.loads[index].kind == "DaemonSet"
        if daemons:
            here = [int(node.pool in load.pools) for node in self.case.nodes]
            total, each = sum(here), product(*(range(count, -1, -1) for count in here))
            spots_of: Iterator[tuple[int, ...]] = iter(sorted(each, key=sum, reverse=True))
        else:
            total = load.replicas
            spots_of = (spots for count in range(total, -1, -1) for spots in _spread(count, len(self.case.nodes)))
        full = False
        for spots in spots_of:
            if full and sum(spots) < total and index not in self.case.starting:
                break
            placed = tuple(
                (*column[:index], (spots[node], 0, 0, 0), *column[index + 1 :]) for node, column in enumerate(columns)
            )
            if all(self._sound(placed, node) for node in range(len(placed))):
                full = full or sum(spots) == total
                # what a DaemonSet lacks waits on its node, which its controller sees to
                left = 0 if daemons else total - sum(spots)
                yield from self._placed(placed, index + 1, (*waiting, left))

    def _others(self) -> Iterator[tuple[int, ...]]:
        """How many pods besides the release's may be on each node."""
        nodes = range(len(self.case.nodes))
        homes = [[node for node in nodes if self.case.nodes[node].pool == pool] for pool in self.case.pinned]
        for spots in _spread(self.case.others, len(nodes)):
            for settled in product(*homes):
                yield tuple(count + settled.count(node) for node, count in enumerate(spots))

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

    def scaling(self, state: State) -> Iterator[State]:
        """What autoscalers may do, and need not."""
        for index, load in enumerate(self.case.loads):
            if load.posts and state.phase == 2:
                yield from self._scaled(state, index, load)

    def _hook(self, state: State) -> Iterator[State]:
        hook = Load("Static", 1, pools=self.case.hook or frozenset())
        allowed = not self.case.hook_counted or self.quota_left(state)
        for node in range(len(self.case.nodes)):
            others, here, job = state.columns[node][-1]
            if state.phase == 0 and allowed and self.fits(state.columns, node, hook):
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
        old_waiting, new_waiting, old_wanted, new_wanted, replicas = state.header[index]
        surge, unavailable = load.posts[replicas - load.least] if load.posts else (load.surge, load.unavailable)
        old = sum(column[index][0] for column in state.columns)
        new = sum(column[index][1] for column in state.columns)
        yield from self._replica_sets(state, index, (old, new), quota)
        grow = min(replicas + surge - old_wanted - new_wanted, replicas - new_wanted)
        if new_wanted > replicas:
            yield state._replace(header=_put(state.header, index, (*state.header[index][:3], replicas, replicas)))
            return
        if grow > 0:
            counts = (old_waiting, new_waiting, old_wanted, new_wanted + grow, replicas)
            yield state._replace(header=_put(state.header, index, counts))
            return
        least = replicas - unavailable
        available = min(old, old_wanted) + min(new, new_wanted)
        room = old_wanted + new_wanted - least - (new_wanted - min(new, new_wanted))
        if not old_wanted or room <= 0:
            return
        unhealthy = min(old_wanted - min(old, old_wanted), room)
        healthy = max(0, min(available - least, old_wanted - unhealthy))
        if unhealthy + healthy:
            left = old_wanted - unhealthy - healthy
            counts = (old_waiting, new_waiting, left, new_wanted, replicas)
            yield state._replace(header=_put(state.header, index, counts))

    def _replica_sets(self, state: State, index: int, running: tuple[int, int], quota: bool) -> Iterator[State]:
        header = state.header[index]
        for which in (0, 1):
            waiting, wanted, here = header[which], header[2 + which], running[which]
            if here + waiting < wanted and quota:
                yield state._replace(header=_put(state.header, index, _at(header, which, waiting + 1)))
            if here + waiting > wanted:
                if waiting:
                    yield state._replace(header=_put(state.header, index, _at(header, which, waiting - 1)))
                else:
                    yield from self._stopped(state, index, which)

    def _stopped(self, state: State, index: int, which: int, count: int = 1) -> Iterator[State]:
        """The states in which so many running pods, old (0) or new (1), have been told to stop."""
        if not count:
            yield state
            return
        for node, column in enumerate(state.columns):
            here = column[index]
            if here[which]:
                counts = _at(_at(here, which, here[which] - 1), 2, here[2] + 1)
                yield from self._stopped(self._set(state, node, index, counts), index, which, count - 1)

    def _scaled(self, state: State, index: int, load: Load) -> Iterator[State]:
        """An autoscaler chooses another number: sync.go, with leftovers of the shares going to either ReplicaSet."""
        old_waiting, new_waiting, old_wanted, new_wanted, replicas = state.header[index]
        for chosen, (surge, _) in enumerate(load.posts, start=load.least):
            if chosen == replicas:
                continue
            if not old_wanted or not new_wanted:
                shares = {(chosen, 0) if old_wanted else (0, chosen)}
            else:
                more = chosen + surge - old_wanted - new_wanted
                step = 1 if more > 0 else -1
                splits = ((old_wanted + step * part, new_wanted + more - step * part) for part in range(abs(more) + 1))
                shares = {split for split in splits if min(split) >= 0}
            for old, new in shares:
                counts = (old_waiting, new_waiting, old, new, chosen)
                yield state._replace(header=_put(state.header, index, counts))

    def _recreate(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        old_waiting, new_waiting, old_wanted, new_wanted, replicas = state.header[index]
        old = sum(column[index][0] for column in state.columns)
        new = sum(column[index][1] for column in state.columns)
        stopping = sum(column[index][2] for column in state.columns)
        yield from self._replica_sets(state, index, (old, new), quota)
        if old_wanted:
            counts = (old_waiting, new_waiting, 0, new_wanted, replicas)
            yield state._replace(header=_put(state.header, index, counts))
        elif not new_wanted and not old and not old_waiting and not stopping:
            yield state._replace(header=_put(state.header, index, (old_waiting, new_waiting, 0, replicas, replicas)))

    def _statefulset(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        header = state.header[index]
        old_waiting, new_waiting = header[:2]
        old = sum(column[index][0] for column in state.columns)
        new = sum(column[index][1] for column in state.columns)
        stopping = sum(column[index][2] for column in state.columns)
        missing = load.replicas - old - new - stopping - old_waiting - new_waiting
        if missing and quota and not (load.ordered and (old_waiting or new_waiting)):
            yield state._replace(header=_put(state.header, index, _at(header, 1, new_waiting + 1)))
        left = old + old_waiting - load.partition
        if left <= 0:
            return
        if load.ordered:
            # nothing is stopped while a pod is not ready; then as many as may be missing at once
            if old + new == load.replicas:
                yield from self._stopped(state, index, 0, min(load.unavailable, left))
                yield from self._stopped(state, index, 0)
            return
        absent = load.replicas - old - new
        # without the gate, the highest old pod goes as soon as all that were replaced are ready
        if absent < load.unavailable or not (new_waiting or stopping or missing):
            yield from self._stopped(state, index, 0)
            if old_waiting:
                yield state._replace(header=_put(state.header, index, _at(header, 0, old_waiting - 1)))

    def _daemonset(self, state: State, index: int, load: Load, quota: bool) -> Iterator[State]:
        columns = [
            (node, state.columns[node][index]) for node, here in enumerate(self.case.nodes) if here.pool in load.pools
        ]
        if load.surge:
            busy = sum(1 for _, here in columns if here[0] and here[3])
        else:
            # a node whose pod is gone for good is not counted
            busy = sum(1 for _, here in columns if not (here[0] or here[1]) and (here[2] or here[3]))
        for node, (old, new, stopping, waiting) in columns:
            if load.surge:
                if old and new:
                    yield self._set(state, node, index, (old - 1, new, stopping + 1, waiting))
                elif not (old or new or stopping or waiting) and quota:
                    yield self._set(state, node, index, (0, 0, 0, 1))
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

    def lacking(self, state: State) -> set[int]:
        """The workloads with pods that have no place, those of an earlier rollout aside."""
        loads = enumerate(zip(state.header, self.case.loads, strict=True))
        found = {index for index, (header, load) in loads if header[0] and header[2] <= load.replicas}
        for node, column in zip(self.case.nodes, state.columns, strict=True):
            for index, load in enumerate(self.case.loads):
                if load.kind == "DaemonSet" and node.pool in load.pools and not any(column[index]):
                    found.add(index)
        return found

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
        if load.kind == "StatefulSet":
            kept = min(load.partition, load.replicas)
            return (old, new) == (kept, load.replicas - kept)
        return new == state.header[index][4] and old == 0


class Findings(NamedTuple):
    """Whether all pods can run before, and the quota allows them; for each workload, the endings that occur (finished
    or not); of the hook, whether it starts, and of the Job, whether it ends."""

    full: bool
    endings: tuple[frozenset[bool], ...]
    hook: frozenset[bool]
    states: int
    job: frozenset[bool] = frozenset()


def explore(case: Case, most: int = 2_000) -> Findings:
    """Walks through every course of events that begins with all old pods in place, but for those of workloads that
    start; from any beginning, if that is impossible. Raises TooLarge after `most` states, and Hopeless when there is
    none."""
    course = Course(case)
    beginnings = list(course.beginnings())
    if not beginnings:
        raise Hopeless
    full = any(not course.lacking(state) for state in beginnings)
    plain = [state for state in beginnings if course.lacking(state) <= case.starting]
    todo = (plain if full else []) or beginnings
    seen, endings = set(todo), [set[bool]() for _ in case.loads]
    hook, job = set[bool](), set[bool]()
    while todo:
        state = todo.pop()
        steps = set(course.following(state))
        scaled = set(course.scaling(state))
        if not steps:
            hook.add(state.phase == 2)
            job.add(state.job == 2)
            for index, found in enumerate(endings):
                found.add(course.complete(state, index))
        fresh = (steps | scaled) - seen
        todo.extend(fresh)
        seen |= fresh
        if len(seen) > most:
            raise TooLarge
    return Findings(
        full and course.within_quota(), tuple(map(frozenset, endings)), frozenset(hook), len(seen), frozenset(job)
    )


def _at(counts: Counts, place: int, count: int) -> Counts:
    return (*counts[:place], count, *counts[place + 1 :])


def _put(header: Header, index: int, counts: Counts) -> Header:
    return (*header[:index], counts, *header[index + 1 :])


def _spread(count: int, nodes: int) -> Iterator[tuple[int, ...]]:
    return (spots for spots in product(range(count + 1), repeat=nodes) if sum(spots) == count)
