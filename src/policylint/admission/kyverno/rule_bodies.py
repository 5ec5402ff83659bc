"""The rules of a ClusterPolicy or Policy as the author wrote them, with their places."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.stored import Stored
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

GROUP = "kyverno.io"
KINDS = ("ClusterPolicy", "Policy")
NEWEST = (1, 19)
REFUSED = "Kyverno refuses this policy"

Version = tuple[int, int] | None


class RuleBody(NamedTuple):
    """One rule; `data` may hold anything, read it through a `Shape`."""

    path: YamlPath
    data: Mapping[str, Any]


def rules_of(stored: Stored) -> Iterator[RuleBody]:
    """The rules of `stored` when it is a policy of kyverno.io, else nothing."""
    document = stored.document
    if document.group != GROUP or document.kind not in KINDS:
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), ROOT / "spec")
    for path, rule in shape.mappings(spec.get("rules"), ROOT / "spec" / "rules"):
        yield RuleBody(path, rule)


def policy_namespace(stored: Stored) -> str | None:
    """The namespace that a namespaced policy names; None for a ClusterPolicy, and where `kubectl` decides it."""
    return stored.document.namespace if stored.document.kind == "Policy" else None


def is_at_least(kyverno: Version, since: tuple[int, int]) -> bool:
    """Whether the configured Kyverno, the newest when none is, is `since` or later."""
    return (kyverno or NEWEST) >= since


def text_of(value: object) -> str:
    """A string field; empty where it is absent or of another type, which is the schema's business."""
    return value if isinstance(value, str) else ""


def key_after(mapping: Mapping[str, Any]) -> str:
    """The key before which to add another one: the first, when it holds much; empty where it is a line of its own."""
    first, value = next(iter(mapping.items()))
    return first if isinstance(value, dict | list) else ""
