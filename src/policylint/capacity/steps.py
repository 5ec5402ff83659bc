"""The course of one workload's rollout, step by step, and what it costs those who use it."""

from policylint.capacity.assessment import Step, Verdict
from policylint.capacity.demand import Demand
from policylint.capacity.words import plural


def steps_of(demand: Demand, base: int, nodes: int, verdict: Verdict) -> tuple[Step, ...]:
    """What happens, in order, when nothing else moves.

    `base` is how many pods want a slot before, the workload's own included; `nodes` on how many a DaemonSet runs. A
    rollout that does not finish ends with the step that is stuck.
    """
    replicas = nodes if demand.per_node else demand.replicas.least
    before = Step(f"{plural(replicas, 'old pod')} running", replicas, base)
    if not demand.rolls or not replicas:
        return (before,)
    surge, unavailable = demand.fenceposts(replicas)
    surge = min(surge, replicas)
    if verdict in ("deadlock", "overflow", "race") and unavailable == 0:
        wants = Step(f"{plural(surge, 'new pod')} created before an old one may stop", replicas, base + surge)
        stuck = "a new pod stays Pending for want of room, so that no old pod stops"
        last = {"race": "a new pod waits for room that others free, or take"}.get(verdict, stuck)
        return before, wants, Step(last, replicas, base + surge, stuck=verdict != "race")
    if demand.workload.strategy.type == "Recreate":
        return (
            before,
            Step(f"all {plural(replicas, 'old pod')} stop", 0, base - replicas),
            Step(f"{plural(replicas, 'new pod')} started when the last old one is gone", replicas, base),
        )
    found = [before]
    if surge:
        found.append(Step(f"{plural(surge, 'new pod')} created beside the old ones", replicas, base + surge))
    if unavailable:
        left = replicas - min(unavailable, replicas)
        stops = f"{plural(replicas - left, 'old pod')} stop{'s' if replicas - left == 1 else ''} at once"
        found.append(Step(stops, left, base + surge - (replicas - left)))
        found.append(Step("new pods take their places, once they are gone", left, base + surge))
    if replicas > surge + unavailable:
        found.append(Step("the same again for the other old pods", replicas - unavailable, base + surge))
    found.append(Step(f"{plural(replicas, 'new pod')} available, no old one left", replicas, base))
    return tuple(found)


def downtime_of(demand: Demand, nodes: int) -> str:
    """How many pods serve at the worst moment of the rollout; empty when as many as before."""
    replicas = nodes if demand.per_node else demand.replicas.least
    if not demand.rolls or not replicas:
        return ""
    unavailable = min(demand.fenceposts(replicas).unavailable, replicas)
    if demand.per_node:
        return "each node is without its pod while it is replaced" if unavailable else ""
    if unavailable == replicas:
        pods = "the one pod stops" if replicas == 1 else f"all {replicas} pods stop"
        return (
            f"downtime on every rollout: {pods} before {'its successor is' if replicas == 1 else 'new ones are'} ready"
        )
    return f"serves with {replicas - unavailable} of {replicas} pods meanwhile" if unavailable else ""
