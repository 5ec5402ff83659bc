"""A deadlock in words: the sum that proves it, and what would mend it."""

from policylint.capacity.deadlock import Deadlock
from policylint.views.quantities import IntOrPercent

_SHOWN = 3


def explain(deadlock: Deadlock) -> str:
    """Why the rollout cannot finish, as one sentence with its arithmetic."""
    demand, strategy = deadlock.demand, deadlock.demand.workload.strategy
    replicas, (surge, unavailable) = demand.replicas.least, demand.fenceposts
    need, capacity = deadlock.taken + 1, deadlock.capacity
    pools = " and ".join(map(str, deadlock.pools))
    if len(deadlock.pools) > 1:
        pools = f"{pools}: {capacity} pods"
    others = f"{deadlock.others} other pod{'' if deadlock.others == 1 else 's'}"
    parts = [others, *_listed(deadlock.companions), f"{replicas} of this Deployment"]
    if demand.replicas.most > replicas:
        parts[-1] += f" at the autoscaler's fewest (it keeps {replicas} to {demand.replicas.most})"
    surged = f"maxSurge {_resolved(strategy.max_surge, replicas, surge)}"
    missed = f"maxUnavailable {_resolved(strategy.max_unavailable, replicas, unavailable)}"
    facts = [pools, f"{' + '.join(parts)} = {deadlock.taken}", f"{surged}, {missed}", f"{need} > {capacity}"]
    if deadlock.uncounted:
        facts.append(f"not counted: {', '.join(deadlock.uncounted)}")
    start = f"the rolling update cannot finish: it starts pod {need} of {capacity} before an old one may stop"
    return f"{start} ({'; '.join(facts)})"


def advise(deadlock: Deadlock) -> str:
    """The smallest change that lets the rollout finish, and its price."""
    if deadlock.missing:
        slots = "1 pod slot is" if deadlock.missing == 1 else f"{deadlock.missing} pod slots are"
        return f"{slots} missing even without a rollout: add a node, take a larger one, or run fewer pods"
    replicas = deadlock.demand.replicas.least
    price = "which is downtime on every rollout" if replicas == 1 else f"which serves with {replicas - 1} meanwhile"
    pods = "the one pod" if replicas == 1 else f"one of {replicas} pods"
    change = f"set maxSurge: 0 and maxUnavailable: 1: {pods} stops before its successor starts, {price}"
    return f"{change}; or keep one pod slot free, with a larger node or one more"


def _resolved(count: IntOrPercent | None, replicas: int, pods: int) -> str:
    return f"{count} of {replicas} → {pods}" if count is not None and count.percent else str(pods)


def _listed(companions: tuple[tuple[str, int], ...]) -> list[str]:
    shown = [f"{count} of {name}" for name, count in companions[:_SHOWN]]
    rest = companions[_SHOWN:]
    if rest:
        shown.append(f"{sum(count for _, count in rest)} of {len(rest)} more")
    return shown
