"""A policy is a string inside a ConfigMap or Secret, where nothing applies it.

What it does
------------
Reports policies of sigstore, Kyverno, Gatekeeper and Kubernetes itself that lie as text in the data of a ConfigMap or
Secret.

Why is this bad
---------------
Admission controllers read their own kinds from the API, not ConfigMaps. The policy protects nothing, and no webhook
ever looks whether it is valid. Tools that apply manifests out of ConfigMaps (ClusterResourceSet) are the exception.

Example
-------
    kind: ConfigMap
    data:
      policy.yaml: |
        apiVersion: policy.sigstore.dev/v1beta1
        kind: ClusterImagePolicy

Use instead
-----------
    apiVersion: policy.sigstore.dev/v1beta1
    kind: ClusterImagePolicy

References
----------
- https://docs.sigstore.dev/policy-controller/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext, YamlPath
from policylint.views.embedded import Embedded

_GROUPS = {
    "policy.sigstore.dev": "policy-controller",
    "kyverno.io": "Kyverno",
    "policies.kyverno.io": "Kyverno",
    "templates.gatekeeper.sh": "Gatekeeper",
    "constraints.gatekeeper.sh": "Gatekeeper",
    "admissionregistration.k8s.io": "the API server",
}
RULE = Rule(
    id="SIG149",
    name="policy-in-config-map",
    severity="warning",
    judges=Embedded,
    kinds=tuple(f"{group}/*" for group in _GROUPS),
)


def check(embedded: Embedded, _context: RuleContext) -> Iterator[Problem]:
    document = embedded.document
    yield Problem(
        YamlPath.of("kind"),
        f"this {document.kind} is text inside another object: nothing applies it, and {_GROUPS[document.group]} never"
        " sees it",
        "Make it a manifest of its own, and apply that.",
    )
