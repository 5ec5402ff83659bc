"""Helm hooks and Jobs: whether their pods find room when their time comes."""

from collections.abc import Mapping, Sequence

from policylint.capacity.assessment import HookNeed, JobNeed, Shortage
from policylint.capacity.demand import HOOK, ReleaseDemand
from policylint.capacity.ledger import PODS, Ledger
from policylint.capacity.nodes import Nodes
from policylint.capacity.quota import Quota, QuotaSum
from policylint.capacity.quota_words import hook_shortages
from policylint.capacity.requests import Defaults, PodNeeds, needs_of, shown
from policylint.capacity.words import plural
from policylint.model import YamlPath
from policylint.views.workload import Workload

_BEFORE = frozenset({"pre-upgrade", "pre-rollback"})
_AFTER = frozenset({"post-upgrade", "post-rollback"})
_PHASES_OF_INSTALL = frozenset({"pre-install", "post-install"})
_PHASES = _PHASES_OF_INSTALL | _BEFORE | _AFTER
_AT_INSTALL = Shortage(PODS, "completes", "it runs at an install only, before or while the release's pods start")
_NO_DEFAULTS = Defaults({}, {})


def hook_needs(
    nodes: Nodes,
    release: ReleaseDemand,
    defaults: Mapping[str, Defaults],
    quotas: Sequence[tuple[Quota, Sequence[QuotaSum]]],
) -> tuple[HookNeed, ...]:
    """What each hook of an install, an upgrade or a rollback meets.

    Before an upgrade every pod of the release runs; after it, at least those of workloads that never give one up.
    Hooks run one after another, so each is on its own; test and delete hooks are left out. A hook of an install meets
    a cluster without the release's pods, or with some of them, so that nothing about it is certain.
    """
    found = []
    for workload in release.hooks:
        given = str(workload.document.annotations.get(HOOK, ""))
        phases = tuple(phase for phase in (part.strip() for part in given.split(",")) if phase in _PHASES)
        if phases:
            space = workload.document.namespace or "default"
            needs = needs_of(workload.pod, defaults.get(space, _NO_DEFAULTS))
            shortage = _AT_INSTALL
            if not _PHASES_OF_INSTALL.issuperset(phases):
                shortage = _shortage(nodes, workload, needs, quotas, held=not _BEFORE.intersection(phases))
            found.append(HookNeed(workload.document, workload.document.resource, phases, shortage))
    return tuple(found)


def job_needs(
    nodes: Nodes,
    release: ReleaseDemand,
    defaults: Mapping[str, Defaults],
    quotas: Sequence[tuple[Quota, Sequence[QuotaSum]]],
) -> tuple[JobNeed, ...]:
    """What the Jobs, the CronJobs and the pods that end meet, once everything else of the release runs.

    They get room only where some is left, or while others give theirs up. One pod at a time is enough for a Job to go
    on, so that what is certain is certain of its first.
    """
    found = []
    for workload in release.passing:
        at_once = _at_once(workload)
        if at_once == 0:
            continue
        space = workload.document.namespace or "default"
        needs = needs_of(workload.pod, defaults.get(space, _NO_DEFAULTS))
        shortage = _shortage(nodes, workload, needs, quotas, held=True)
        if shortage.verdict == "likely" and not _fits_beside_all(nodes, workload, needs):
            shortage = shortage._replace(text="it gets room only while others of the release give theirs up")
        found.append(JobNeed(workload.document, workload.document.resource, at_once, shortage))
    return tuple(found)


def _at_once(workload: Workload) -> int | None:
    """How many pods of a Job run at once, of a CronJob's those of one run; None for no bound, 0 for what is at rest."""
    spec: Mapping[str, object] = workload.spec
    if spec.get("suspend") is True:
        return 0
    if workload.kind == "CronJob":
        if spec.get("concurrencyPolicy", "Allow") == "Allow":
            return None
        template = workload.document.get(YamlPath.of("spec", "jobTemplate", "spec"))
        spec = template if isinstance(template, dict) else {}
    if workload.kind == "Pod":
        return 1
    counts = [spec.get(key, 1) for key in ("parallelism", "completions")]
    known = [count for count in counts if isinstance(count, int) and count >= 0]
    return min(known, default=1) if spec.get("completions") is not None else (known or [1])[0]


def _fits_beside_all(nodes: Nodes, workload: Workload, needs: PodNeeds) -> bool:
    reach, _ = nodes.supply.reach(workload.pod)
    return all(ledger.admits(reach, _need(ledger, needs), held=False) for ledger in nodes.ledgers)


def _need(ledger: Ledger, needs: PodNeeds) -> int:
    return 1 if ledger.name == PODS else needs.requests.get(ledger.name, 0)


def _shortage(
    nodes: Nodes,
    workload: Workload,
    needs: PodNeeds,
    quotas: Sequence[tuple[Quota, Sequence[QuotaSum]]],
    *,
    held: bool,
) -> Shortage:
    """One more pod beside everything, or beside what never gives way (`held`)."""
    if needs.wrong:
        return Shortage(PODS, "unknown", f"the API server refuses {needs.wrong[0]}")
    reach, surely = nodes.supply.reach(workload.pod)
    if not reach:
        return Shortage(PODS, "unknown", "none of the declared pools has nodes that it may use")
    for ledger in nodes.resources:
        need, largest = _need(ledger, needs), ledger.largest(reach)
        if largest is not None and need > largest:
            asked, has = shown(ledger.name, need), shown(ledger.name, largest)
            pools = " and ".join(nodes.supply.pools[pool].name for pool in sorted(reach))
            text = f"it asks for {asked} {ledger.name} of one node, and those of pool {pools} have {has} at most"
            return Shortage(ledger.name, "deadlock", text, asked, has, ledger.name)
    for ledger in nodes.ledgers:
        need = _need(ledger, needs)
        if ledger.admits(reach, need, held=held):
            continue
        bill = ledger.bill(reach, held=held)
        sure = not workload.pod.get("priorityClassName") and not nodes.is_shaken(bill.pools)
        sure = sure and nodes.runs_in_full(bill.pools)
        text = _text(nodes, ledger, reach, held, need)
        name = ledger.name
        needed, has = shown(name, bill.taken + need), shown(name, bill.capacity)
        return Shortage(name, "deadlock" if sure else "likely", text, needed, has, name)
    space = workload.document.namespace or "default"
    refused = next(hook_shortages(space, needs, held, quotas), None)
    if refused is not None:
        return refused if nodes.all_run else refused._replace(verdict="likely")
    if not nodes.surely_admits(surely, needs.requests):
        return Shortage(PODS, "likely", "there is room, but where pods are decides")
    return Shortage(PODS, "completes", "")


def _text(nodes: Nodes, ledger: Ledger, reach: frozenset[int], held: bool, need: int) -> str:
    bill, name = ledger.bill(reach, held=held), ledger.name
    pools = " and ".join(str(nodes.supply.pools[pool]) for pool in sorted(bill.pools))
    parts = [plural(bill.others, "other pod")] if bill.others else []
    parts.append(f"{shown(name, bill.total)} of this release")
    unit = "" if name == PODS else f" {name}"
    total = f"{' + '.join(parts)} = {shown(name, bill.taken)}{unit}"
    return f"{pools}; {total}; {shown(name, bill.taken + need)} > {shown(name, bill.capacity)}"
