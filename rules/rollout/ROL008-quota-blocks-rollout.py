"""A ResourceQuota leaves no room for the pod that a rolling update starts first, or not even for the release.

What it does
------------
For ResourceQuotas in the release or known to be in the cluster, adds up what its pods take of `pods`, `count/pods`,
requests and limits (with LimitRange defaults), and how many objects of each counted kind it has. Reports a workload
whose `maxUnavailable` comes to 0 when one pod more exceeds the quota, and a release that exceeds it as it is. Scopes
are observed. What other releases use of the same namespace is counted where the cluster's own quota says it; else it
is not known. No cluster needs to be declared.

Why is this bad
---------------
The API server refuses the new pod (`exceeded quota`), the ReplicaSet reports `ReplicaFailure`, no old pod stops, and
the rollout hangs just as on a full node.

Example
-------
    hard:
      pods: "3"  # and a Deployment of three with 25% surge

Use instead
-----------
    hard:
      pods: "4"

References
----------
- https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext, YamlPath

RULE = Rule(id="ROL008", name="quota-blocks-rollout", severity="error", judges=Release)
_RAISE = "raise the quota, or have fewer of them"


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    cluster = context.config.cluster
    if not any(document.kind == "ResourceQuota" for document in release.documents) and not (
        cluster and cluster.present
    ):
        return
    from policylint.capacity.findings import QUOTA, assessed, shortages, strategy_problem

    for short in shortages(release, cluster, "deadlock", "overflow", needs="ResourceQuota"):
        if not short.shortage.dimension.startswith(QUOTA):
            continue
        if short.shortage.verdict == "deadlock":
            what = "the rolling update cannot finish: the quota refuses its new pod before an old one may stop"
            yield strategy_problem(short, what)
        else:
            what = "the quota refuses some of the release's pods, even without a rollout"
            yield strategy_problem(short, what, YamlPath.of("spec", "replicas"))
    assessment = assessed(release, cluster, needs="ResourceQuota")
    for need in assessment.quotas if assessment is not None else ():
        message = f"the release has more objects than its quota allows ({need.shortage.text})"
        if need.document in release.documents:
            yield need.document, Problem(need.path, message, _RAISE)
        else:
            yield release.documents[0], Problem(YamlPath.of("metadata"), message, _RAISE, at="key")
