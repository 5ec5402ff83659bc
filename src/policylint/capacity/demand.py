"""What the workloads of a release ask of the nodes: how many pods, and how they give way during a rollout."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from policylint.capacity.fenceposts import Fenceposts, resolve_fenceposts
from policylint.capacity.requests import Defaults, PodNeeds, needs_of
from policylint.capacity.scaling import Replicas, Scaler, Target, scalers_of
from policylint.document.document import Document
from policylint.model import ResourceId
from policylint.views.release import Release
from policylint.views.workload import Workload

HOOK = "helm.sh/hook"
_STATIC = frozenset({"Pod", "ReplicaSet", "ReplicationController"})
_COUNTED = frozenset({"Deployment", "StatefulSet", "DaemonSet", *_STATIC})
_FINITE = frozenset({"Job", "CronJob", "Pod"})
_NO_DEFAULTS = Defaults({}, {})


class Demand(NamedTuple):
    """One workload's part in a release.

    `replicas` counts pods in the cluster, or for a DaemonSet on each node. `rolls` says that its pods are replaced in
    this release. `preempts` names a priority class by which its pods may evict others instead of waiting. `scaler` is
    the autoscaler whose range `replicas` is. `doubt` says why nothing about it can be known.
    """

    workload: Workload
    replicas: Replicas
    rolls: bool = False
    needs: PodNeeds = PodNeeds({}, {}, {})
    preempts: str = ""
    scaler: Scaler | None = None
    doubt: str = ""

    @property
    def document(self) -> Document:
        return self.workload.document

    @property
    def kind(self) -> str:
        return self.workload.kind

    @property
    def per_node(self) -> bool:
        return self.kind == "DaemonSet"

    @property
    def namespace(self) -> str:
        return self.document.namespace or "default"

    def fenceposts(self, replicas: int) -> Fenceposts:
        """How many pods may be added and missing when `replicas` are wanted; for a DaemonSet, nodes at once."""
        strategy = self.workload.strategy
        surge, unavailable = strategy.max_surge, strategy.max_unavailable
        if strategy.type == "Recreate":
            return Fenceposts(0, replicas)
        if self.kind == "Deployment" and surge is not None and unavailable is not None:
            return resolve_fenceposts(surge, unavailable, replicas)
        if self.kind == "StatefulSet" and unavailable is not None:
            # getStatefulSetMaxUnavailable rounds down, whatever the field's documentation says; before Kubernetes 1.35
            # the field is ignored unless a feature gate is on, and the number is 1
            return Fenceposts(0, max(1, unavailable.resolve(replicas, round_up=False)))
        if self.kind == "DaemonSet" and unavailable is not None:
            # UnavailableCount and SurgeCount of the daemon controller round up
            added = surge.resolve(replicas, round_up=True) if surge is not None else 0
            return Fenceposts(added, 0 if added else max(1, unavailable.resolve(replicas, round_up=True)))
        return Fenceposts(0, 0)

    def waits(self, replicas: int) -> bool:
        """Whether no old pod may stop before a new one is available."""
        return self.rolls and replicas > 0 and self.fenceposts(replicas).unavailable == 0

    @property
    def holds(self) -> bool:
        """Whether none of its pods ends before a new one is available, so that it frees no slot for others."""
        return not self.rolls or all(self.fenceposts(count).unavailable == 0 for count in set(self.replicas))

    def __str__(self) -> str:
        return str(self.document.resource)


class ReleaseDemand(NamedTuple):
    """What a release asks for.

    `passing` are the workloads whose pods come and go (Jobs), and `unknown` those of kinds whose controllers are not
    modelled; neither is counted. `scalers` are all autoscalers.
    """

    demands: tuple[Demand, ...]
    passing: tuple[Workload, ...]
    unknown: tuple[str, ...]
    hooks: tuple[Workload, ...]
    scalers: tuple[Scaler, ...]

    @property
    def uncounted(self) -> tuple[str, ...]:
        return (*(str(workload.document.resource) for workload in self.passing), *self.unknown)


def demand_of(
    release: Release,
    *,
    changed: Collection[ResourceId] | None = None,
    present: Sequence[Document] = (),
    defaults: Mapping[str, Defaults] | None = None,
) -> ReleaseDemand:
    """What the objects of `release` ask for. `changed` are those whose pods roll (None: all); `present` may hold
    autoscalers and priority classes of the cluster; `defaults` are the LimitRange defaults by namespace."""
    documents = [document for document in release.documents if HOOK not in document.annotations]
    around = (*documents, *present)
    scalers = {scaler.target: scaler for scaler in scalers_of(around)}
    reader = _Reader(scalers, changed, _gentle(around), defaults or {})
    owners = {Target.of(document): document for document in documents}
    demands, passing, unknown = [], [], []
    for document in documents:
        for workload in Workload.of(document):
            owner = _root(document, owners)
            if owner == "owned" or workload.kind == "PodTemplate":
                continue
            if _ends(workload):
                passing.append(workload)
            elif workload.kind not in _COUNTED:
                unknown.append(str(document.resource))
            else:
                demands.append(reader.demand(workload, owner))
    hooks = [workload for document in release.documents if HOOK in document.annotations for workload in _of(document)]
    return ReleaseDemand(tuple(demands), tuple(passing), tuple(unknown), tuple(hooks), tuple(scalers.values()))


class _Reader:
    def __init__(
        self,
        scalers: Mapping[Target, Scaler],
        changed: Collection[ResourceId] | None,
        gentle: Collection[str],
        defaults: Mapping[str, Defaults],
    ) -> None:
        self._scalers = scalers
        self._changed = changed
        self._gentle = gentle
        self._defaults = defaults

    def demand(self, workload: Workload, doubt: str) -> Demand:
        document, kind, strategy = workload.document, workload.kind, workload.strategy
        count = 1 if kind == "DaemonSet" else workload.replicas
        if count is None:
            doubt = doubt or "the API server refuses its replicas"
        elif kind != "Pod" and strategy.problems:
            doubt = doubt or strategy.problems[0].message
        # an autoscaler leaves an object alone that asks for no pods
        scaler = self._scalers.get(Target.of(document)) if count else None
        replicas = scaler.replicas if scaler is not None else Replicas(count or 0, count or 0)
        defaults = self._defaults.get(document.namespace or "default", _NO_DEFAULTS)
        priority = str(workload.pod.get("priorityClassName") or "")
        preempts = "" if priority in self._gentle else priority
        needs = needs_of(workload.pod, defaults)
        if needs.wrong:
            doubt = doubt or f"the API server refuses {needs.wrong[0]}"
        demand = Demand(workload, replicas, self._rolls(workload), needs, preempts, scaler, doubt)
        return demand._replace(rolls=False) if doubt or not replicas.most else demand

    def _rolls(self, workload: Workload) -> bool:
        strategy = workload.strategy
        if workload.kind in _STATIC or workload.paused or strategy.type == "OnDelete":
            return False
        if workload.kind == "StatefulSet" and strategy.partition and strategy.partition >= (workload.replicas or 0):
            return False
        return self._changed is None or workload.document.resource in self._changed


def _ends(workload: Workload) -> bool:
    """Whether its pods are meant to end."""
    return workload.kind in ("Job", "CronJob") or (
        workload.kind == "Pod" and workload.pod.get("restartPolicy", "Always") != "Always"
    )


def _of(document: Document) -> Iterator[Workload]:
    return (workload for workload in Workload.of(document) if workload.kind in _FINITE)


def _gentle(documents: Sequence[Document]) -> frozenset[str]:
    """The priority classes that are known not to evict anything."""
    classes = [document for document in documents if document.kind == "PriorityClass"]
    return frozenset(document.name for document in classes if document.mapping.get("preemptionPolicy") == "Never")


def _root(document: Document, owners: Mapping[Target, Document]) -> str:
    """`owned` for the pods of another object of the release, a doubt for owners in a circle, else nothing."""
    seen, here = {id(document)}, document
    while True:
        above = _owner(here, owners)
        if above is None:
            return "" if here is document else "owned"
        if id(above) in seen:
            return "its owner references form a circle"
        seen.add(id(above))
        here = above


def _owner(document: Document, owners: Mapping[Target, Document]) -> Document | None:
    references = document.metadata.get("ownerReferences")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("controller", True) is not False:
            key = Target(str(reference.get("kind")), document.namespace or "default", str(reference.get("name")))
            if key in owners:
                return owners[key]
    return None
