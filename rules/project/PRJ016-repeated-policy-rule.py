"""A rule does what a rule of another policy does already.

What it does
------------
Reports `validate` rules with the match, the exclusions, the preconditions, the context and the check of a rule in
another policy, whatever their names and messages are.

Why is this bad
---------------
The second one is evaluated and reported for nothing. Where one of the two audits and the other enforces, whoever
loosens one of them will wonder why nothing changes.

Example
-------
    # two policies, one rule
    validate:
      pattern: {spec: {hostNetwork: false}}

Use instead
-----------
One of the two.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/validate/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="PRJ016",
    name="repeated-policy-rule",
    severity="info",
    judges=Project,
    kinds=("kyverno.io/ClusterPolicy", "kyverno.io/Policy"),
    default=False,
    profiles=("policy-set",),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.rules import repeated

    yield from repeated(project.documents)
