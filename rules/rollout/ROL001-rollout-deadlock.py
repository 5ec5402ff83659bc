"""A rolling update can never finish: it needs a pod slot that no node has, and may stop no old pod to free one.

What it does
------------
Given `cluster:` in the configuration, adds up the pods that the nodes must run, the release's and all others, and
compares with what the nodes take: `max-pods`, or what EKS gives an instance type. Reports a Deployment whose
`maxUnavailable` comes to 0 when every slot is taken before its first surge pod starts. Only what is certain is
reported: workloads count where they must run, Deployments under an autoscaler at their fewest replicas, and pods that
come and go (Jobs, Helm hooks) not at all. When others of the release may free a slot in passing, it stays silent.

Why is this bad
---------------
The surge pod stays Pending, so it never becomes ready, so no old pod is stopped. Nothing rolls this back:
`helm upgrade --wait` runs into its time limit and the old version goes on serving.

Example
-------
    spec:
      replicas: 1  # 25% surge is rounded up to 1, 25% unavailable down to 0; the only node is full

Use instead
-----------
    spec:
      replicas: 1
      strategy:
        rollingUpdate:
          maxSurge: 0
          maxUnavailable: 1

References
----------
- https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
- https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
"""

from collections.abc import Iterator

from policylint.api import Document, Fix, Problem, Release, Rule, RuleContext, SetValue

RULE = Rule(id="ROL001", name="rollout-deadlock", severity="error", judges=Release)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.deadlock import find_deadlocks
    from policylint.capacity.explain import advise, explain

    for deadlock in find_deadlocks(release, context.config.cluster):
        workload = deadlock.demand.workload
        rolling = workload.strategy.path / "rollingUpdate"
        steps = (SetValue(rolling / "maxSurge", 0), SetValue(rolling / "maxUnavailable", 1))
        fix = None if deadlock.missing else Fix("Replace pods in place, without surge", steps)
        yield (
            workload.document,
            Problem(workload.strategy.path, explain(deadlock), advise(deadlock), fix=fix, at="key"),
        )
