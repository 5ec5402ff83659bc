"""To which object a pod of a cluster belongs: its controller, and of a ReplicaSet the controller in turn."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policylint.model import YamlPath
from policylint.views.shape import Shape

_HERE = YamlPath()
_TEMPLATE_HASH = "pod-template-hash"


class Owner(NamedTuple):
    """Kind, namespace and name of what a pod belongs to: itself, when nothing controls it."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"


class Owners:
    """The owners of pods, by the ReplicaSets of a cluster; None when these could not be listed."""

    def __init__(self, replica_sets: Sequence[Mapping[str, Any]] | None) -> None:
        self._listed = replica_sets is not None
        self._above: dict[Owner, Owner | None] = {}
        for found in replica_sets or ():
            shape = Shape()
            metadata = shape.mapping(found.get("metadata"), _HERE)
            itself = Owner("ReplicaSet", str(metadata.get("namespace")), str(metadata.get("name")))
            self._above[itself] = _controller(metadata, itself.namespace, shape)

    def of(self, pod: Mapping[str, Any]) -> Owner:
        """The object at the end of a pod's chain of controllers, as far as it is known.

        A chain that comes back to where it was ends there. Without the list of ReplicaSets, one that is named like a
        Deployment's, by the template hash in the pod's labels, is taken to be that Deployment's.
        """
        shape = Shape()
        metadata = shape.mapping(pod.get("metadata"), _HERE)
        here = Owner("Pod", str(metadata.get("namespace")), str(metadata.get("name")))
        above = _controller(metadata, here.namespace, shape)
        seen = {here}
        while above is not None and above not in seen:
            seen.add(above)
            here, above = above, self._above.get(above)
        if here.kind == "ReplicaSet" and not self._listed:
            labels = shape.mapping(metadata.get("labels"), _HERE)
            suffix = f"-{labels.get(_TEMPLATE_HASH)}"
            if here.name.endswith(suffix):
                return here._replace(kind="Deployment", name=here.name.removesuffix(suffix))
        return here


def _controller(metadata: Mapping[str, Any], namespace: str, shape: Shape) -> Owner | None:
    for _, reference in shape.mappings(metadata.get("ownerReferences"), _HERE):
        if reference.get("controller") is True and reference.get("kind") and reference.get("name"):
            return Owner(str(reference["kind"]), namespace, str(reference["name"]))
    return None
