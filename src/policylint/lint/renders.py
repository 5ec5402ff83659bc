"""What several renders of one chart say alike, said once: in how many of them, and in which."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from policylint.model import Finding, Renders
from policylint.sources.unit import Target

_NAMED = 5


def unique(findings: Iterable[Finding], targets: Sequence[Target]) -> list[Finding]:
    """Findings without repetitions; those that not all renders of their chart have say in which they are.

    Findings of several renders are the same when their fingerprints and places in the template are. How many renders
    there are changes neither. Within one render, findings that are equal in everything are said once.
    """
    totals = Counter(target.shown for target in targets if target.kind == "chart")
    seen: set[Hashable] = set()
    ordinals: Counter[Hashable] = Counter()
    groups: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        exact = (finding.rule, finding.location[:5], finding.yaml_path, finding.message, finding.resource)
        if (exact, finding.renders) in seen:
            continue
        seen.add((exact, finding.renders))
        if finding.renders is None:
            groups.setdefault(exact, []).append(finding)
            continue
        place = (finding.fingerprint, finding.location[:5], finding.renders.chart)
        ordinals[place, finding.renders] += 1
        groups.setdefault((place, ordinals[place, finding.renders]), []).append(finding)
    return [_one(group, totals) for group in groups.values()]


def _one(group: Sequence[Finding], totals: Counter[str]) -> Finding:
    first = group[0]
    if first.renders is None:
        return first
    total = totals[first.renders.chart]
    names = tuple(name for finding in group if finding.renders is not None for name in finding.renders.names)
    told = first._replace(renders=Renders(first.renders.chart, names, total))
    if len(names) == total:
        return told
    listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return told._replace(message=f"{first.message} (in {len(names)} of {total} renders: {listed})")
