"""What a namespace's ResourceQuotas prove about a workload's rollout, and about a hook."""

from collections.abc import Iterator, Sequence

from policylint.capacity.assessment import Shortage, Verdict
from policylint.capacity.demand import Demand
from policylint.capacity.quota import Quota, QuotaSum, need_of
from policylint.capacity.requests import PodNeeds, shown
from policylint.capacity.words import strategy_words


def quota_shortages(
    demand: Demand, replicas: int, quotas: Sequence[tuple[Quota, Sequence[QuotaSum]]]
) -> list[Shortage]:
    """The verdict of each limit that counts the workload's pods."""
    found: list[Shortage] = []
    for quota, sums in quotas:
        counted = quota.counts(demand)
        name = f"quota {quota.name}"
        if counted is False:
            continue
        if counted is None:
            found.append(Shortage(name, "unknown", "whether its scopes select the pods is not known"))
            continue
        found += [Shortage(name, "unknown", f"its limit {limit} is not a quantity") for limit in quota.wrong]
        for line in sums:
            need = need_of(line.resource, demand.needs)
            if need:
                found.append(_judged(demand, replicas, line, need))
            elif unset := _unset(line.resource, demand.needs):
                reason = f"it counts {line.resource} and refuses pods whose container {unset} has none"
                found.append(Shortage(name, "unknown", f"{reason}, unless a LimitRange gives it one"))
    return found


def _unset(resource: str, needs: PodNeeds) -> str:
    name = f"requests.{resource}" if resource in ("cpu", "memory") else resource
    return ", ".join(needs.unset.get(name, ()))


def _judged(demand: Demand, replicas: int, line: QuotaSum, need: int) -> Shortage:
    extra = 0 if demand.per_node else (replicas - demand.replicas.least) * need
    least, most = line.others
    left = line.hard - least
    held = line.held + extra + (0 if demand.holds or demand.per_node else demand.replicas.least * need)
    steady = line.steady + extra
    waits = demand.waits(1 if demand.per_node else replicas)
    surge = need if waits else 0
    if steady > left:
        return _summed(demand, replicas, line, "overflow", steady, 0)
    if waits and held + need > left:
        return _summed(demand, replicas, line, "deadlock", held, need)
    if waits and steady + need > left:
        return _summed(demand, replicas, line, "race", steady, need)
    verdict: Verdict = "completes" if not demand.rolls or line.most + most + surge <= line.hard else "likely"
    return _summed(demand, replicas, line, verdict, line.most if verdict == "likely" else steady, surge)


def _summed(demand: Demand, replicas: int, line: QuotaSum, verdict: Verdict, own: int, surge: int) -> Shortage:
    quota, resource = line.quota, line.resource
    others = line.others[0 if verdict in ("overflow", "deadlock", "race") else 1]
    used = own + others
    parts = [f"{shown(resource, own)} of this release"]
    if others:
        parts.insert(0, f"{shown(resource, others)} of others")
    facts = [f"quota {quota.namespace}/{quota.name}: {resource} {shown(resource, line.hard)}"]
    facts.append(f"{' + '.join(parts)} = {shown(resource, used)}")
    if verdict in ("deadlock", "race"):
        facts += strategy_words(demand, replicas)
    sign = "≤" if used + surge <= line.hard else ">"
    facts.append(f"{shown(resource, used + surge)} {sign} {shown(resource, line.hard)}")
    text = "; ".join(facts)
    return Shortage(
        f"quota {quota.name}", verdict, text, shown(resource, used + surge), shown(resource, line.hard), resource
    )


def hook_shortages(
    namespace: str, needs: PodNeeds, held: bool, quotas: Sequence[tuple[Quota, Sequence[QuotaSum]]]
) -> Iterator[Shortage]:
    """The limits that leave no room for one pod of a hook beside the release, or beside what never gives way; then
    those that may not, when autoscalers choose their most or pods of others come."""
    counted = [line for quota, sums in quotas if quota.namespace == namespace for line in sums]
    for sure in (True, False):
        for line in counted:
            quota, need = line.quota, need_of(line.resource, needs)
            own = (line.held if held else line.steady) if sure else line.most
            taken = own + line.others[0 if sure else 1]
            if need and (not sure or not quota.scopes) and taken + need > line.hard:
                has, amount = shown(line.resource, line.hard), shown(line.resource, taken + need)
                before = f"{'' if sure else 'up to '}{shown(line.resource, taken)} taken"
                text = f"quota {quota.namespace}/{quota.name}: {line.resource} {has}; {before}; {amount} > {has}"
                verdict: Verdict = "deadlock" if sure else "likely"
                yield Shortage(f"quota {quota.name}", verdict, text, amount, has)
