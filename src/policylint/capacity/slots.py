"""The closed form of a rolling update on a pool whose only scarce good is the pod slot."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Outcome = Literal["completes", "deadlock", "race", "overflow"]


class Rollout(NamedTuple):
    """A Deployment that replaces its pods: how many it keeps, and its fenceposts."""

    replicas: int
    surge: int
    unavailable: int


def outcome(free: int, rollouts: Iterable[Rollout]) -> Outcome:
    """How `rollouts` on one pool end, when `free` slots are left with every old pod running.

    Below 0 the pods never fit, whatever the strategy. One free slot is enough for any number of Deployments, since
    each that gets it hands it on. With none, a Deployment that may miss no pod waits for a slot that only another
    Deployment could free: none does when all are such (deadlock); when others are not, it depends on whether the
    scheduler gives the freed slot to it or back to where it came from (race). With S and U as in
    `policylint.capacity.fenceposts`, and the steps of pkg/controller/deployment/rolling.go.
    """
    if free < 0:
        return "overflow"
    waiting = {rollout.unavailable == 0 for rollout in rollouts if rollout.replicas > 0}
    if free > 0 or True not in waiting:
        return "completes"
    return "race" if False in waiting else "deadlock"
