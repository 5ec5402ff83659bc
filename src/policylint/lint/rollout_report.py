"""What `policylint rollout` finds out, as values to show and to gate on."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from policylint.capacity.assessment import WORST_FIRST, Assessment, Share, Verdict, WorkloadRollout
from policylint.model import SEVERITIES, NotJudged, Severity
from policylint.sources.unit import LoadFailure

SEVERITY: Mapping[Verdict, Severity | None] = {
    "overflow": "error",
    "deadlock": "error",
    "race": "warning",
    "likely": "info",
    "unknown": "info",
    "completes": None,
}
"""How bad each verdict is; the rules that report them say the same: ROL002, ROL001, ROL003, ROL017 and ROL018."""

_OUT_OF_RANGE: Severity = "warning"  # ROL009: an autoscaler may choose a number of replicas that does not work


class Change(NamedTuple):
    """How a workload differs from before.

    `changed`: the pod template, in `differences`, so that its pods are replaced; `scaled`: only the number of pods, of
    which there were `replicas`; `new`: it was not there; `same`: its pods stay.
    """

    sort: Literal["new", "changed", "scaled", "same"]
    replicas: int | None = None
    differences: tuple[str, ...] = ()


class ReleaseRollout(NamedTuple):
    """A release on the configured cluster.

    `changes` has one entry for each workload of the assessment, or none where nothing was compared. `removed` are
    workloads that were there before and are no longer.
    """

    assessment: Assessment
    changes: tuple[Change, ...] = ()
    removed: tuple[Share, ...] = ()
    notes: tuple[str, ...] = ()

    def workloads(self) -> Iterator[tuple[WorkloadRollout, Change | None]]:
        """Every workload with its change, None where nothing was compared."""
        changes = self.changes or (None,) * len(self.assessment.workloads)
        return zip(self.assessment.workloads, changes, strict=True)

    @property
    def severity(self) -> Severity | None:
        """How bad the worst verdict is, those at other numbers of replicas included; None when all is well."""
        assessment = self.assessment
        found = {SEVERITY[assessment.verdict]}
        for rollout in assessment.workloads:
            found |= {SEVERITY[rollout.verdict], _OUT_OF_RANGE if _is_out_of_range(rollout) else None}
        return next((severity for severity in SEVERITIES if severity in found), None)


class Rollouts(NamedTuple):
    """Everything that one run has to say. `before` names what was compared with; it is empty without."""

    releases: tuple[ReleaseRollout, ...]
    failures: tuple[LoadFailure, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    notes: tuple[str, ...] = ()
    before: str = ""

    def verdicts(self) -> dict[Verdict, int]:
        """How many workloads came to each verdict, the worst first."""
        counts = Counter(rollout.verdict for each in self.releases for rollout in each.assessment.workloads)
        return {verdict: counts[verdict] for verdict in WORST_FIRST}

    def fails(self, fail_on: Severity) -> bool:
        """Whether something could not be loaded, or a verdict is at least as bad as `fail_on`."""
        bar = SEVERITIES.index(fail_on)
        severities = (release.severity for release in self.releases)
        return bool(self.failures) or any(found and SEVERITIES.index(found) <= bar for found in severities)


def _is_out_of_range(rollout: WorkloadRollout) -> bool:
    return any(entry.verdict in ("overflow", "deadlock") for entry in rollout.at)
