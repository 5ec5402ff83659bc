"""A rolling update finishes if pods are placed well, and may hang if they are not.

What it does
------------
Given `cluster:` in the configuration, reports workloads for which there is room, but not in every arrangement: room
that others may take (autoscaled ones at their most, workloads that may run in several pools), nodes with too little
left on each, topology spread, affinity to other pods, or priority classes that may evict. Room that nobody has in any
arrangement is `ROL001`; where the order of events decides, `ROL003`.

Why is this bad
---------------
It is a likelihood, not a defect: the sum has no slack, and one unlucky placement stops a rollout.

Example
-------
    # two nodes with one free slot between them, and three workloads that may use either
    spec:
      strategy:
        rollingUpdate: {maxSurge: 1, maxUnavailable: 0}

Use instead
-----------
    # one free slot more than the rollout needs, or
    spec:
      strategy:
        rollingUpdate: {maxSurge: 0, maxUnavailable: 1}

References
----------
- https://kubernetes.io/docs/concepts/scheduling-eviction/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext

RULE = Rule(
    id="ROL017", name="rollout-undecided", severity="info", judges=Release, default=False, profiles=("rollout",)
)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import shortages, strategy_problem

    for short in shortages(release, context.config.cluster, "likely"):
        if short.shortage.dimension != "volume":
            yield strategy_problem(short, "the rolling update finishes only if pods are placed well")
