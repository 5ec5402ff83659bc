"""A policy does not fit the schema of its kind, so that the API server refuses it.

What it does
------------
Holds objects of Kyverno's kinds against their CustomResourceDefinitions (Kyverno 1.19, in every served version): types,
required fields, allowed values, ranges, and fields of which exactly one may be there. An empty value counts as absent.

Why is this bad
---------------
The API server refuses the object before Kyverno sees it: a policy that exists in a repository only.

Example
-------
    spec:
      failurePolicy: fail

Use instead
-----------
    spec:
      failurePolicy: Fail

References
----------
- https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
- https://github.com/kyverno/kyverno/tree/main/config/crds
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="KYV101",
    name="schema-violation",
    severity="error",
    judges=Stored,
    kinds=("kyverno.io/*", "policies.kyverno.io/*"),
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission import schema

    yield from schema.violations(stored.document)
