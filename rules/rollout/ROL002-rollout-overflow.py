"""The pods of a release do not fit on the nodes, with or without a rollout.

What it does
------------
Given `cluster:` in the configuration, adds up the pods that must run in a pool, or in several together, and what they
request of each resource under `allocatable`, and compares with what the nodes have. Every workload counts at its
fewest replicas, and in a pool only when it can run nowhere else (a flow bound over selectors, required affinity and
taints), so that what is reported does not fit in any arrangement. Also reported: more replicas than nodes where
required anti-affinity or a host port allows one pod on each. It points at the workload with the most pods of those
that compete.

Why is this bad
---------------
Some pod stays Pending for good. No update strategy helps, and `helm upgrade --wait` runs into its time limit.

kube-linter (`minimum-three-replicas`), kube-score and polaris ask for two or three replicas, and for anti-affinity
between them. That is sound advice about availability, and each of those pods needs a slot, with required anti-affinity
a node of its own. Where the nodes do not have them, the advice makes an object that can never be complete: add the
nodes first, or keep fewer replicas and silence the check with this sum as the reason.

Example
-------
    spec:
      replicas: 4  # two nodes with three free slots in all

Use instead
-----------
    spec:
      replicas: 3  # or another node

References
----------
- https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
- https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext, YamlPath

RULE = Rule(id="ROL002", name="rollout-overflow", severity="error", judges=Release)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import Short, shortages, strategy_problem

    most: dict[tuple[str, str], Short] = {}
    for short in shortages(release, context.config.cluster, "overflow"):
        if not short.on_nodes and short.shortage.dimension != "nodes":
            continue
        pools = short.shortage.text.partition(";")[0]
        key = (short.shortage.dimension, pools if short.on_nodes else str(short.rollout.resource))
        if key not in most or most[key].rollout.least < short.rollout.least:
            most[key] = short
    for short in most.values():
        path = YamlPath.of("spec", "replicas") if short.rollout.kind != "DaemonSet" else YamlPath.of("spec")
        needed, has = short.shortage.needed, short.shortage.capacity
        what = f"the release does not fit, even without a rollout: {needed} of {has} {short.shortage.unit}"
        yield strategy_problem(short, what, path)
