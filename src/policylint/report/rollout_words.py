"""The words and rows for rollouts that the formats for people share."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from policylint.capacity.assessment import (
    WORST_FIRST,
    Assessment,
    AtReplicas,
    PoolUse,
    Share,
    Verdict,
    WorkloadRollout,
)
from policylint.lint.rollout_report import Change, Rollouts
from policylint.report.summary import counted
from policylint.views.workload import Workload

_MEANINGS: Mapping[Verdict, str] = {
    "overflow": "the pods do not fit, with or without a rollout",
    "deadlock": "it can never finish",
    "race": "whether it finishes depends on who gets the room that others free",
    "likely": "whether it finishes depends on where pods are placed, or on what else runs",
    "unknown": "there is no telling",
    "completes": "it finishes",
}
_AT_REST: Mapping[Verdict, str] = {
    "likely": "whether its pods all fit depends on where pods are placed, or on what else runs",
    "completes": "its pods fit",
}


def certainty(rollout: WorkloadRollout) -> str:
    """A verdict with what it means: `deadlock (certain): it can never finish`."""
    meaning = _MEANINGS[rollout.verdict]
    if not rollout.rolls:
        meaning = _AT_REST.get(rollout.verdict, meaning)
    return f"{rollout.verdict}{' (certain)' if rollout.certain else ''}: {meaning}"


def hook_words(verdict: Verdict) -> str:
    """What a verdict means for a hook, which is one pod that starts or does not."""
    words = {"completes": "finds room", "deadlock": "without room (certain)"}
    return words.get(verdict, f"not sure of room ({verdict})")


QUOTA_EXCEEDED = "overflow (certain): the release has more objects than its quota allows"


def strategy(rollout: WorkloadRollout) -> str:
    """How pods are replaced, with the rounding."""
    if rollout.kind == "DaemonSet":
        pods = f"{counted(rollout.least, 'pod')}, one on each node"
    else:
        pods = counted(rollout.least, "pod")
        pods += f", up to {rollout.most} under its autoscaler" if rollout.most != rollout.least else ""
    if rollout.strategy != "RollingUpdate":
        return f"{rollout.strategy or rollout.kind} of {pods}"
    return f"RollingUpdate of {pods}: maxSurge {rollout.surge_text}, maxUnavailable {rollout.unavailable_text}"


def stays(rollout: WorkloadRollout, change: Change | None) -> str:
    """Why a workload's pods are not replaced; empty when they are."""
    if rollout.rolls:
        return ""
    if change is not None and change.sort == "new":
        return f"it is new: {counted(rollout.least, 'pod')} to start, none to replace"
    if change is not None and change.sort == "scaled":
        return f"its pods stay, their number changes from {change.replicas} to {rollout.least}"
    if change is not None and change.sort == "same":
        return "its pods stay: their template is unchanged"
    reasons = [_reason(workload) for workload in Workload.of(rollout.document)]
    return f"its pods stay: {reasons[0]}" if reasons and reasons[0] else "its pods stay"


def _reason(workload: Workload) -> str:
    if workload.paused:
        return "its rollouts are paused"
    if workload.strategy.type == "OnDelete":
        return "OnDelete replaces a pod when somebody deletes it"
    if workload.replicas == 0:
        return "it asks for none"
    if workload.kind in ("Pod", "ReplicaSet", "ReplicationController"):
        return f"a {workload.kind} replaces none when its template changes"
    if workload.kind == "StatefulSet" and workload.strategy.partition:
        return f"partition {workload.strategy.partition} spares all of them"
    return ""


def ranges(rollout: WorkloadRollout) -> list[tuple[str, Verdict]]:
    """An autoscaler's range of replicas, cut where the verdict changes: `("2 to 3", "overflow")`."""
    ends = [*(entry.replicas - 1 for entry in rollout.at[1:]), rollout.most]
    return [(_span(entry, end), entry.verdict) for entry, end in zip(rollout.at, ends, strict=False)]


def _span(entry: AtReplicas, end: int) -> str:
    return str(entry.replicas) if entry.replicas >= end else f"{entry.replicas} to {end}"


def share(of: Share) -> str:
    """`kyverno 4`, `Deployment/web 2 to 5`."""
    return f"{of.name} {of.pods}" + (f" to {of.most}" if of.most != of.pods else "")


class Row(NamedTuple):
    """A row of a pool's table: a number with its sign, and what it is."""

    sign: str
    pods: int
    text: str


def pool_rows(pool: PoolUse, listed: int) -> list[Row]:
    """The sum of a pool's slots: what its nodes take, less what runs there. `listed` shares of a sort are named."""
    rows = [Row("", pool.nodes * pool.cap, f"slots: {counted(pool.nodes, 'node')}, each {pool.cap_text}")]
    if pool.system:
        each = "" if pool.nodes == 1 else " on each node"
        taken = pool.nodes * pool.cap - pool.slots
        rows.append(Row("\u2212", taken, f"system{each}: {_shares(pool.system, listed)}"))
    if pool.others:
        rows.append(Row("\u2212", sum(other.pods for other in pool.others), f"others: {_shares(pool.others, listed)}"))
    if pool.steady:
        text = f"this release: {_shares(pool.steady, listed)}"
        rows.append(Row("\u2212", sum(steady.pods for steady in pool.steady), text))
    return rows


def free(pool: PoolUse) -> str:
    """What is left of a pool."""
    if pool.free is None:
        return "free: some of these pods may run in another pool, so it is not one number"
    return "free" if pool.free >= 0 else "missing: not all of them fit"


def _shares(shares: tuple[Share, ...], listed: int) -> str:
    ordered = sorted(shares, key=lambda each: -each.pods) if len(shares) > listed else shares
    rest = ordered[listed:]
    names = [share(each) for each in ordered[:listed]]
    return ", ".join([*names, *([f"{len(rest)} more with {sum(each.pods for each in rest)}"] if rest else [])])


def headline(rollouts: Rollouts) -> str:
    """The totals in one line."""
    total = sum(len(release.assessment.workloads) for release in rollouts.releases)
    text = f"{counted(len(rollouts.releases), 'release')}, {counted(total, 'workload')}"
    found = tally(release.assessment for release in rollouts.releases)
    return f"{text}: {found}." if found else f"{text}."


def tally(assessments: Iterable[Assessment]) -> str:
    """How many workloads came to which verdict, and how many hooks and quotas are in the way."""
    listed = list(assessments)
    counts = Counter(rollout.verdict for each in listed for rollout in each.workloads)
    parts = [f"{counts[verdict]} {verdict}" for verdict in WORST_FIRST if counts[verdict]]
    hooks = Counter(hook.shortage.verdict for each in listed for hook in each.hooks)
    parts += [
        f"{counted(hooks[verdict], 'hook')} {hook_words(verdict)}" for verdict in WORST_FIRST[:-1] if hooks[verdict]
    ]
    quotas = sum(len(each.quotas) for each in listed)
    return ", ".join([*parts, *([f"{counted(quotas, 'quota')} exceeded"] if quotas else [])])


def peak(rollout: WorkloadRollout) -> str:
    """`peak 12 of 11 pods`, and where something else is short, that."""
    text = f"peak {rollout.peak} of {rollout.capacity} pods"
    limit = rollout.limit
    if limit is None or limit.dimension == "pods" or not limit.needed:
        return text
    return f"{text}; short of {limit.dimension}: {limit.needed} of {limit.capacity}"
