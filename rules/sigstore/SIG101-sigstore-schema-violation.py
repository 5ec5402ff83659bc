"""A ClusterImagePolicy or TrustRoot has a value of a type that its schema does not take.

What it does
------------
Holds the object against the schema of its version's CustomResourceDefinition: lists, mappings, strings, booleans.

Why is this bad
---------------
The API server refuses the object before policy-controller sees it.

Example
-------
    spec:
      images: registry.example.com/**

Use instead
-----------
    spec:
      images:
      - glob: registry.example.com/**

References
----------
- https://github.com/sigstore/policy-controller/tree/main/config
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Rule, RuleContext

RULE = Rule(
    id="SIG101",
    name="sigstore-schema-violation",
    severity="error",
    kinds=("policy.sigstore.dev/ClusterImagePolicy", "policy.sigstore.dev/TrustRoot"),
)


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.schema import violations

    yield from violations(document)
