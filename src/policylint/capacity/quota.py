"""ResourceQuotas: what their limits leave for a release, and for one pod more during a rollout."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policylint.capacity.demand import Demand
from policylint.capacity.flow import Reach
from policylint.capacity.requests import PodNeeds, whole
from policylint.capacity.supply import Supply
from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.shape import Shape

_HERE = YamlPath()
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_COUNT = "count/"
_TYPE, _PORTS = YamlPath.of("spec", "type"), YamlPath.of("spec", "ports")
_ALLOCATES = YamlPath.of("spec", "allocateLoadBalancerNodePorts")
_PLAIN_COUNTS: Mapping[str, tuple[str, str]] = {
    "services": ("", "Service"),
    "configmaps": ("", "ConfigMap"),
    "secrets": ("", "Secret"),
    "replicationcontrollers": ("", "ReplicationController"),
    "resourcequotas": ("", "ResourceQuota"),
}


class Scope(NamedTuple):
    name: str
    operator: str = "Exists"
    values: tuple[str, ...] = ()


class Quota(NamedTuple):
    """One ResourceQuota. `hard` and `used` are in the units of `policylint.capacity.requests`; `live` says that `used`
    was read from the cluster. `wrong` names limits that are no quantities."""

    document: Document
    name: str
    namespace: str
    hard: Mapping[str, int]
    used: Mapping[str, int]
    scopes: tuple[Scope, ...]
    live: bool
    wrong: tuple[str, ...]

    @classmethod
    def of(cls, document: Document) -> "Quota":
        shape = Shape()
        spec = shape.mapping(document.mapping.get("spec"), _HERE)
        status = shape.mapping(document.mapping.get("status"), _HERE)
        given = shape.mapping(spec.get("hard"), _HERE)
        hard = {name: whole(name, value) for name, value in given.items()}
        used = {name: whole(name, value) for name, value in shape.mapping(status.get("used"), _HERE).items()}
        scopes = [Scope(str(name)) for name in shape.sequence(spec.get("scopes"), _HERE)]
        selector = shape.mapping(spec.get("scopeSelector"), _HERE)
        for _, item in shape.mappings(selector.get("matchExpressions"), _HERE):
            values = tuple(str(value) for value in shape.sequence(item.get("values"), _HERE))
            scopes.append(Scope(str(item.get("scopeName")), str(item.get("operator")), values))
        return cls(
            document,
            document.name,
            document.namespace or "default",
            {name: amount for name, amount in hard.items() if amount is not None and amount >= 0},
            {name: amount for name, amount in used.items() if amount is not None},
            tuple(scopes),
            bool(used),
            tuple(name for name, amount in hard.items() if amount is None or amount < 0),
        )

    def path(self, resource: str) -> YamlPath:
        return YamlPath.of("spec", "hard", resource)

    def counts(self, demand: Demand) -> bool | None:
        """Whether it counts the workload's pods; None where that cannot be known."""
        answers = [_in_scope(scope, demand) for scope in self.scopes]
        if demand.namespace != self.namespace or False in answers:
            return False
        return None if None in answers else True


def quotas_of(documents: Iterable[Document]) -> Iterator[Quota]:
    for document in documents:
        if document.kind == "ResourceQuota" and not document.group:
            yield Quota.of(document)


def _in_scope(scope: Scope, demand: Demand) -> bool | None:
    """As podMatchesScopeFunc in pkg/quota/v1/evaluator/core/pods.go; a priority class that is not named may be given
    by default."""
    pod, needs = demand.workload.pod, demand.needs
    if scope.name in ("Terminating", "NotTerminating"):
        return (pod.get("activeDeadlineSeconds") is not None) == (scope.name == "Terminating")
    if scope.name in ("BestEffort", "NotBestEffort"):
        asks = any(name in amounts and amounts[name] for amounts in needs[:2] for name in ("cpu", "memory"))
        return asks == (scope.name == "NotBestEffort")
    if scope.name == "PriorityClass":
        given = pod.get("priorityClassName")
        if not given:
            return None
        if scope.operator in ("In", "NotIn"):
            return (str(given) in scope.values) == (scope.operator == "In")
        return scope.operator == "Exists"
    return None


def need_of(resource: str, needs: PodNeeds) -> int | None:
    """How much one pod adds to a quota's resource; None when that resource does not count pods."""
    if resource in ("pods", "count/pods"):
        return 1
    prefix, _, name = resource.partition(".")
    if prefix in ("requests", "limits") and name:
        return (needs.requests if prefix == "requests" else needs.limits).get(name, 0)
    if resource in _COMPUTE or resource.startswith("hugepages-"):
        return needs.requests.get(resource, 0)
    return None


class QuotaSum(NamedTuple):
    """What a release's pods take of one limit: at its fewest replicas, only those that are never given away, and at
    most in a state in which nothing moves any more. `others` is what is used besides, at least and at most, when the
    release runs already; nothing is known of others that the quota does not report."""

    quota: Quota
    resource: str
    hard: int
    steady: int
    held: int
    most: int
    others: tuple[int, int]


def sums_of(
    quota: Quota,
    supply: Supply,
    demands: Sequence[Demand],
    reach: Sequence[Reach],
    sure: Sequence[Reach],
    settled: Sequence[bool],
    passing: int,
) -> Iterator[QuotaSum]:
    """One sum for each limit of `quota` on pods.

    `settled` says of which workloads no pod can stay without a node; of the others, surge pods that wait count too
    (none, when it is empty). `passing` is how many pods of Jobs there may be.
    """
    for resource, hard in quota.hard.items():
        steady = held = most = 0
        for index, demand in enumerate(demands):
            counted, need = quota.counts(demand), need_of(resource, demand.needs)
            if counted is False or need is None or demand.doubt:
                continue
            surely = supply.node_count(sure[index]) if demand.per_node else demand.replicas.least
            perhaps = supply.node_count(reach[index]) if demand.per_node else demand.replicas.most
            extra = 0 if not settled or settled[index] else demand.fenceposts(perhaps).surge
            most += (perhaps + extra) * need
            if counted:
                steady += surely * need
                held += surely * need if demand.holds else 0
        if need_of(resource, PodNeeds({}, {}, {})) is None:
            continue
        used = quota.used.get(resource, 0)
        most += passing if resource in ("pods", "count/pods") else 0
        yield QuotaSum(quota, resource, hard, steady, held, most, (max(0, used - most), max(0, used - steady)))


class ObjectCount(NamedTuple):
    """A limit on objects that the release alone exceeds. `why` says which of them no manifest shows."""

    quota: Quota
    resource: str
    hard: int
    objects: int
    why: str = ""


def object_counts(quota: Quota, documents: Sequence[Document], demands: Sequence[Demand]) -> Iterator[ObjectCount]:
    """The limits of `quota` on objects other than pods that `documents` exceed, with what controllers make of them.

    Deployments have a ReplicaSet each and one more while they roll, whose old one stays for a rollback unless
    `revisionHistoryLimit` is 0; StatefulSets claim volumes for each pod. Services count by their type, as in
    pkg/quota/v1/evaluator/core/services.go.
    """
    for resource, hard in quota.hard.items():
        derived = _derived(resource, quota, documents, demands)
        if derived is not None:
            count, why = derived
            if count > hard:
                yield ObjectCount(quota, resource, hard, count, why)
            continue
        kind = _PLAIN_COUNTS.get(resource)
        if kind is None and resource.startswith(_COUNT) and resource != "count/pods":
            plural, _, group = resource.removeprefix(_COUNT).partition(".")
            found = [document for document in documents if document.group == group and _plural(document.kind) == plural]
        elif kind is not None:
            found = [document for document in documents if (document.group, document.kind) == kind]
        else:
            continue
        count = sum((document.namespace or "default") == quota.namespace for document in found)
        if count > hard:
            yield ObjectCount(quota, resource, hard, count)


def _derived(
    resource: str, quota: Quota, documents: Sequence[Document], demands: Sequence[Demand]
) -> tuple[int, str] | None:
    """How many of a resource there are of which manifests show only a part, and why; None for other resources."""
    here = [document for document in documents if (document.namespace or "default") == quota.namespace]
    there = [demand for demand in demands if demand.namespace == quota.namespace and not demand.doubt]
    if resource == "count/replicasets.apps":
        shown = sum(document.kind == "ReplicaSet" for document in here)
        made = [demand for demand in there if demand.kind == "Deployment"]
        rolling = sum(demand.rolls for demand in made)
        why = f"{len(made)} of Deployments and {rolling} more while they roll" if made else ""
        return shown + len(made) + rolling, why
    if resource in ("persistentvolumeclaims", "count/persistentvolumeclaims"):
        shown = sum(document.kind == "PersistentVolumeClaim" for document in here)
        claimed = sum(demand.replicas.least * len(_templates(demand)) for demand in there)
        return shown + claimed, f"{claimed} for the pods of StatefulSets" if claimed else ""
    if resource in ("services.loadbalancers", "services.nodeports"):
        services = [document for document in here if document.kind == "Service" and not document.group]
        balanced = [document for document in services if _service_type(document) == "LoadBalancer"]
        if resource == "services.loadbalancers":
            return len(balanced), ""
        # a load balancer has node ports too, unless it does without
        exposed = [document for document in services if _service_type(document) == "NodePort"]
        exposed += [document for document in balanced if document.get(_ALLOCATES) is not False]
        return sum(len(_ports(document)) for document in exposed), ""
    return None


def _templates(demand: Demand) -> Sequence[object]:
    if demand.kind != "StatefulSet":
        return ()
    return Shape().sequence(demand.workload.spec.get("volumeClaimTemplates"), _HERE)


def _service_type(document: Document) -> object:
    return document.get(_TYPE)


def _ports(document: Document) -> Sequence[object]:
    return Shape().sequence(document.get(_PORTS), _HERE)


def _plural(kind: str) -> str:
    """The resource name of a kind; irregular ones of Kubernetes end in -ss, -s, -x or -y."""
    name = kind.lower()
    if name.endswith("y"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x")) else f"{name}s"
