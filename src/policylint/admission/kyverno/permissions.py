"""What Kyverno's webhook asks the cluster before it takes a policy: whether its service accounts may do the work.

Source: kyverno/kyverno pkg/policy/generate, pkg/policy/mutate and the cleanup controller's admission handler, which ask
by access reviews. Files alone cannot answer.
"""

from collections.abc import Iterator

from policylint.document.document import Document
from policylint.model import ROOT, NotJudged
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_ALWAYS = {
    "CleanupPolicy": "delete what it matches",
    "ClusterCleanupPolicy": "delete what it matches",
    "DeletingPolicy": "delete what it matches",
    "NamespacedDeletingPolicy": "delete what it matches",
    "GeneratingPolicy": "write what it generates",
    "NamespacedGeneratingPolicy": "write what it generates",
}


def questions(document: Document) -> Iterator[NotJudged]:
    """One entry for a policy whose work needs permissions in the cluster."""
    work = _ALWAYS.get(document.kind, "")
    if document.kind in ("ClusterPolicy", "Policy"):
        shape = Shape()
        rules = shape.mappings(shape.mapping(document.mapping.get("spec"), _SPEC).get("rules"), _SPEC / "rules")
        if any(rule.get("generate") for _, rule in rules):
            work = "write what it generates"
        elif any(shape.mapping(rule.get("mutate"), path).get("targets") for path, rule in rules):
            work = "change its targets"
    if work:
        place = document.location()
        yield NotJudged(place.path, place.line, "permissions", f"whether Kyverno may {work} is for the cluster to say")
