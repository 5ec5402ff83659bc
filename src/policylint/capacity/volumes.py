"""Volumes that pods cannot share."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.shape import Shape
from policylint.views.workload import Workload

_HERE = YamlPath()

Sharing = Literal["pod", "node", "any", "unknown"]


class Claim(NamedTuple):
    """A volume that all pods of a workload share, by its claim; `path` is where the pod names it.

    `sharing` is who may use it at once: one `pod` (ReadWriteOncePod), the pods of one `node` (ReadWriteOnce), `any`;
    `unknown` for a claim that is not among the documents.
    """

    path: YamlPath
    name: str
    sharing: Sharing


class Claims:
    """The PersistentVolumeClaims among `documents`."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._sharing: Mapping[tuple[str, str], Sharing] = {
            (document.namespace or "default", document.name): _sharing(document)
            for document in documents
            if document.kind == "PersistentVolumeClaim" and not document.group
        }

    def of(self, workload: Workload) -> Iterator[Claim]:
        """The claims that the workload's pods share. The pods of a StatefulSet have those of its templates each to
        itself."""
        shape, namespace = Shape(), workload.document.namespace or "default"
        for path, volume in shape.mappings(workload.pod.get("volumes"), workload.pod_path / "volumes"):
            claim = shape.mapping(volume.get("persistentVolumeClaim"), _HERE)
            name = shape.string(claim.get("claimName"), _HERE)
            if name:
                where = path / "persistentVolumeClaim" / "claimName"
                yield Claim(where, name, self._sharing.get((namespace, name), "unknown"))


def _sharing(document: Document) -> Sharing:
    shape = Shape()
    spec = shape.mapping(document.mapping.get("spec"), _HERE)
    modes = {str(mode) for mode in shape.sequence(spec.get("accessModes"), _HERE)}
    if modes == {"ReadWriteOncePod"}:
        return "pod"
    if not modes:
        return "unknown"
    return "node" if modes <= {"ReadWriteOnce", "ReadWriteOncePod"} else "any"
