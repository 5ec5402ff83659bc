"""A rolling update needs room for one pod more before it starts, and nothing says that there is any.

What it does
------------
Reports Deployments whose `maxUnavailable` comes to 0 (rounded down: 25% of up to 3 replicas is 0), when no `cluster:`
is declared that would tell whether the nodes have room. Off unless asked for: most clusters have room.

Why is this bad
---------------
On full nodes, under a tight quota, or with required anti-affinity, such a rollout hangs. With the default strategy that
is every Deployment of one, two or three replicas.

It is no defect by itself, and the advice to keep every pod serving (kube-linter and kube-score want `RollingUpdate`,
and some teams a `maxUnavailable` of 0) is right wherever a slot is free. It is wrong only where none is: there one pod
has to stop first. Which of the two holds is a sum about the cluster, which `ROL001` does once it is declared.

Example
-------
    spec:
      replicas: 3  # 25% of 3 is rounded down to 0

Use instead
-----------
    # declare the cluster in the configuration, and have the sum done:
    cluster:
      node-pools:
      - {name: default, count: 1, instance-type: t3.small}

References
----------
- https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.workload import Workload

RULE = Rule(
    id="ROL011",
    name="zero-unavailable-needs-headroom",
    severity="info",
    judges=Workload,
    kinds=("Deployment",),
    default=False,
    profiles=("rollout",),
)
_HELP = "declare `cluster:` in the configuration to have the sum done, or allow one pod to be missing"


def check(workload: Workload, context: RuleContext) -> Iterator[Problem]:
    strategy, replicas = workload.strategy, workload.replicas
    if context.config.cluster is not None or workload.paused or not replicas:
        return
    if strategy.max_surge is None or strategy.max_unavailable is None:
        return
    from policylint.capacity.fenceposts import resolve_fenceposts
    from policylint.capacity.words import rounded

    surge, unavailable = resolve_fenceposts(strategy.max_surge, strategy.max_unavailable, replicas)
    if not unavailable:
        down = f"maxUnavailable {rounded(strategy.max_unavailable, replicas, unavailable)}"
        up = f"maxSurge {rounded(strategy.max_surge, replicas, surge)}"
        message = f"a rollout needs room for {replicas} + 1 pods before an old one may stop ({up}, {down})"
        yield Problem(strategy.path, message, _HELP, at="key")
