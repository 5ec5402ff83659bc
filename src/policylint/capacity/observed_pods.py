"""The pods of a live cluster as the configuration's `other-pods`: by owner, by pool, and by what they request."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policylint.capacity.owners import Owner, Owners
from policylint.capacity.requests import needs_of, shown
from policylint.config import NodePool, OtherPods
from policylint.model import YamlPath
from policylint.views.shape import Shape

_HERE = YamlPath()
_FINISHED = ("Succeeded", "Failed")
_FEW = 5  # names that a note lists


class ObservedPods(NamedTuple):
    others: tuple[OtherPods, ...]
    notes: tuple[str, ...]


class _Group(NamedTuple):
    """Pods that one entry stands for. `owner` is empty for static pods, which nothing can bring."""

    name: str
    owner: str
    requests: tuple[tuple[str, str], ...]


def observed_pods(
    pods: Sequence[Mapping[str, Any]],
    replica_sets: Sequence[Mapping[str, Any]] | None,
    pools: Sequence[NodePool],
    pool_of: Mapping[str, str],
) -> ObservedPods:
    """What `pods` come to. `pool_of` maps nodes to the names of their pools.

    Pods that have finished or are being deleted leave no trace. Those of Jobs, which end, and those that wait for a
    node are not counted but noted. A DaemonSet with exactly one pod on each node of a pool is one entry per node.
    """
    owners = Owners(replica_sets)
    placed: dict[tuple[_Group, str], Counter[str]] = {}
    passing, waiting, elsewhere = set(), set(), set()
    for pod in pods:
        shape = Shape()
        spec = shape.mapping(pod.get("spec"), _HERE)
        metadata = shape.mapping(pod.get("metadata"), _HERE)
        phase = shape.mapping(pod.get("status"), _HERE).get("phase")
        if phase in _FINISHED or metadata.get("deletionTimestamp"):
            continue
        owner, node = owners.of(pod), spec.get("nodeName")
        if owner.kind == "Job" or spec.get("restartPolicy", "Always") != "Always":
            passing.add(str(owner))
        elif not node:
            waiting.add(str(owner))
        elif node not in pool_of:
            elsewhere.add(str(owner))
        else:
            key = _group(owner, str(metadata.get("name")), str(node), spec), pool_of[str(node)]
            placed.setdefault(key, Counter())[str(node)] += 1
    notes = [
        _note("not counted, as their pods end", passing),
        _note("not counted, as some of their pods wait for a node", waiting),
        _note("not counted, as the nodes of some of their pods are not listed", elsewhere),
    ]
    return ObservedPods(tuple(_entries(placed, pools)), tuple(note for note in notes if note))


def _group(owner: Owner, pod: str, node: str, spec: Mapping[str, Any]) -> _Group:
    needs = {key: shown(key, amount) for key, amount in needs_of(spec).requests.items() if amount}
    requests = tuple(sorted(needs.items()))
    if owner.kind == "Node":
        # the kubelet makes a static pod's name from that in its file and the node's
        return _Group(f"{owner.namespace}/{pod.removesuffix(f'-{node}')}", "", requests)
    return _Group(f"{owner.namespace}/{owner.name}", str(owner) if str(owner).count("/") == 2 else "", requests)


def _entries(placed: Mapping[tuple[_Group, str], Mapping[str, int]], pools: Sequence[NodePool]) -> Sequence[OtherPods]:
    counts = {pool.name: pool.nodes for pool in pools}
    whole_cluster = not any(pool.unschedulable for pool in pools)
    groups: dict[_Group, dict[str, Mapping[str, int]]] = {}
    for (group, pool), nodes in placed.items():
        groups.setdefault(group, {})[pool] = nodes
    found = []
    for group, by_pool in groups.items():
        covers = {
            pool: len(nodes) == counts[pool] and set(nodes.values()) == {1} and _is_daemon(group)
            for pool, nodes in by_pool.items()
        }
        entry = OtherPods(group.name, owner=group.owner, requests=dict(group.requests))
        if whole_cluster and len(covers) == len(pools) and all(covers.values()):
            found.append(entry._replace(per_node=True))
            continue
        for pool, nodes in by_pool.items():
            where = "" if len(pools) == 1 else pool
            number = 1 if covers[pool] else sum(nodes.values())
            found.append(entry._replace(pods=number, per_node=covers[pool], pool=where))
    return sorted(found, key=_order)


def _order(entry: OtherPods) -> tuple[bool, str, str, str, str]:
    return not entry.per_node, entry.name, entry.owner, entry.pool, str(entry.requests)


def _is_daemon(group: _Group) -> bool:
    return group.owner.startswith("DaemonSet/") or not group.owner


def _note(what: str, names: set[str]) -> str:
    if not names:
        return ""
    listed = sorted(names)
    more = f" and {len(listed) - _FEW} more" if len(listed) > _FEW else ""
    return f"{what}: {', '.join(listed[:_FEW])}{more}"
