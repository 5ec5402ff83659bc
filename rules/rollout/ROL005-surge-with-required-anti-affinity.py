"""A rolling update needs one node more than there are, because its pods keep each other off their nodes.

What it does
------------
Given `cluster:` in the configuration, reports workloads whose required pod anti-affinity selects their own pods, with
as many replicas as there are nodes (or declared zones) for them, and a `maxUnavailable` that comes to 0. Terms with
`matchLabelKeys: [pod-template-hash]` are left alone: old and new pods ignore each other under them.

Why is this bad
---------------
Old and new pods carry the same labels, so that the new pod may not join any node with an old one. It stays Pending, no
old pod stops, and the rollout hangs.

Advice to add anti-affinity for availability is sound, but the required kind costs a spare node for every rollout. The
preferred kind spreads pods just as well and never blocks.

Example
-------
    spec:
      replicas: 3  # three nodes, required anti-affinity on kubernetes.io/hostname, 25% surge

Use instead
-----------
    spec:
      replicas: 3
      strategy:
        rollingUpdate: {maxSurge: 0, maxUnavailable: 1}

References
----------
- https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext

RULE = Rule(id="ROL005", name="surge-with-required-anti-affinity", severity="error", judges=Release)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import excludes, shortages, starts, strategy_problem

    for short in shortages(release, context.config.cluster, "deadlock"):
        if excludes(short) == "affinity":
            yield strategy_problem(short, starts(short))
