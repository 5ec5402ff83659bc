"""Helm hooks: whether their pods find room at the time at which Helm waits for them."""

from collections.abc import Mapping, Sequence

from policylint.capacity.assessment import HookNeed, Shortage
from policylint.capacity.demand import HOOK, ReleaseDemand
from policylint.capacity.ledger import PODS, Ledger
from policylint.capacity.nodes import Nodes
from policylint.capacity.quota import Quota, QuotaSum
from policylint.capacity.quota_words import hook_shortages
from policylint.capacity.requests import Defaults, PodNeeds, needs_of, shown
from policylint.capacity.words import plural
from policylint.views.workload import Workload

_BEFORE = frozenset({"pre-upgrade", "pre-rollback"})
_AFTER = frozenset({"post-upgrade", "post-rollback"})
_PHASES = frozenset({"pre-install", "post-install"}) | _BEFORE | _AFTER
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
            shortage = _shortage(nodes, workload, needs, frozenset(phases), quotas)
            found.append(HookNeed(workload.document, workload.document.resource, phases, shortage))
    return tuple(found)


def _shortage(
    nodes: Nodes,
    workload: Workload,
    needs: PodNeeds,
    phases: frozenset[str],
    quotas: Sequence[tuple[Quota, Sequence[QuotaSum]]],
) -> Shortage:
    if not phases & (_BEFORE | _AFTER):
        return Shortage(PODS, "completes", "it runs at an install only, before or while the release's pods start")
    reach, surely = nodes.supply.reach(workload.pod)
    if not reach:
        return Shortage(PODS, "unknown", "none of the declared pools has nodes that it may use")
    held = not phases & _BEFORE
    for ledger in nodes.ledgers:
        need = 1 if ledger.name == PODS else needs.requests.get(ledger.name, 0)
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
        return refused
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
