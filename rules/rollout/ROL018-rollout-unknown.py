"""Whether a workload can be rolled out cannot be known from what is declared.

What it does
------------
Given `cluster:` in the configuration, reports workloads that were not judged, or not in some respect, and what is
missing: node labels that no pool declares, `allocatable` of some pools, the requests of other pods, claims that are not
part of the release, replicas or requests that the API server refuses (a LimitRange's bounds included), owner references
that form a circle, which of two limits holds for a node (`max-pods-policy`).

Why is this bad
---------------
It is a gap in what was checked, not a defect. A release with such gaps may hang although nothing else was reported.

Example
-------
    spec:
      nodeSelector: {example.com/rack: r1}  # no pool declares this label

Use instead
-----------
    cluster:
      node-pools:
      - {name: racked, count: 2, max-pods: 110, labels: {example.com/rack: r1}}

References
----------
- https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext, YamlPath

RULE = Rule(id="ROL018", name="rollout-unknown", severity="info", judges=Release, default=False, profiles=("rollout",))


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import shortages

    for short in shortages(release, context.config.cluster, "unknown"):
        dimension, reason = short.shortage.dimension, short.shortage.text
        message = f"whether it can be rolled out is not known, as far as {dimension} are concerned: {reason}"
        if dimension != "pods":
            message = message.replace(" are concerned", " goes")
        yield short.rollout.document, Problem(YamlPath.of("spec"), message, at="key")
