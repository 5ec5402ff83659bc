"""Kubernetes objects as policies are asked about them: named, with a namespace, and with numbers as upstream has them.

Source: cmd/cli/kubectl-kyverno/resource/resource.go `YamlToUnstructured`, commands/test/test.go `ProcessResources`.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from policylint.engine.scopes import is_cluster_scoped

# Maps that upstream's decoder leaves empty where the file says null.
_NULL_MAPS = frozenset(("labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData"))


Scopes = Collection[tuple[str, str]]


class Key(NamedTuple):
    """What tells one object of a suite from another."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind}/{place}"


def key_of(resource: Mapping[str, Any]) -> Key:
    metadata = resource.get("metadata")
    fields = metadata if isinstance(metadata, dict) else {}
    return Key(
        str(resource.get("apiVersion") or ""),
        str(resource.get("kind") or ""),
        str(fields.get("namespace") or ""),
        str(fields.get("name") or ""),
    )


def completed(resource: Mapping[str, Any], *, floats: bool, scoped: Scopes = frozenset()) -> Mapping[str, Any]:
    """The object with a namespace where its kind wants one, empty maps for nulls, and its numbers as floats."""
    cleaned: Mapping[str, Any] = _converted(resource, floats)
    key = key_of(cleaned)
    group = key.api_version.rpartition("/")[0]
    if key.namespace or is_cluster_scoped(group, key.kind) or (group, key.kind) in scoped:
        return cleaned
    metadata = cleaned.get("metadata")
    fields = metadata if isinstance(metadata, dict) else {}
    return {**cleaned, "metadata": {**fields, "namespace": "default"}}


def _converted(value: Any, floats: bool) -> Any:
    if isinstance(value, dict):
        return {
            key: {} if item is None and key in _NULL_MAPS else _converted(item, floats) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_converted(item, floats) for item in value]
    if floats and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
