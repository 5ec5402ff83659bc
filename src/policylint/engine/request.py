"""What a policy is asked about: one admission request, as the API server would send it."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
Object = Mapping[str, Any]

_NOTHING: Object = {}


class GroupVersionKind(NamedTuple):
    """`group` is empty for the core group."""

    group: str
    version: str
    kind: str

    @classmethod
    def of(cls, resource: Object) -> "GroupVersionKind":
        """The type that an object says it is of; empty strings where it says nothing."""
        api_version = str(resource.get("apiVersion") or "")
        group, _, version = api_version.rpartition("/")
        return cls(group, version, str(resource.get("kind") or ""))


class UserInfo(NamedTuple):
    """Who asks. Roles are `namespace:name`."""

    username: str = ""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    cluster_roles: tuple[str, ...] = ()
    extra: Object = _NOTHING


class Request(NamedTuple):
    """One admission request.

    `resource` is the object (empty on DELETE), `old_resource` the stored one (empty on CREATE). `namespace_labels` are
    those of the object's namespace. `subresource` is such as `status` or `scale`, empty for the resource itself;
    `parent` is the type that it is a subresource of, where the object has a type of its own, as a Scale has.
    """

    resource: Object
    old_resource: Object = _NOTHING
    operation: Operation = "CREATE"
    user: UserInfo = UserInfo()
    namespace_labels: Mapping[str, str] = {}
    subresource: str = ""
    dry_run: bool = False
    parent: GroupVersionKind | None = None

    @property
    def subject(self) -> Object:
        """The object that the request is about: the old one on DELETE."""
        return self.resource or self.old_resource

    @property
    def gvk(self) -> GroupVersionKind:
        """The type that rules are matched with."""
        return self.parent or GroupVersionKind.of(self.subject)

    @property
    def namespace(self) -> str:
        metadata = self.subject.get("metadata")
        return str(metadata.get("namespace") or "") if isinstance(metadata, Mapping) else ""

    @property
    def name(self) -> str:
        metadata = self.subject.get("metadata")
        if not isinstance(metadata, Mapping):
            return ""
        return str(metadata.get("name") or metadata.get("generateName") or "")
