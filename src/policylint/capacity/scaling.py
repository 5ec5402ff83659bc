"""Between how many replicas the autoscalers of a release keep what they scale."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.shape import Shape

_DEFAULTS: Mapping[tuple[str, str], tuple[str, str, int]] = {
    ("autoscaling", "HorizontalPodAutoscaler"): ("minReplicas", "maxReplicas", 1),
    ("keda.sh", "ScaledObject"): ("minReplicaCount", "maxReplicaCount", 0),
}


class Replicas(NamedTuple):
    """How many pods a workload keeps: at least and at most. They differ under an autoscaler."""

    least: int
    most: int


class Target(NamedTuple):
    """What is scaled."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, document: Document) -> "Target":
        return cls(document.kind, document.namespace or "default", document.name)


class Scaler(NamedTuple):
    """An autoscaler, what it scales and where it says up to how many."""

    document: Document
    target: Target
    replicas: Replicas
    most_path: YamlPath


def scalers_of(documents: Iterable[Document]) -> Iterator[Scaler]:
    """The autoscalers among `documents`. A maximum below the minimum counts as the minimum."""
    for document in documents:
        fields = _DEFAULTS.get((document.group, document.kind))
        if fields is None:
            continue
        least_key, most_key, least = fields
        shape, path = Shape(), YamlPath.of("spec")
        spec = shape.mapping(document.mapping.get("spec"), path)
        target = shape.mapping(spec.get("scaleTargetRef"), path / "scaleTargetRef")
        given = shape.integer(spec.get(least_key), path / least_key)
        least = least if given is None else max(0, given)
        most = shape.integer(spec.get(most_key), path / most_key)
        name = Target(str(target.get("kind") or "Deployment"), document.namespace or "default", str(target.get("name")))
        yield Scaler(document, name, Replicas(least, max(least, most or 0)), path / most_key)
