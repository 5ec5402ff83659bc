"""A policy has a field that its kind does not have.

What it does
------------
Reports fields that are not in the CustomResourceDefinition of a Kyverno kind (Kyverno 1.19), with the field that may
have been meant, or the place where the field belongs. The fix renames the field when one name is near; it is unsafe,
since what did nothing takes effect then. Places where anything may stand (patterns, patches, conditions) are not looked
into.

Why is this bad
---------------
The API server drops the field without a word, and the policy does something else than it says. `kubectl apply` refuses
the file, other ways of applying it do not.

Example
-------
    verifyImages:
    - imageReference: ["ghcr.io/acme/*"]

Use instead
-----------
    verifyImages:
    - imageReferences: ["ghcr.io/acme/*"]

References
----------
- https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
- https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="KYV102",
    name="unknown-field",
    severity="warning",
    judges=Stored,
    kinds=("kyverno.io/*", "policies.kyverno.io/*"),
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission import schema

    yield from schema.unknown_fields(stored.document)
