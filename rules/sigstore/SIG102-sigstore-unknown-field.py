"""A ClusterImagePolicy or TrustRoot has a field that its schema does not know.

What it does
------------
Reports fields that the CustomResourceDefinition of the object's version has not, with the nearest name that it has.
`ctlog`, for instance, belongs beside `keyless`, not inside it.

Why is this bad
---------------
The API server drops the field without a word (`kubectl` refuses it with strict validation), and what it was meant to
ask for is not asked for.

Example
-------
    authorities:
    - key:
        secretref: {name: cosign-public-key}

Use instead
-----------
    authorities:
    - key:
        secretRef: {name: cosign-public-key}

References
----------
- https://github.com/sigstore/policy-controller/tree/main/config
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Rule, RuleContext

RULE = Rule(
    id="SIG102",
    name="sigstore-unknown-field",
    severity="warning",
    kinds=("policy.sigstore.dev/ClusterImagePolicy", "policy.sigstore.dev/TrustRoot"),
)


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.schema import unknown_fields

    yield from unknown_fields(document)
