"""Settings of a rollout, an autoscaler or a budget that the API server refuses together.

What it does
------------
Reports: `maxSurge` and `maxUnavailable` both 0 (0% too), or both set in a DaemonSet, where `maxUnavailable` is 1 unless
it is written; an unknown strategy type; `rollingUpdate` beside another type; a progress deadline that is not longer
than `minReadySeconds`; an autoscaler whose maximum is below its minimum; a budget with both of its limits. Values that
are wrong by themselves (`"1"`, 150%) are `PRJ006`.

Why is this bad
---------------
Schemas know each field, and not what they mean together, so that nothing complains before the apply. It then stops in
the middle of a release.

Example
-------
    updateStrategy:
      rollingUpdate:
        maxSurge: 1  # maxUnavailable is 1 by default

Use instead
-----------
    updateStrategy:
      rollingUpdate:
        maxSurge: 1
        maxUnavailable: 0

References
----------
- https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Rule, RuleContext

RULE = Rule(
    id="ROL015",
    name="refused-rollout-settings",
    severity="error",
    kinds=(
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "autoscaling/HorizontalPodAutoscaler",
        "policy/PodDisruptionBudget",
    ),
)


def check(document: Document, context: RuleContext) -> Iterator[Problem]:
    from policylint.capacity.refusals import refusals

    for found in refusals(document):
        yield Problem(found.path, f"the API server refuses it: {found.message}", found.help)
