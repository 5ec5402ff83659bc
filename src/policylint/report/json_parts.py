"""What the JSON reports share."""

from typing import Any

from policylint.model import NotJudged, ResourceId


def resource_of(resource: ResourceId | None) -> dict[str, Any] | None:
    """The names of an object; null for what is none."""
    if resource is None:
        return None
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "namespace": resource.namespace,
        "name": resource.name,
    }


def not_judged(item: NotJudged) -> dict[str, Any]:
    """The line is null where the whole file is meant."""
    return {"path": item.path, "line": item.line or None, "what": item.what, "reason": item.reason}
