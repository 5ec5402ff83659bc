"""What the workloads of a release ask of the nodes: how many pods, and how they give way during a rollout."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from policylint.capacity.fenceposts import Fenceposts, resolve_fenceposts
from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.release import Release
from policylint.views.shape import Shape
from policylint.views.workload import Workload

_HOOK = "helm.sh/hook"
_SCALER_DEFAULTS: Mapping[tuple[str, str], tuple[str, str, int]] = {
    ("autoscaling", "HorizontalPodAutoscaler"): ("minReplicas", "maxReplicas", 1),
    ("keda.sh", "ScaledObject"): ("minReplicaCount", "maxReplicaCount", 0),
}
_HOLDS_ITS_PODS = frozenset({"Pod", "ReplicaSet", "ReplicationController"})


class Replicas(NamedTuple):
    """How many pods a workload keeps: at least and at most. They differ under an autoscaler."""

    least: int
    most: int


class Demand(NamedTuple):
    """One workload's part in a release.

    `replicas` counts pods in the cluster, or for a DaemonSet on each node. `rolls` says that it is a Deployment whose
    rolling update is under way in this release; `holds` that none of its pods ends before a new one is available, so
    that it frees no slot for others. `fenceposts` are those of a rolling update, at the fewest replicas.
    """

    workload: Workload
    replicas: Replicas
    rolls: bool = False
    holds: bool = False
    fenceposts: Fenceposts = Fenceposts(0, 0)

    @property
    def waits(self) -> bool:
        """Whether no old pod may stop before a new one is available."""
        return self.rolls and self.fenceposts.unavailable == 0

    @property
    def per_node(self) -> bool:
        return self.workload.kind == "DaemonSet"

    def __str__(self) -> str:
        return str(self.workload.document.resource)


class ReleaseDemand(NamedTuple):
    """What a release asks for, and the workloads whose pods come and go and are therefore not counted."""

    demands: tuple[Demand, ...]
    uncounted: tuple[str, ...]


def demand_of(release: Release) -> ReleaseDemand:
    """What the objects of `release` ask for. Helm hooks are not part of what stays, and left out."""
    documents = [document for document in release.documents if _HOOK not in document.annotations]
    ranges = dict(_scaled(documents))
    demands, uncounted = [], []
    for workload in (workload for document in documents for workload in Workload.of(document)):
        demand = _demand(workload, ranges)
        if demand is not None:
            demands.append(demand)
        elif workload.kind != "PodTemplate":
            uncounted.append(str(workload.document.resource))
    return ReleaseDemand(tuple(demands), tuple(uncounted))


def _demand(workload: Workload, ranges: Mapping[tuple[str, str, str], Replicas]) -> Demand | None:
    """None when the number of pods cannot be known from the object."""
    kind, strategy = workload.kind, workload.strategy
    if kind == "DaemonSet":
        return Demand(workload, Replicas(1, 1), holds=strategy.type == "OnDelete")
    if kind == "Pod" and workload.pod.get("restartPolicy", "Always") != "Always":
        return None
    if kind not in _HOLDS_ITS_PODS and kind not in ("Deployment", "StatefulSet"):
        return None
    count = workload.replicas
    if count is None:
        return None
    # an autoscaler leaves an object alone that asks for no pods
    replicas = ranges.get(_key(workload.document), Replicas(count, count)) if count else Replicas(0, 0)
    if kind == "Deployment":
        return _deployment(workload, replicas)
    return Demand(workload, replicas, holds=kind in _HOLDS_ITS_PODS or strategy.type == "OnDelete")


def _deployment(workload: Workload, replicas: Replicas) -> Demand:
    strategy = workload.strategy
    if workload.paused:
        return Demand(workload, replicas, holds=True)
    if strategy.max_surge is None or strategy.max_unavailable is None:
        return Demand(workload, replicas)
    least = resolve_fenceposts(strategy.max_surge, strategy.max_unavailable, replicas.least)
    most = resolve_fenceposts(strategy.max_surge, strategy.max_unavailable, replicas.most)
    holds = least.unavailable == 0 and most.unavailable == 0
    return Demand(workload, replicas, replicas.least > 0, holds, least)


def _scaled(documents: Sequence[Document]) -> Iterator[tuple[tuple[str, str, str], Replicas]]:
    """The replicas that the release's autoscalers keep, by what they scale."""
    for document in documents:
        fields = _SCALER_DEFAULTS.get((document.group, document.kind))
        if fields is None:
            continue
        least_key, most_key, least = fields
        shape, path = Shape(), YamlPath.of("spec")
        spec = shape.mapping(document.mapping.get("spec"), path)
        target = shape.mapping(spec.get("scaleTargetRef"), path / "scaleTargetRef")
        given = shape.integer(spec.get(least_key), path / least_key)
        least = least if given is None else max(0, given)
        most = shape.integer(spec.get(most_key), path / most_key)
        key = (str(target.get("kind") or "Deployment"), document.namespace or "default", str(target.get("name")))
        yield key, Replicas(least, max(least, most or 0))


def _key(document: Document) -> tuple[str, str, str]:
    return document.kind, document.namespace or "default", document.name
