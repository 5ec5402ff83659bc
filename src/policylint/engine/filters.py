"""The blocks inside a rule's `match` and `exclude`: kinds, names, namespaces, labels, operations and users.

As kyverno pkg/engine/utils/match.go `doesResourceMatchConditionBlock` and pkg/utils/match.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from policylint.engine.kinds import parse_kind_selector
from policylint.engine.request import Object, Request, UserInfo
from policylint.engine.selectors import LabelSelector, string_items, strings
from policylint.engine.wildcard import match
from policylint.model import YamlPath
from policylint.views.shape import Shape

_LISTED = 4


class Subject(NamedTuple):
    """One of `subjects`: a user, a group or a service account."""

    kind: str
    name: str
    namespace: str

    def isone_of(self, user: UserInfo) -> bool:
        if self.kind == "Group":
            return any(match(self.name, group) for group in user.groups)
        if self.kind == "User":
            return match(self.name, user.username)
        if self.kind == "ServiceAccount":
            return match(f"system:serviceaccount:{self.namespace}:{self.name}", user.username)
        return False

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Clause(NamedTuple):
    """A clause of a filter that the request does not meet."""

    reason: str
    path: YamlPath


class Filter(NamedTuple):
    """One block of `any` or `all`, or the older form without them. All its clauses must be met.

    `names_resources` and `names_users` tell which halves say anything at all; a match block that says nothing matches
    nothing, and an exclude block that says nothing excludes nothing.
    """

    path: YamlPath
    names_resources: bool
    names_users: bool
    kinds: tuple[str, ...]
    name: str
    names: tuple[str, ...]
    namespaces: tuple[str, ...]
    annotations: tuple[tuple[str, str], ...]
    selector: LabelSelector | None
    namespace_selector: LabelSelector | None
    operations: tuple[str, ...]
    roles: tuple[str, ...]
    cluster_roles: tuple[str, ...]
    subjects: tuple[Subject, ...]

    @classmethod
    def of(cls, shape: Shape, data: Mapping[str, Any], path: YamlPath) -> "Filter":
        """The filter in `data` at `path`; wrong types go to `shape`."""
        at = path / "resources"
        resources = shape.mapping(data.get("resources"), at)

        def listed(mapping: Mapping[str, Any], key: str, above: YamlPath) -> tuple[str, ...]:
            return strings(shape, mapping.get(key), above / key)

        def selector(key: str) -> LabelSelector | None:
            written = resources.get(key)
            return None if written is None else LabelSelector.of(shape, written, at / key)

        name = resources.get("name")
        if name is not None and not isinstance(name, str):
            shape.wrong(at / "name", "a string", name)
        return cls(
            path,
            any(value is not None and value != "" for value in resources.values()),
            any(data.get(key) is not None for key in ("roles", "clusterRoles", "subjects")),
            listed(resources, "kinds", at),
            name if isinstance(name, str) else "",
            listed(resources, "names", at),
            listed(resources, "namespaces", at),
            string_items(shape, resources.get("annotations"), at / "annotations"),
            selector("selector"),
            selector("namespaceSelector"),
            listed(resources, "operations", at),
            listed(data, "roles", path),
            listed(data, "clusterRoles", path),
            tuple(
                Subject(*(str(subject.get(key) or "") for key in ("kind", "name", "namespace")))
                for _, subject in shape.mappings(data.get("subjects"), path / "subjects")
            ),
        )

    @property
    def is_empty(self) -> bool:
        return not self.names_resources and not self.names_users

    def resource_miss(self, request: Request, resource: Object, *, for_exception: bool) -> Clause | None:
        """The first clause on the resource that is not met. Exceptions look at no operations."""
        at = self.path / "resources"
        if self.kinds:
            gvk, subresource = request.gvk, request.subresource
            if not any(
                parse_kind_selector(text).selects(gvk, subresource, ephemeral_containers=not for_exception)
                for text in self.kinds
            ):
                shown = f"{gvk.kind}/{subresource}" if subresource else gvk.kind
                return Clause(f"kind {shown} is not {one_of(self.kinds)}", at / "kinds")
        if self.operations and not for_exception and request.operation not in self.operations:
            return Clause(f"operation {request.operation} is not {one_of(self.operations)}", at / "operations")
        for check in (self._name_miss, self._namespace_miss, self._metadata_miss):
            miss = check(resource)
            if miss is not None:
                return miss
        return self._namespace_labels_miss(request, resource, for_exception=for_exception)

    def user_miss(self, user: UserInfo) -> Clause | None:
        """The first clause on the user that is not met."""
        if self.roles and not set(self.roles) & set(user.roles):
            return Clause(f"the user has no role {one_of(self.roles)}", self.path / "roles")
        if self.cluster_roles and not set(self.cluster_roles) & set(user.cluster_roles):
            return Clause(f"the user has no cluster role {one_of(self.cluster_roles)}", self.path / "clusterRoles")
        if self.subjects and not any(subject.isone_of(user) for subject in self.subjects):
            wanted = one_of([str(subject) for subject in self.subjects])
            return Clause(f"the user {user.username or '(none)'} is not {wanted}", self.path / "subjects")
        return None

    def _name_miss(self, resource: Object) -> Clause | None:
        at = self.path / "resources"
        metadata = metadata_of(resource)
        name = text_of(metadata.get("name")) or text_of(metadata.get("generateName"))
        if self.name and not match(self.name, name):
            return Clause(f"name {name} does not match {self.name}", at / "name")
        if self.names and not any(match(wanted, name) for wanted in self.names):
            return Clause(f"name {name} is not {one_of(self.names)}", at / "names")
        return None

    def _namespace_miss(self, resource: Object) -> Clause | None:
        if not self.namespaces:
            return None
        key = "name" if resource.get("kind") == "Namespace" else "namespace"
        namespace = text_of(metadata_of(resource).get(key))
        if any(match(wanted, namespace) for wanted in self.namespaces):
            return None
        reason = f"namespace {namespace or '(none)'} is not {one_of(self.namespaces)}"
        return Clause(reason, self.path / "resources" / "namespaces")

    def _metadata_miss(self, resource: Object) -> Clause | None:
        at = self.path / "resources"
        present = _strings_of(metadata_of(resource).get("annotations")) if self.annotations else {}
        for key, value in self.annotations:
            if not any(match(key, name) and match(value, text) for name, text in present.items()):
                return Clause(f"no annotation matches {key}: {value}", at / "annotations" / key)
        if self.selector is not None:
            miss = self.selector.miss(_strings_of(metadata_of(resource).get("labels")))
            if miss is not None:
                return Clause(f"labels do not match: {miss}", at / "selector")
        return None

    def _namespace_labels_miss(self, request: Request, resource: Object, *, for_exception: bool) -> Clause | None:
        if self.namespace_selector is None:
            return None
        at = self.path / "resources" / "namespaceSelector"
        kind = resource.get("kind")
        if kind == "Namespace":
            return None if for_exception else Clause("a namespace has no namespace to select by", at)
        if not kind and (for_exception or "*" not in self.kinds):
            return None
        miss = self.namespace_selector.miss(request.namespace_labels)
        return None if miss is None else Clause(f"labels of the namespace do not match: {miss}", at)


def described(parts: Iterable[Filter]) -> str:
    """What a block that excludes says, in short."""
    said: list[str] = []
    for part in parts:
        for label, values in (
            ("kinds", part.kinds),
            ("operations", part.operations),
            ("names", part.names or ((part.name,) if part.name else ())),
            ("namespaces", part.namespaces),
            ("annotations", tuple(f"{key}={value}" for key, value in part.annotations)),
            ("roles", part.roles),
            ("clusterRoles", part.cluster_roles),
            ("subjects", tuple(map(str, part.subjects))),
        ):
            if values:
                said.append(f"{label} {one_of(values)}")
        said.extend(["labels"] if part.selector else [])
        said.extend(["labels of the namespace"] if part.namespace_selector else [])
    return "its " + " and ".join(said) + " match" if said else "it names everything"


def one_of(values: Iterable[str]) -> str:
    """`values` as in a sentence, not too many of them."""
    listed = list(values)
    if len(listed) > _LISTED:
        return ", ".join(listed[:_LISTED]) + f" or {len(listed) - _LISTED} others"
    return " or ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else "".join(listed)


def metadata_of(resource: Object) -> Mapping[str, Any]:
    """The metadata of an object, empty where it has none."""
    metadata = resource.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def text_of(value: Any) -> str:
    """`value` if it is a string, else nothing."""
    return value if isinstance(value, str) else ""


def _strings_of(value: Any) -> dict[str, str]:
    """Labels or annotations; upstream sees none when one of them is not a string (`NestedStringMap`)."""
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        return {}
    return dict(value)
