"""Fixes of rollouts in charts, with the values keys that make them."""

from policylint.capacity.assessment import RankedFix
from policylint.document.document import Document
from policylint.lint.rollout_report import ReleaseRollout
from policylint.sources.values_keys import how_to_change


def with_values_keys(release: ReleaseRollout) -> ReleaseRollout:
    """The release with how to carry out each of its fixes in its chart; that takes further renders of the chart."""
    assessment = release.assessment
    workloads = tuple(
        rollout._replace(fixes=tuple(_in_chart(rollout.document, fix) for fix in rollout.fixes))
        for rollout in assessment.workloads
    )
    return release._replace(assessment=assessment._replace(workloads=workloads))


def _in_chart(document: Document, fix: RankedFix) -> RankedFix:
    advice = how_to_change(document, fix.changes)
    return fix if advice is None else fix._replace(in_chart=advice.text)
