"""The closed form against every way in which a small cluster can go."""

from collections.abc import Iterator
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import pytest

from policylint.capacity.fenceposts import resolve_fenceposts
from policylint.capacity.slots import Outcome, Rollout, outcome
from policylint.views.quantities import IntOrPercent

QUARTER = IntOrPercent(25, percent=True)
STRATEGIES = [
    (QUARTER, QUARTER),
    (IntOrPercent(1), IntOrPercent(0)),
    (IntOrPercent(0), IntOrPercent(1)),
    (IntOrPercent(1), IntOrPercent(1)),
    (IntOrPercent(100, percent=True), IntOrPercent(50, percent=True)),
]
ROLLOUTS = sorted({Rollout(r, *resolve_fenceposts(s, u, r)) for r, (s, u) in product(range(1, 5), STRATEGIES)})
CASES = [(one,) for one in ROLLOUTS] + list(combinations_with_replacement(ROLLOUTS, 2))


class State(NamedTuple):
    """The pods of one Deployment: old and new ones, running or waiting for a slot, and those that are stopping."""

    old: int
    old_waiting: int
    new: int
    new_waiting: int
    stopping: int

    @property
    def slots(self) -> int:
        return self.old + self.new + self.stopping


Cluster = tuple[State, ...]


def controller(state: State, rollout: Rollout) -> State | None:
    """What the Deployment controller does next: scale the new ReplicaSet up, else the old one down."""
    old, new = state.old + state.old_waiting, state.new + state.new_waiting
    grow = min(rollout.replicas + rollout.surge - old - new, rollout.replicas - new)
    if grow > 0:
        return state._replace(new_waiting=state.new_waiting + grow)
    least = rollout.replicas - rollout.unavailable
    room = old + new - least - state.new_waiting
    if old == 0 or room <= 0:
        return None
    unhealthy = min(state.old_waiting, room)
    healthy = min(state.old, max(0, state.old + state.new - least), old - unhealthy)
    if unhealthy + healthy == 0:
        return None
    return state._replace(
        old=state.old - healthy, old_waiting=state.old_waiting - unhealthy, stopping=state.stopping + healthy
    )


def following(cluster: Cluster, rollouts: tuple[Rollout, ...], slots: int) -> Iterator[Cluster]:
    """Every state that may come next, in whatever order the controllers, kubelets and the scheduler act."""
    free = slots - sum(state.slots for state in cluster)
    for index, (state, rollout) in enumerate(zip(cluster, rollouts, strict=True)):
        steps = [controller(state, rollout)]
        if state.stopping:
            steps.append(state._replace(stopping=state.stopping - 1))
        if state.new_waiting and free > 0:
            steps.append(state._replace(new=state.new + 1, new_waiting=state.new_waiting - 1))
        if state.old_waiting and free > 0:
            steps.append(state._replace(old=state.old + 1, old_waiting=state.old_waiting - 1))
        for step in steps:
            if step is not None:
                yield (*cluster[:index], step, *cluster[index + 1 :])


def beginnings(rollouts: tuple[Rollout, ...], slots: int) -> Iterator[Cluster]:
    """Every way in which the old pods fill the slots before the rollout."""
    running = min(slots, sum(rollout.replicas for rollout in rollouts))
    for old in product(*(range(rollout.replicas + 1) for rollout in rollouts)):
        if sum(old) == running:
            yield tuple(State(n, r.replicas - n, 0, 0, 0) for n, r in zip(old, rollouts, strict=True))


def explored(rollouts: tuple[Rollout, ...], free: int) -> Outcome:
    """How the rollouts end, found by walking through all states."""
    slots = sum(rollout.replicas for rollout in rollouts) + free
    open_states = list(beginnings(rollouts, slots))
    seen, endings = set(open_states), set()
    while open_states:
        cluster = open_states.pop()
        steps = set(following(cluster, rollouts, slots))
        if not steps:
            endings.add(all(state.new == r.replicas for state, r in zip(cluster, rollouts, strict=True)))
        open_states.extend(steps - seen)
        seen |= steps
    if endings == {True}:
        return "completes"
    if endings == {True, False}:
        return "race"
    return "overflow" if free < 0 else "deadlock"


@pytest.mark.parametrize("free", [-1, 0, 1, 2])
@pytest.mark.parametrize("count", [1, 2])
def test_the_closed_form_agrees_with_every_course_of_events(free: int, count: int) -> None:
    cases = [rollouts for rollouts in CASES if len(rollouts) == count]
    assert len(cases) == {1: 15, 2: 120}[count]
    assert {case: outcome(free, case) for case in cases} == {case: explored(case, free) for case in cases}


def test_all_four_endings_occur_among_the_cases() -> None:
    assert {explored(case, free) for case in CASES[:30] for free in (-1, 0, 1)} == {
        "completes",
        "deadlock",
        "race",
        "overflow",
    }


def test_a_workload_without_pods_waits_for_nothing() -> None:
    assert outcome(0, [Rollout(0, 0, 0)]) == "completes"
    assert outcome(0, [Rollout(0, 0, 0), Rollout(1, 1, 0)]) == "deadlock"
    assert outcome(-1, []) == "overflow"
