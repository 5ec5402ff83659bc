"""A rolling update can never finish: it needs room that no node has, and may stop no old pod to make some.

What it does
------------
Given `cluster:` in the configuration, adds up the pods that the nodes must run, the release's and all others, and
compares with what the nodes take: `max-pods`, or what the provider gives an instance type; the same for every resource
under `allocatable`. Reports a Deployment whose `maxUnavailable` comes to 0, or a DaemonSet with `maxSurge`, when
everything is taken before its first new pod starts. Only what is certain is reported: workloads count where they must
run, those under an autoscaler at their fewest replicas, and pods that come and go (Jobs, Helm hooks) not at all. When
others of the release may make room in passing, that is `ROL003`.

Why is this bad
---------------
The new pod stays Pending, so it never becomes ready, so no old pod is stopped. Nothing rolls this back:
`helm upgrade --wait` runs into its time limit and the old version goes on serving.

Other tools advise the opposite: kube-linter (`no-rolling-update-strategy`) and kube-score (`deployment-strategy`) flag
`Recreate`, and kube-linter, kube-score and polaris flag a single replica. None of them knows the nodes. They are right
where there is room: a rolling update with a surge keeps everything serving, and with two replicas a surge of 0 still
leaves one. They are wrong where there is none, which is what this rule proves: more replicas need more slots, a surge
needs one first, and only a pod that stops makes room. Then a surge of 0 (or `Recreate`) is what works, at the price of
the pods that are missing meanwhile; one replica is gone for that time. Silence those checks there with this sum as the
reason, or pay for one free slot and follow them.

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

from policylint.api import Document, Problem, Release, Rule, RuleContext

RULE = Rule(id="ROL001", name="rollout-deadlock", severity="error", judges=Release)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import shortages, starts, strategy_problem

    for short in shortages(release, context.config.cluster, "deadlock"):
        if short.on_nodes:
            yield strategy_problem(short, starts(short))
