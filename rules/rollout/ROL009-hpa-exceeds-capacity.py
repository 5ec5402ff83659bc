"""An autoscaler may ask for more pods than the nodes take, or for a number at which a rollout hangs.

What it does
------------
Given `cluster:` in the configuration, judges an autoscaled workload (HorizontalPodAutoscaler, KEDA ScaledObject) at
every number of replicas in its range, with all other workloads at their fewest. Reports from which number on the pods
do not fit, and at which number a rolling update cannot finish, for ranges that begin well.

Why is this bad
---------------
Above that number, pods stay Pending when load is highest, and a rollout that begins then does not finish. The range
promises what the cluster cannot keep.

Example
-------
    spec:
      minReplicas: 1
      maxReplicas: 3  # the node has one free slot

Use instead
-----------
    spec:
      minReplicas: 1
      maxReplicas: 1  # or larger nodes

References
----------
- https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext

RULE = Rule(id="ROL009", name="hpa-exceeds-capacity", severity="warning", judges=Release)
_HELP = "lower the maximum, or let the nodes take more pods"


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    kinds = {document.kind for document in release.documents}
    if context.config.cluster is None or not kinds & {"HorizontalPodAutoscaler", "ScaledObject"}:
        return
    from policylint.capacity.findings import assessed, scaled

    assessment = assessed(release, context.config.cluster)
    for case in scaled(release, assessment) if assessment is not None else ():
        facts = []
        if case.overflow is not None:
            counts = str(case.overflow) if case.overflow == case.most else f"{case.overflow} to {case.most}"
            facts.append(f"its pods do not fit at {counts} replicas")
        if case.stuck is not None:
            facts.append(f"a rolling update cannot finish at {case.stuck}")
        if facts:
            begins = f"the autoscaler of {case.target} keeps {case.least} to {case.most} pods"
            yield case.scaler.document, Problem(case.scaler.most_path, f"{begins}: {', and '.join(facts)}", _HELP)
