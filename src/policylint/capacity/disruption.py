"""PodDisruptionBudgets against drains: how many pods may be evicted at once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policylint.capacity.limits import MINUS
from policylint.capacity.present import present_in
from policylint.capacity.scaling import Target, scalers_of
from policylint.config import Cluster
from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.label_selector import selects
from policylint.views.quantities import IntOrPercent
from policylint.views.shape import Shape
from policylint.views.workload import Workload

_SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})
_SPEC = YamlPath.of("spec")


class Blocked(NamedTuple):
    """A budget that never lets a pod be evicted, where it says so, and the sum. `pods` are those that it selects, at
    most; 0 when the release has none of them and the budget alone decides."""

    document: Document
    path: YamlPath
    text: str
    pods: int


def blocked_drains(documents: Sequence[Document]) -> Iterator[Blocked]:
    """The budgets among `documents` that allow no eviction even when every pod is healthy.

    As getExpectedPodCount in pkg/controller/disruption/disruption.go: a percentage is rounded up, of the replicas that
    the selected pods' controllers want; `maxUnavailable` outranks `minAvailable`. Autoscaled workloads count at their
    most replicas. Pods of other releases that a budget may select as well are not known; a budget by number, or one
    whose selector misses this release's pods, is reported only when it blocks without them.
    """
    for document in documents:
        if document.kind == "PodDisruptionBudget" and document.group == "policy":
            found = _blocked(document, documents)
            if found is not None:
                yield found


def blocked_workloads(documents: Sequence[Document], cluster: Cluster) -> Iterator[tuple[Document, Blocked]]:
    """The workloads among `documents` with budgets that are in `cluster` already and allow no eviction."""
    for budget in present_in(cluster, documents):
        found = _blocked(budget, documents) if budget.kind == "PodDisruptionBudget" else None
        if found is not None:
            selector = Shape().mapping(budget.mapping.get("spec"), _SPEC).get("selector")
            for workload in _selected_by(budget, selector, documents):
                yield workload.document, found


def _blocked(budget: Document, documents: Sequence[Document]) -> Blocked | None:
    shape = Shape()
    spec = shape.mapping(budget.mapping.get("spec"), _SPEC)
    key = "maxUnavailable" if spec.get("maxUnavailable") is not None else "minAvailable"
    try:
        count = IntOrPercent.parse(spec.get(key))
    except ValueError:
        return None
    path = _SPEC / key
    if key == "maxUnavailable":
        return Blocked(budget, path, f"maxUnavailable is {count}", 0) if count.value == 0 else None
    if count.percent and count.value >= 100:
        return Blocked(budget, path, f"minAvailable is {count}", 0)
    pods = _selected(budget, spec.get("selector"), documents)
    least = count.resolve(pods, round_up=True)
    if not pods or least < pods:
        return None
    rounded = f"{count} of {pods} → {least}, rounded up" if count.percent else str(count)
    there = "there is 1 pod" if pods == 1 else f"there are {pods} pods"
    return Blocked(budget, path, f"minAvailable is {rounded}, and {there}: {pods}{MINUS}{least} ≤ 0", pods)


def _selected(budget: Document, selector: object, documents: Sequence[Document]) -> int:
    """The most pods of the release's controllers that `selector` may mean; 0 when a number is not known."""
    scalers = {scaler.target: scaler.replicas.most for scaler in scalers_of(documents)}
    total = 0
    for workload in _selected_by(budget, selector, documents):
        replicas = workload.replicas
        if replicas is None:
            return 0
        total += scalers.get(Target.of(workload.document), replicas) if replicas else 0
    return total


def _selected_by(budget: Document, selector: object, documents: Sequence[Document]) -> Iterator[Workload]:
    """The controllers of the budget's namespace whose pods `selector` selects."""
    space = budget.namespace or "default"
    for document in documents:
        if document.kind not in _SCALED or (document.namespace or "default") != space:
            continue
        for workload in Workload.of(document):
            shape = Shape()
            metadata = shape.mapping(workload.template.get("metadata"), YamlPath())
            if selects(selector, shape.mapping(metadata.get("labels"), YamlPath())):
                yield workload
