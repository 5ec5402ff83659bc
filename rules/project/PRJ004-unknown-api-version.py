"""The object's kind exists, but not in the apiVersion that the file names.

What it does
------------
Reports an apiVersion that no supported release serves for a kind that policylint judges: removed versions
(`extensions/v1beta1` Deployment), mistyped ones, and kinds filed under the wrong group.

Why is this bad
---------------
The API server answers "no matches for kind", and a linter that goes by the apiVersion would judge nothing.

Example
-------
    apiVersion: apps/v1beta1
    kind: Deployment

Use instead
-----------
    apiVersion: apps/v1
    kind: Deployment

References
----------
- https://kubernetes.io/docs/reference/using-api/deprecation-guide/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Rule, RuleContext, YamlPath
from policylint.views.served import nearest_served, served_versions

RULE = Rule(id="PRJ004", name="unknown-api-version", severity="error")


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    if document.role != "kubernetes" or not document.kind or not document.api_version:
        return
    if document.api_version in served_versions(document.kind, document.group):
        return
    served = nearest_served(document.kind, document.group)
    if served:
        yield Problem(
            YamlPath.of("apiVersion"),
            f"{document.api_version} does not serve {document.kind}; {' and '.join(served)} "
            f"{'does' if len(served) == 1 else 'do'}",
            f"write `apiVersion: {served[0]}` and adapt the fields that changed between the versions",
        )
