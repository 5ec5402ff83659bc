"""A workload's selector does not match the labels of its own pods, and the API server refuses it.

What it does
------------
Compares `spec.selector` (labels and expressions) of Deployments, ReplicaSets, StatefulSets and DaemonSets with the
labels of their pod template.

Why is this bad
---------------
`selector does not match template labels`: the object is not stored, and the apply stops there, with a part of the
release already changed. The selector cannot be edited later either.

Example
-------
    spec:
      selector:
        matchLabels: {app: web}
      template:
        metadata:
          labels: {app: website}

Use instead
-----------
    spec:
      selector:
        matchLabels: {app: web}
      template:
        metadata:
          labels: {app: web}

References
----------
- https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.api import Problem, RelatedPath, Rule, RuleContext, YamlPath
from policylint.views.label_selector import selects
from policylint.views.workload import Workload

RULE = Rule(
    id="ROL013",
    name="selector-mismatch",
    severity="error",
    judges=Workload,
    kinds=("apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "apps/DaemonSet"),
)
_SELECTOR = YamlPath.of("spec", "selector")


def check(workload: Workload, context: RuleContext) -> Iterator[Problem]:
    selector = workload.spec.get("selector")
    metadata = workload.template.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    labels = labels if isinstance(labels, dict) else {}
    if selector is None or selects(selector, labels) is not False:
        return
    path, reason = _first_miss(selector, labels)
    where = workload.template_path / "metadata" / "labels"
    message = f"the API server refuses it: the pod template's labels do not match the selector, {reason}"
    related = (RelatedPath(where, "the labels of the pods"),)
    yield Problem(path, message, "give the pods the labels that the selector asks for", related=related)


def _first_miss(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[YamlPath, str]:
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            has = f"they have {labels[key]!r}" if key in labels else "they lack it"
            return _SELECTOR / "matchLabels" / key, f"which asks for {key}: {value!r}; {has}"
    for index, expression in enumerate(selector.get("matchExpressions") or []):
        if not selects({"matchExpressions": [expression]}, labels):
            said = f"{expression.get('key')} {expression.get('operator')} {expression.get('values') or ''}".rstrip()
            return _SELECTOR / "matchExpressions" / index, f"which asks for {said}"
    return _SELECTOR, "which asks for other labels"
