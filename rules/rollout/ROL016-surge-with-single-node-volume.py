"""A rolling update may start a pod on another node than the one that holds its volume.

What it does
------------
Given `cluster:` with more than one node for the workload, reports Deployments whose pods share a PersistentVolumeClaim
of the release that is ReadWriteOnce, when a new pod starts before an old one stops or there are several replicas.

Why is this bad
---------------
The scheduler may choose any node. On another one the volume cannot be attached while the first node uses it: the pod
stays in ContainerCreating (Multi-Attach error), and the old pod is not stopped. On the same node, all goes well: the
rollout is a matter of luck. Some volumes, such as NFS, do not enforce the mode; for those it always goes well.

Other tools flag `Recreate`; with one replica on such a volume it is what works.

Example
-------
    spec:
      replicas: 1  # 25% surge, ReadWriteOnce, two nodes

Use instead
-----------
    spec:
      replicas: 1
      strategy:
        type: Recreate

References
----------
- https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext

RULE = Rule(
    id="ROL016",
    name="surge-with-single-node-volume",
    severity="warning",
    judges=Release,
    default=False,
    profiles=("rollout",),
)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if context.config.cluster is None:
        return
    from policylint.capacity.findings import shortages, strategy_problem

    for short in shortages(release, context.config.cluster, "race", "likely"):
        if short.shortage.dimension == "volume":
            yield strategy_problem(short, "whether the rolling update finishes depends on the node of the new pod")
