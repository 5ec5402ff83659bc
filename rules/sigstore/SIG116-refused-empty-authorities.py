"""A ClusterImagePolicy says nobody who must have signed.

What it does
------------
Reports policies whose `spec.authorities` is absent or empty. policy-controller takes them only when its ConfigMap
`config-policy-controller` has `fail-on-empty-authorities: "false"`. The rule is silent when that ConfigMap comes
with the policy, in one chart or kustomization, or when its option `fail-on-empty-authorities` is false.

Why is this bad
---------------
policy-controller's webhook refuses the whole object at `kubectl apply`, and nothing of it protects the cluster.

Example
-------
    spec:
      images:
      - glob: registry.example.com/**

Use instead
-----------
    spec:
      images:
      - glob: registry.example.com/**
      authorities:
      - key:
          secretRef: {name: cosign-public-key}

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
- https://github.com/sigstore/policy-controller/blob/main/pkg/config/store.go
"""

from collections.abc import Iterator

from policylint.api import Document, Option, Problem, Release, Rule, RuleContext

RULE = Rule(
    id="SIG116",
    name="refused-empty-authorities",
    severity="error",
    judges=Release,
    options={
        "fail-on-empty-authorities": Option(
            {"type": "boolean"}, default=True, doc="what config-policy-controller says in the cluster"
        )
    },
)


def check(release: Release, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.sigstore.empty import allowed, problem

    if not context.options["fail-on-empty-authorities"] or allowed(release.documents):
        return
    for document in release.documents:
        if document.group == "policy.sigstore.dev" and document.kind == "ClusterImagePolicy":
            yield from ((document, each) for each in problem(document))
