"""What a suite's values, user and mocks say: the data behind variables, namespaces, subresources and context entries.

Source: apis/v1alpha1/values_spec.go, variables/variables.go (which value wins), userinfo/load.go.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.engine.request import GroupVersionKind, UserInfo

_EMPTY: Mapping[str, Any] = {}


class Subresource(NamedTuple):
    """Objects of the type `gvk` stand for the subresource `name` of `parent`, such as a Scale for `scale`."""

    gvk: GroupVersionKind
    parent: GroupVersionKind
    name: str


class Values(NamedTuple):
    """A ValuesSpec. Keys of value maps are dotted paths, as in `request.object.metadata.name`."""

    data: Mapping[str, Any] = _EMPTY

    @property
    def global_values(self) -> Mapping[str, Any]:
        return _mapping(self.data.get("globalValues"))

    def variables(self, policy: str, resource: str) -> Mapping[str, Any]:
        """The values for one policy and resource: global ones, then those of every matching entry in order."""
        found = dict(self.global_values)
        for entry in self._policies(policy):
            for each in _mappings(entry.get("resources")):
                if each.get("name") == resource:
                    found.update(_mapping(each.get("values")))
        return found

    def rules(self, policy: str) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
        """Each rule of a policy that has values: its name, the values, and the lists of values for `foreach`."""
        for entry in self._policies(policy):
            for rule in _mappings(entry.get("rules")):
                yield str(rule.get("name") or ""), _mapping(rule.get("values")), _mapping(rule.get("foreachValues"))

    def namespace_labels(self) -> Mapping[str, Mapping[str, str]]:
        """Labels by namespace. Whole namespaces win over selectors."""
        labels = {
            str(each.get("name") or ""): _mapping(each.get("labels"))
            for each in _mappings(self.data.get("namespaceSelector"))
        }
        for namespace in self.namespaces():
            metadata = _mapping(namespace.get("metadata"))
            labels[str(metadata.get("name") or "")] = _mapping(metadata.get("labels"))
        return labels

    def namespaces(self) -> list[Mapping[str, Any]]:
        return _mappings(self.data.get("namespaces"))

    def subresources(self) -> list[Subresource]:
        found = []
        for each in _mappings(self.data.get("subresources")):
            subresource, parent = _mapping(each.get("subresource")), _mapping(each.get("parentResource"))
            name = str(subresource.get("name") or "").partition("/")[2]
            found.append(Subresource(_gvk(subresource), _gvk(parent), name))
        return found

    def named(self) -> Iterator[tuple[str, str, str]]:
        """What the values are for: the sort of thing (policy, rule or resource), its policy, and its name."""
        for entry in _mappings(self.data.get("policies")):
            policy = str(entry.get("name") or "")
            yield "policy", policy, policy
            for rule in _mappings(entry.get("rules")):
                yield "rule", policy, str(rule.get("name") or "")
            for resource in _mappings(entry.get("resources")):
                yield "resource", policy, str(resource.get("name") or "")

    def _policies(self, policy: str) -> Iterator[Mapping[str, Any]]:
        return (entry for entry in _mappings(self.data.get("policies")) if entry.get("name") == policy)


def user_info(data: Mapping[str, Any]) -> UserInfo:
    """The requester that a UserInfo file declares."""
    user = _mapping(data.get("userInfo"))
    extra = {name: list(_strings(values)) for name, values in _mapping(user.get("extra")).items()}
    return UserInfo(
        username=str(user.get("username") or ""),
        groups=_strings(user.get("groups")),
        roles=_strings(data.get("roles")),
        cluster_roles=_strings(data.get("clusterRoles")),
        extra=extra,
    )


def _gvk(data: Mapping[str, Any]) -> GroupVersionKind:
    return GroupVersionKind(*(str(data.get(key) or "") for key in ("group", "version", "kind")))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _EMPTY


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    items: Sequence[Any] = value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, dict)]


def _strings(value: Any) -> tuple[str, ...]:
    items: Iterable[Any] = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, str))
