"""The document looks like a Kubernetes object but lacks its apiVersion or its kind.

What it does
------------
Reports documents that have one of `apiVersion` and `kind` as a string and not the other, beside `metadata` or `spec`.

Why is this bad
---------------
Both say what the object is. Without one of them `kubectl apply` refuses the file, and no check applies to it.

Example
-------
    kind: ClusterPolicy
    metadata: {name: verify-images}

Use instead
-----------
    apiVersion: kyverno.io/v1
    kind: ClusterPolicy
    metadata: {name: verify-images}

References
----------
- https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields
"""

from collections.abc import Iterator
from typing import Any

from policylint.api import Document, Problem, Rule, RuleContext, YamlPath
from policylint.views.shape import type_name

RULE = Rule(id="PRJ005", name="incomplete-type", severity="error")
_ARTICLES = {"apiVersion": "an", "kind": "a"}


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    if document.role != "kubernetes" or not ("metadata" in document.mapping or "spec" in document.mapping):
        return
    missing = "kind" if not document.kind else "apiVersion" if not document.api_version else ""
    if missing:
        present = "apiVersion" if missing == "kind" else "kind"
        written = document.mapping.get(missing)
        state = f"its {missing} is {_described(written)}, not a name" if written is not None else f"it has no {missing}"
        yield Problem(
            YamlPath.of(missing if written is not None else present),
            f"this object has {_ARTICLES[present]} {present}, but {state}: the API server would refuse it",
            f"add `{missing}:`",
        )


def _described(value: Any) -> str:
    return "empty" if value == "" else type_name(value)
