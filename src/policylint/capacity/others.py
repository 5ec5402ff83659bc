"""What runs in a cluster besides a release: how much of each good it takes, and which of it is the release's own."""

from collections.abc import Sequence
from typing import NamedTuple

from policylint.capacity.requests import whole
from policylint.config import Cluster, OtherPods
from policylint.document.document import Document
from policylint.errors import ConfigError

_SLOTS = "pods"


class Taken(NamedTuple):
    """What other pods take of one good: on each node of a pool, somewhere in a pool, and in whichever pool.

    What is in a pool of one node is on that node.
    """

    per_node: Sequence[int]
    pinned: Sequence[int]
    anywhere: int


def taken_of(cluster: Cluster, good: str) -> Taken:
    """What the other pods of `cluster` take of `good`, as far as they declare it; for `pods`, one each.

    Raises ConfigError for what is no quantity.
    """
    pools = cluster.node_pools
    per_node, pinned, anywhere = [0] * len(pools), [0] * len(pools), 0
    for other in cluster.other_pods:
        amount = other.pods * request_of(other, good)
        places = [index for index, pool in enumerate(pools) if other.pool in ("", pool.name)]
        if other.per_node:
            for index in places:
                per_node[index] += amount
        elif len(places) != 1:
            anywhere += amount
        elif pools[places[0]].nodes == 1:
            per_node[places[0]] += amount
        else:
            pinned[places[0]] += amount
    return Taken(per_node, pinned, anywhere)


def request_of(other: OtherPods, good: str) -> int:
    """What one of these pods takes of `good`; 0 where it declares nothing. Raises ConfigError for no quantity."""
    if good == _SLOTS:
        return 1
    given = (other.requests or {}).get(good, "0")
    amount = whole(good, given)
    if amount is None or amount < 0:
        raise ConfigError(f"cluster.other-pods, {other.name}: {good}: {given!r} is not a quantity")
    return amount


class Besides(NamedTuple):
    """A cluster without the pods of one release. `stranded` are the release's objects with pods on nodes that take no
    new ones; `unclear` names objects of which one is the release's, it is not known which."""

    cluster: Cluster
    stranded: frozenset[str]
    unclear: tuple[str, ...]


def besides(cluster: Cluster, documents: Sequence[Document]) -> Besides:
    """What `cluster` has besides the release of these documents, on the nodes that take new pods.

    Other pods with an owner are the release's own when it has an object of that kind, namespace and name. An object
    that does not say its namespace may be of any: when several of them run, none is counted, and they are `unclear`.
    """
    asleep = {pool.name for pool in cluster.node_pools if pool.unschedulable}
    owners: dict[str, set[str]] = {}
    for other in cluster.other_pods:
        if other.owner:
            kind, _, name = other.owner.split("/")
            owners.setdefault(f"{kind}/{name}", set()).add(other.owner)
    own: dict[str, str] = {}
    unclear = []
    for document in documents if owners else ():
        candidates = owners.get(f"{document.kind}/{document.name}", set())
        spaced = f"{document.kind}/{document.namespace}/{document.name}"
        found = sorted(candidates & {spaced} if document.namespace else candidates)
        own |= dict.fromkeys(found, str(document.resource))
        if len(found) > 1:
            unclear.append(" or ".join(found))
    stranded = frozenset(
        own[other.owner] for other in cluster.other_pods if other.owner in own and other.pool in asleep
    )
    others = [other for other in cluster.other_pods if other.owner not in own and other.pool not in asleep]
    pools = [pool for pool in cluster.node_pools if not pool.unschedulable]
    left = cluster._replace(node_pools=tuple(pools), other_pods=tuple(others))
    return Besides(left, stranded, tuple(unclear))
