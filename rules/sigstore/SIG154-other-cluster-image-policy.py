"""A ClusterImagePolicy has the fields of the other kind of that name.

What it does
------------
OpenShift has a ClusterImagePolicy in `config.openshift.io` (with `scopes` and `rootOfTrust`), and policy-controller one
in `policy.sigstore.dev` (with `images` and `authorities`). Reports objects of one with fields that only the other has.

Why is this bad
---------------
The two have nothing in common but their name: the API server drops the foreign fields or refuses the object.

Example
-------
    apiVersion: config.openshift.io/v1
    kind: ClusterImagePolicy
    spec:
      images: [{glob: "registry.example.com/**"}]

Use instead
-----------
    apiVersion: policy.sigstore.dev/v1beta1
    kind: ClusterImagePolicy
    spec:
      images: [{glob: "registry.example.com/**"}]

References
----------
- https://docs.openshift.com/container-platform/latest/rest_api/config_apis/clusterimagepolicy-config-openshift-io-v1.html
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index.md
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, RelatedPath, Rule, RuleContext, YamlPath

RULE = Rule(
    id="SIG154",
    name="other-cluster-image-policy",
    severity="warning",
    kinds=("config.openshift.io/ClusterImagePolicy", "policy.sigstore.dev/ClusterImagePolicy"),
)

_SIGSTORE, _OPENSHIFT = "policy.sigstore.dev", "config.openshift.io"
_FIELDS = {_SIGSTORE: ("images", "authorities", "mode", "match"), _OPENSHIFT: ("scopes",)}


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    spec = document.mapping.get("spec")
    other = _OPENSHIFT if document.group == _SIGSTORE else _SIGSTORE
    foreign = [field for field in _FIELDS[other] if field in spec] if isinstance(spec, dict) else []
    if foreign:
        yield Problem(
            YamlPath.of("apiVersion"),
            f"spec.{foreign[0]} is a field of the ClusterImagePolicy of {other}, and this one is of {document.group}",
            f"Write the apiVersion of {other}, or the fields of {document.group}.",
            related=(RelatedPath(YamlPath.of("spec", foreign[0]), "the field is here"),),
        )
