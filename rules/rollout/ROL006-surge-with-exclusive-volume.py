"""A rolling update starts a second pod on a volume that only one pod may use.

What it does
------------
Reports workloads whose pods share a PersistentVolumeClaim of the release with the single access mode
ReadWriteOncePod, when `maxUnavailable` comes to 0, or when they have more than one replica. No cluster needs to be
declared. ReadWriteOnce is a matter of which node the new pod gets: `ROL016`.

Why is this bad
---------------
The scheduler keeps a second pod of a ReadWriteOncePod claim Pending until the first is gone. The first is stopped only
when the second is available: the rollout hangs. A second replica never starts at all.

Other tools flag `Recreate` because it costs availability. On an exclusive volume it is what works: two pods cannot
overlap in any case.

Example
-------
    spec:
      replicas: 1  # 25% surge is rounded up to 1

Use instead
-----------
    spec:
      replicas: 1
      strategy:
        type: Recreate

References
----------
- https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
- https://github.com/kubernetes/enhancements/tree/master/keps/sig-storage/2485-read-write-once-pod-pv-access-mode
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Release, Rule, RuleContext, YamlPath

RULE = Rule(id="ROL006", name="surge-with-exclusive-volume", severity="error", judges=Release)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    if not any(document.kind == "PersistentVolumeClaim" for document in release.documents):
        return
    from policylint.capacity.findings import shortages, strategy_problem

    cluster = context.config.cluster
    for short in shortages(release, cluster, "deadlock", "overflow", needs="PersistentVolumeClaim"):
        if short.shortage.dimension != "volume":
            continue
        if short.shortage.verdict == "deadlock":
            what = "the rolling update cannot finish: its new pod waits for a volume that the old one keeps"
            yield strategy_problem(short, what)
        else:
            what = "only one of its pods ever starts, as they share a volume for one pod"
            yield strategy_problem(short, what, YamlPath.of("spec", "replicas"))
