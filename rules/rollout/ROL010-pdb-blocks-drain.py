"""A PodDisruptionBudget never lets a pod be evicted, so that no node with such a pod can be drained.

What it does
------------
Reports budgets whose `maxUnavailable` is 0, whose `minAvailable` is 100%, or whose `minAvailable` is at least the
number of pods that it selects in the release (an autoscaled workload counts at its most). Percentages round up, for
both fields. Budgets that are known to be in the cluster are reported at the workloads of the release that they select.

Why is this bad
---------------
Evictions are refused even when every pod is healthy. `kubectl drain`, node upgrades and the cluster autoscaler wait for
ever, until somebody deletes the pod or the budget by hand. Rollouts are not affected: controllers delete pods and ask
no budget. So a budget on one replica does not keep it available; it only keeps its node.

Example
-------
    spec:
      minAvailable: 50%  # of one replica: rounded up to 1

Use instead
-----------
    spec:
      maxUnavailable: 1

References
----------
- https://kubernetes.io/docs/tasks/run-application/configure-pdb/
- https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/disruption/disruption.go
"""

from collections.abc import Iterator

from policylint.api import Document, Fix, Problem, Release, Rule, RuleContext, SetValue, YamlPath

RULE = Rule(id="ROL010", name="pdb-blocks-drain", severity="warning", judges=Release)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    cluster = context.config.cluster
    listed = cluster if cluster is not None and cluster.present else None
    if listed is None and not any(document.kind == "PodDisruptionBudget" for document in release.documents):
        return
    from policylint.capacity.disruption import blocked_drains, blocked_workloads

    if listed is not None:
        for workload, found in blocked_workloads(release.documents, listed):
            budget = f"{found.document.namespace}/{found.document.name}"
            message = f"the cluster's budget {budget} lets no pod be evicted, so that a drain never ends: {found.text}"
            yield workload, Problem(YamlPath.of("spec"), message, "let the budget allow one to be missing", at="key")
    for found in blocked_drains(release.documents):
        message = f"no pod can be evicted, so that a drain of its node never ends: {found.text}"
        at_most = found.path[-1] == "maxUnavailable"
        advice = "set maxUnavailable: 1" if at_most else "write maxUnavailable: 1 in its place"
        more = f", or run {found.pods + 1} replicas" if found.pods else ""
        fix = Fix("Let one pod be evicted at a time", (SetValue(found.path, 1),)) if at_most else None
        yield found.document, Problem(found.path, message, advice + more, fix=fix)
