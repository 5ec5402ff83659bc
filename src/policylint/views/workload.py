"""Pod-bearing objects of every kind: their pod template, images, replicas and update strategy, defaults applied."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple, Self

from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.shape import Shape, ShapeProblem
from policylint.views.strategy import Strategy, read_strategy

_TEMPLATE = YamlPath.of("spec", "template")
# where the object that holds metadata and the pod spec stands, per group and kind
_TEMPLATES: Mapping[tuple[str, str], YamlPath] = {
    ("", "Pod"): YamlPath(),
    ("", "PodTemplate"): YamlPath.of("template"),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): YamlPath.of("spec", "jobTemplate", "spec", "template"),
    ("apps.openshift.io", "DeploymentConfig"): _TEMPLATE,
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("serving.knative.dev", "Service"): _TEMPLATE,
}
_REPLICATED = frozenset(
    {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DeploymentConfig", "Rollout"}
)

ContainerList = Literal["initContainers", "containers", "ephemeralContainers"]
_CONTAINER_LISTS: Mapping[ContainerList, str] = {
    "initContainers": "init container",
    "containers": "container",
    "ephemeralContainers": "ephemeral container",
}


class Container(NamedTuple):
    """One container of a pod; `image` is None when the field is absent or no string."""

    path: YamlPath
    list_name: ContainerList
    name: str
    image: str | None
    image_path: YamlPath
    data: Mapping[str, Any]

    def __str__(self) -> str:
        kind = _CONTAINER_LISTS[self.list_name]
        return f"{kind} {self.name}" if self.name else f"the {kind} without a name"


class ImageUse(NamedTuple):
    """A place of a pod that names an image: a container, or an image volume. `user` says which, for a sentence."""

    path: YamlPath
    image: str
    user: str


class Workload:
    """A document that holds a pod, or a template of pods."""

    def __init__(self, document: Document, template_path: YamlPath) -> None:
        self.document = document
        self.kind = document.kind
        self.template_path = template_path
        self.pod_path = template_path / "spec"
        self._shape = Shape()
        self.template = self._walk(document.data, template_path)
        self.pod = self._shape.mapping(self.template.get("spec"), self.pod_path)

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        template_path = _TEMPLATES.get((document.group, document.kind))
        if template_path is not None and isinstance(document.data, dict):
            yield cls(document, template_path)

    def _walk(self, data: object, path: YamlPath) -> Mapping[str, Any]:
        here = self._shape.mapping(data, YamlPath())
        for depth, step in enumerate(path, start=1):
            here = self._shape.mapping(here.get(str(step)), YamlPath(path[:depth]))
        return here

    @cached_property
    def spec(self) -> Mapping[str, Any]:
        """The object's own `spec`."""
        return self._shape.mapping(self.document.mapping.get("spec"), YamlPath.of("spec"))

    def containers(self) -> Iterator[Container]:
        """Every container, in the order in which a pod starts them."""
        yield from self._containers

    @cached_property
    def _containers(self) -> tuple[Container, ...]:
        found = []
        for list_name in _CONTAINER_LISTS:
            for path, data in self._shape.mappings(self.pod.get(list_name), self.pod_path / list_name):
                name = self._shape.string(data.get("name"), path / "name") or ""
                image_path = path / "image"
                image = self._shape.string(data.get("image"), image_path)
                found.append(Container(path, list_name, name, image, image_path, data))
        return tuple(found)

    def images(self) -> Iterator[ImageUse]:
        """Every image that the pod names, those of image volumes (Kubernetes 1.31 and later) included."""
        for container in self._containers:
            if container.image is not None:
                yield ImageUse(container.image_path, container.image, str(container))
        for path, volume in self._shape.mappings(self.pod.get("volumes"), self.pod_path / "volumes"):
            source = self._shape.mapping(volume.get("image"), path / "image")
            reference = self._shape.string(source.get("reference"), path / "image" / "reference")
            if reference is not None:
                name = self._shape.string(volume.get("name"), path / "name") or ""
                yield ImageUse(path / "image" / "reference", reference, f"image volume {name}".rstrip())

    def injects_image(self, image: str) -> bool:
        """Whether `image` is the blank that a controller fills in on admission: an Istio gateway's or OpenShift's."""
        metadata = self._shape.mapping(self.template.get("metadata"), self.template_path / "metadata")
        annotations = self._shape.mapping(metadata.get("annotations"), self.template_path / "metadata" / "annotations")
        if image == "auto":
            return "inject.istio.io/templates" in annotations
        triggered = self.kind == "DeploymentConfig" or "image.openshift.io/triggers" in self.document.annotations
        return triggered and not image.strip()

    @cached_property
    def replicas(self) -> int | None:
        """How many pods the object asks for, 1 by default; None for kinds without `replicas` and for bad values."""
        if self.kind == "Pod":
            return 1
        if self.kind not in _REPLICATED:
            return None
        path = YamlPath.of("spec", "replicas")
        given = self.spec.get("replicas")
        if given is None:
            return 1
        count = self._shape.integer(given, path)
        return count if count is not None and count >= 0 else None

    @property
    def paused(self) -> bool:
        """Whether a Deployment's rollouts are paused."""
        if self.kind != "Deployment":
            return False
        return self._shape.boolean(self.spec.get("paused"), YamlPath.of("spec", "paused")) is True

    @cached_property
    def strategy(self) -> Strategy:
        """How the object replaces its pods, defaults applied."""
        return read_strategy(self.document.group, self.document.version, self.kind, self.spec, self._shape)

    @property
    def shape_problems(self) -> tuple[ShapeProblem, ...]:
        """What the API server would refuse for its type."""
        for _ in self.images():
            pass
        _ = (self.replicas, self.paused)
        refused = self.strategy.problems  # read first: it may add to the problems of shape
        return (*self._shape.problems, *refused)
