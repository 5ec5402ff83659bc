"""`policylint rollout` from beginning to end: releases loaded, compared with what ran before, assessed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from policylint.capacity.assess import assess
from policylint.capacity.assessment import WORST_FIRST, HookNeed, Share, Shortage, Step, WorkloadRollout, worst_of
from policylint.capacity.demand import HOOK, Demand, demand_of
from policylint.capacity.ledger import PODS
from policylint.capacity.pools import resolve_pools
from policylint.capacity.words import plural
from policylint.config import Cluster, Config
from policylint.lint.pod_templates import differences
from policylint.lint.releases import Identity, LoadedRelease, identity, load_releases
from policylint.lint.rollout_before import Before, before
from policylint.lint.rollout_keys import with_values_keys
from policylint.lint.rollout_report import Change, ReleaseRollout, Rollouts
from policylint.model import ResourceId
from policylint.processes import Progress
from policylint.views.release import Release

_BEFORE_UPGRADE = "pre-upgrade"
_OTHER_PHASES = frozenset({"post-upgrade", "pre-rollback", "post-rollback"})


class RolloutRequest(NamedTuple):
    """What to assess, and on what. `before` is a git revision or a folder, or empty; `overlay` holds stdin as `-`."""

    paths: tuple[str, ...]
    config: Config
    cluster: Cluster
    before: str = ""
    overlay: Mapping[str, str | bytes] = {}


def rollouts(request: RolloutRequest, progress: Progress | None = None) -> Rollouts:
    """Every release at the request's paths on its cluster.

    Raises ConfigError for a pool whose limit cannot be known, and UsageError when there is no such state before.
    """
    resolve_pools(request.cluster)
    loaded = load_releases(request.paths, request.config, request.overlay, progress)
    found = Rollouts((), loaded.failures, loaded.not_judged, loaded.notes, request.before)
    if not request.before:
        alone = (
            ReleaseRollout(assess(each.release, request.cluster), notes=each.notes)
            for each in loaded.releases
            if _has_pods(each.release)
        )
        return _finished(found._replace(releases=tuple(alone)))
    with before(request.before, request.paths, request.config) as old:
        releases = tuple(_compared(request, loaded.releases, old))
        notes = (*loaded.notes, *old.notes, *_gone(loaded.releases, old))
        return _finished(found._replace(releases=releases, notes=notes, before=old.label))


def _finished(found: Rollouts) -> Rollouts:
    """The rollouts, each with its fixes as its chart has them, and a note that one release does not count another."""
    found = found._replace(releases=tuple(map(with_values_keys, found.releases)))
    if len(found.releases) < 2:
        return found
    note = "each release is held against the cluster on its own: list under other-pods what runs besides it"
    return found._replace(notes=(*found.notes, note))


def _has_pods(release: Release) -> bool:
    wanted = demand_of(release)
    return bool(wanted.demands or wanted.passing or wanted.unknown or wanted.hooks)


def _compared(request: RolloutRequest, releases: Sequence[LoadedRelease], old: Before) -> Iterator[ReleaseRollout]:
    alone = len(releases) == 1
    for new in releases:
        former = old.of(new, alone)
        if former is not None and former.failures:
            reasons = "; ".join(map(old.shown, former.failures))
            note = f"it could not be read as of {old.label}, so that everything is taken to roll: {reasons}"
            yield ReleaseRollout(assess(new.release, request.cluster), notes=(*new.notes, note))
        elif _has_pods(new.release) or (former is not None and _has_pods(former.release)):
            notes = new.notes if former is not None else (*new.notes, f"there is nothing of it in {old.label}")
            former_release = former.release if former is not None else Release(new.release.label, ())
            yield _difference(new.release, former_release, request.cluster)._replace(notes=notes)


def _gone(releases: Sequence[LoadedRelease], old: Before) -> Iterator[str]:
    """What a reader should know of the old releases that no release of today stands for."""
    kept = [old.of(new, len(releases) == 1) for new in releases]
    for former in old.loaded.releases:
        if not any(each is former for each in kept):
            yield from (f"{old.label} cannot be read: {old.shown(failure)}" for failure in former.failures)
            if _has_pods(former.release):
                yield f"{former.release.label} was there in {old.label} and is no longer; it is not in any sum"


def _difference(new: Release, old: Release, cluster: Cluster) -> ReleaseRollout:
    earlier = {identity(demand.document): demand for demand in demand_of(old).demands}
    today = demand_of(new).demands
    changes = {id(demand.document): _change(earlier.get(identity(demand.document)), demand) for demand in today}
    names = {id(demand.document): demand.document.resource for demand in today}
    changed = _named(names, {key for key, (change, _) in changes.items() if change.sort == "changed"})
    starting = _named(names, {key for key, (_, is_more) in changes.items() if is_more})
    found = assess(new, cluster, changed=changed, starting=starting)
    resized = _resized(today, earlier, changed)
    kinds = {key: change for key, (change, _) in changes.items()}
    workloads = tuple(_started(_softened(rollout, resized), kinds[id(rollout.document)]) for rollout in found.workloads)
    hooks = tuple(_before_upgrade(found.hooks, new, old, cluster))
    present = {identity(document) for document in new.documents}
    gone = [demand for name, demand in earlier.items() if name not in present]
    return ReleaseRollout(
        found._replace(workloads=workloads, hooks=hooks),
        tuple(kinds[id(rollout.document)] for rollout in workloads),
        tuple(Share(str(demand), *demand.replicas, demand.per_node) for demand in gone),
    )


def _named(names: Mapping[int, ResourceId | None], keys: set[int]) -> frozenset[ResourceId]:
    return frozenset(name for key in keys if (name := names[key]) is not None)


def _change(old: Demand | None, new: Demand) -> tuple[Change, bool]:
    """How a workload differs, and whether it has pods to start that did not run before."""
    if old is None:
        return Change("new"), True
    is_more = new.replicas.least > old.replicas.least
    replicas = old.replicas.least if new.replicas.least != old.replicas.least and not new.per_node else None
    found = differences(old.workload, new.workload)
    if found:
        return Change("changed", replicas, found), is_more
    return Change("same" if replicas is None else "scaled", replicas), is_more


def _resized(
    today: Sequence[Demand], earlier: Mapping[Identity, Demand], changed: frozenset[ResourceId]
) -> frozenset[str]:
    """The resources of which the new pods of some workload ask for more or less than its old ones."""
    found: set[str] = set()
    for new in today:
        old = earlier.get(identity(new.document))
        if old is not None and new.document.resource in changed:
            before_, now = old.needs.requests, new.needs.requests
            found |= {name for name in {*before_, *now} if before_.get(name, 0) != now.get(name, 0)}
    return frozenset(found)


def _started(rollout: WorkloadRollout, change: Change) -> WorkloadRollout:
    """The rollout with the one step of a workload that has no old pods."""
    if change.sort != "new":
        return rollout
    wanted = rollout.steps[0].wanted if rollout.steps else rollout.peak
    return rollout._replace(steps=(Step(f"{plural(rollout.least, 'new pod')} to start", 0, wanted),), downtime="")


def _softened(rollout: WorkloadRollout, resized: frozenset[str]) -> WorkloadRollout:
    """The rollout without certainty about resources of which old pods take another amount than the sums say."""
    if not resized or not rollout.rolls:
        return rollout
    shortages = tuple(_likely(shortage, resized) for shortage in rollout.shortages)
    judged = [each.verdict for each in shortages if each.verdict != "unknown" or each.dimension == PODS]
    verdict = worst_of(judged) if judged else rollout.verdict
    limit = next((each for each in shortages if each.verdict == verdict), None) if verdict != "completes" else None
    return rollout._replace(shortages=shortages, verdict=verdict, limit=limit)


def _likely(shortage: Shortage, resized: frozenset[str]) -> Shortage:
    unit = shortage.unit if shortage.dimension.startswith("quota ") else shortage.dimension
    if unit.removeprefix("requests.") not in resized or shortage.verdict not in ("deadlock", "completes"):
        return shortage
    reason = f"old and new pods ask for different amounts of {unit}; the sum takes all for new ones"
    return shortage._replace(verdict="likely", text=f"{shortage.text}; {reason}" if shortage.text else reason)


def _before_upgrade(hooks: Sequence[HookNeed], new: Release, old: Release, cluster: Cluster) -> Iterator[HookNeed]:
    """The hooks, those before the upgrade held against the pods that run then, which are the old ones."""
    if not any(_BEFORE_UPGRADE in hook.phases for hook in hooks) or not _has_pods(old):
        yield from hooks
        return
    documents = [document for document in old.documents if HOOK not in document.annotations]
    documents += [document for document in new.documents if HOOK in document.annotations]
    running = assess(Release(old.label, tuple(documents)), cluster, changed=())
    then = {id(hook.document): hook for hook in running.hooks}
    for hook in hooks:
        if _BEFORE_UPGRADE not in hook.phases:
            yield hook
            continue
        found = [then[id(hook.document)], *([hook] if _OTHER_PHASES.intersection(hook.phases) else [])]
        yield min(found, key=lambda each: WORST_FIRST.index(each.shortage.verdict))
