"""Two enforced rules for the same resources demand different values of one field.

What it does
------------
Compares the patterns of enforced `validate` rules that have the same `match`, `exclude`, preconditions and context. A
plain value (no wildcard, operator, anchor or variable) that differs for the same field cannot be met twice.

Why is this bad
---------------
Every resource that the rules select is denied, whatever it says. Each policy passes its own tests.

Example
-------
    pattern: {metadata: {labels: {tier: gold}}}       # one policy
    pattern: {metadata: {labels: {tier: silver}}}     # another one

Use instead
-----------
Different resources for the two, or one of the values for both.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/validate/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="PRJ015",
    name="contradictory-policies",
    severity="warning",
    judges=Project,
    kinds=("kyverno.io/ClusterPolicy", "kyverno.io/Policy"),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.rules import contradictions

    yield from contradictions(project.documents)
