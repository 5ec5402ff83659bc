"""A reading of a live cluster as the configuration's `cluster:`: nodes as pools, other pods, and what limits them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.capacity.observed_pods import observed_pods
from policylint.capacity.requests import whole
from policylint.config import PRESENT_KINDS, Cluster, NodePool
from policylint.errors import UsageError
from policylint.model import YamlPath
from policylint.sources.cluster import Objects, Reading
from policylint.views.shape import Shape

_HERE = YamlPath()
_INSTANCE_TYPE = "node.kubernetes.io/instance-type"
_ZONE = "topology.kubernetes.io/zone"
# labels by which platforms name their groups of nodes
_GROUPS = (
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "karpenter.sh/nodepool",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "agentpool",
)
_ITSELF = frozenset({"kubernetes.io/hostname", "alpha.eksctl.io/instance-id"})
# what the node controller puts on nodes for a while (pkg/apis/core/v1/well_known_taints.go in Kubernetes); pods that
# are to go there are kept off by `unschedulable`
_PASSING = frozenset(
    f"node.kubernetes.io/{name}" for name in ("unschedulable", "not-ready", "unreachable", "out-of-service")
)
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_GROUP_OF = {
    "resourcequotas": ("v1", "ResourceQuota"),
    "limitranges": ("v1", "LimitRange"),
    "poddisruptionbudgets": ("policy/v1", "PodDisruptionBudget"),
    "horizontalpodautoscalers": ("autoscaling/v1", "HorizontalPodAutoscaler"),
}


class Observed(NamedTuple):
    """The cluster, and what a reader of it should know: what was left out, and what could not be read."""

    cluster: Cluster
    notes: tuple[str, ...]


class _Sort(NamedTuple):
    """What nodes of one pool have in common."""

    unschedulable: bool
    group: str
    instance_type: str
    max_pods: int
    labels: tuple[tuple[str, str], ...]
    taints: tuple[tuple[tuple[str, str], ...], ...]
    allocatable: tuple[tuple[str, str], ...]


def observe(reading: Reading) -> Observed:
    """What `reading` comes to, in an order that does not depend on the order of the reading.

    Nodes are one pool when labels, taints, allocatable resources and readiness are the same; labels that name the node
    itself are left out. `count` is how many there are now. Raises UsageError when there are no nodes.
    """
    notes = [f"not known: {reason}" for reason in reading.denied.values()]
    sorts: dict[_Sort, list[str]] = {}
    for node in sorted(reading.objects.get("nodes", ()), key=_name):
        sort = _sort(node)
        if sort is None:
            notes.append(f"node {_name(node)} does not say how many pods it takes, and is left out")
        else:
            sorts.setdefault(sort, []).append(_name(node))
    if not sorts:
        raise UsageError(f"the cluster of context {reading.context!r} has no nodes that say how many pods they take")
    pools: list[NodePool] = []
    pool_of: dict[str, str] = {}
    names = _pool_names(sorted(sorts))
    for sort in sorted(sorts, key=lambda sort: names[sort]):
        pools.append(_pool(names[sort], len(sorts[sort]), sort))
        pool_of |= dict.fromkeys(sorts[sort], names[sort])
        if sort.unschedulable:
            notes.append(f"cordoned or not ready, so that they take no new pods: {', '.join(sorts[sort])}")
    pods = observed_pods(reading.objects.get("pods", ()), reading.objects.get("replicasets"), pools, pool_of)
    unknown = ("other workloads",) if "pods" in reading.denied else ()
    cluster = Cluster(tuple(pools), pods.others, tuple(_present(reading.objects)), unknown)
    return Observed(cluster, (*notes, *pods.notes))


def _name(item: Mapping[str, Any]) -> str:
    return str(Shape().mapping(item.get("metadata"), _HERE).get("name"))


def _sort(node: Mapping[str, Any]) -> _Sort | None:
    shape = Shape()
    spec, status = shape.mapping(node.get("spec"), _HERE), shape.mapping(node.get("status"), _HERE)
    given = shape.mapping(shape.mapping(node.get("metadata"), _HERE).get("labels"), _HERE)
    allocatable = shape.mapping(status.get("allocatable"), _HERE)
    max_pods = whole("pods", allocatable.get("pods"))
    if not max_pods or max_pods < 0:
        return None
    identities = {_name(node), str(spec.get("providerID")).rpartition("/")[2]}
    labels = {str(key): str(value) for key, value in given.items()}
    labels = {key: value for key, value in labels.items() if key not in _ITSELF and value not in identities}
    ready = any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for _, condition in shape.mappings(status.get("conditions"), _HERE)
    )
    amounts = {
        str(key): str(value)
        for key, value in allocatable.items()
        if key != "pods" and (amount := whole(str(key), value)) is not None and amount >= 0
    }
    return _Sort(
        spec.get("unschedulable") is True or not ready,
        next((labels[key] for key in _GROUPS if labels.get(key)), ""),
        labels.get(_INSTANCE_TYPE, ""),
        max_pods,
        tuple(sorted(labels.items())),
        tuple(sorted(_taints(shape, spec))),
        tuple(sorted(amounts.items())),
    )


def _taints(shape: Shape, spec: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], ...]]:
    for _, taint in shape.mappings(spec.get("taints"), _HERE):
        if taint.get("key") and taint["key"] not in _PASSING and taint.get("effect") in _EFFECTS:
            yield tuple((key, str(taint[key])) for key in ("key", "value", "effect") if taint.get(key) is not None)


def _pool_names(sorts: Sequence[_Sort]) -> dict[_Sort, str]:
    """A name for each pool: the platform's own, else the instance type, made different by zone and number."""
    names: dict[_Sort, str] = {}
    plain = [_NO_NAME.sub("-", sort.group or sort.instance_type).strip("-") or "nodes" for sort in sorts]
    for sort, name in zip(sorts, plain, strict=True):
        zone = _NO_NAME.sub("-", dict(sort.labels).get(_ZONE, ""))
        wanted = f"{name}-{zone}" if plain.count(name) > 1 and zone else name
        wanted += "-unschedulable" if sort.unschedulable else ""
        free = (f"{wanted}-{number}" if number > 1 else wanted for number in range(1, len(sorts) + 2))
        names[sort] = next(candidate for candidate in free if candidate not in names.values())
    return names


def _pool(name: str, count: int, sort: _Sort) -> NodePool:
    return NodePool(
        name,
        count,
        sort.instance_type,
        sort.max_pods,
        labels=dict(sort.labels),
        taints=tuple(dict(taint) for taint in sort.taints),
        allocatable=dict(sort.allocatable),
        unschedulable=sort.unschedulable,
    )


def _present(objects: Mapping[str, Objects]) -> Iterator[dict[str, Any]]:
    found = []
    for resource, (version, kind) in _GROUP_OF.items():
        for item in objects.get(resource, ()):
            shape = Shape()
            metadata = shape.mapping(item.get("metadata"), _HERE)
            where = {key: str(metadata[key]) for key in ("namespace", "name") if metadata.get(key)}
            body = {key: _plain(shape.mapping(item.get(key), _HERE)) for key in ("spec", "status")}
            if "name" in where:
                kept = {key: value for key, value in body.items() if value}
                found.append({"apiVersion": version, "kind": kind, "metadata": where, **kept})
    yield from sorted(found, key=_order)


def _order(item: Mapping[str, Any]) -> tuple[int, str, str]:
    return PRESENT_KINDS.index(item["kind"]), item["metadata"].get("namespace", ""), item["metadata"]["name"]


def _plain(value: Any) -> Any:
    """`value` without what is null and with sorted keys."""
    if isinstance(value, dict):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str) if value[key] is not None and key}
    return [_plain(item) for item in value if item is not None] if isinstance(value, list) else value
