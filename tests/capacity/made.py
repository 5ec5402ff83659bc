"""Objects for tests: documents of given data, without text."""

import json
from typing import Any

from policylint.document.document import Document


class Made(Document):
    """A document of given data."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def __repr__(self) -> str:
        return json.dumps(self.data)  # names the case, the same in every process


def made(
    kind: str,
    name: str = "web",
    api: str = "apps/v1",
    pod: Any = None,
    notes: Any = None,
    namespace: Any = None,
    labels: Any = None,
    **spec: Any,
) -> Document:
    """A workload with the pod spec `pod`, or for other kinds an object with this `spec`."""
    metadata = {"name": name, "annotations": notes or {}, "namespace": namespace}
    template = {"metadata": {"labels": labels or {}}, "spec": pod or {}}
    body = pod or {} if kind == "Pod" else {**spec, "template": template}
    return Made({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": body})


def plain(kind: str, name: str, api: str = "v1", **rest: Any) -> Document:
    """An object that is no workload; `rest` stands beside its metadata."""
    namespace = rest.pop("namespace", None)
    return Made({"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **rest})


def scaler(least: int | None, most: int, kind: str = "HorizontalPodAutoscaler", **target: Any) -> Document:
    """An autoscaler of Deployment web, unless `target` says otherwise."""
    target = {"kind": "Deployment", "name": "web", **target}
    if kind == "ScaledObject":
        spec = {"minReplicaCount": least, "maxReplicaCount": most, "scaleTargetRef": target}
        return Made({"apiVersion": "keda.sh/v1alpha1", "kind": kind, "metadata": {}, "spec": spec})
    spec = {"minReplicas": least, "maxReplicas": most, "scaleTargetRef": target}
    return Made({"apiVersion": "autoscaling/v2", "kind": kind, "metadata": {}, "spec": spec})
