"""An exception names a policy or a rule that is not there.

What it does
------------
In projects that have policies, looks up what each PolicyException names: the policy by its exact name (with its
namespace, `team/policy`, for a Policy), rules by name or wildcard, and those that Kyverno adds for controllers
(`autogen-…`).

Why is this bad
---------------
Kyverno takes the exception and it excepts nothing: the workload that it was written for stays denied, or an old
exception outlives its policy and nobody dares to remove it.

Example
-------
    spec:
      exceptions:
      - policyName: require-labels
        ruleNames: [check-label]        # the rule is named check-labels

Use instead
-----------
    spec:
      exceptions:
      - policyName: require-labels
        ruleNames: [check-labels]

References
----------
- https://kyverno.io/docs/guides/exceptions/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="PRJ012",
    name="exception-for-nothing",
    severity="warning",
    judges=Project,
    kinds=("kyverno.io/*", "policies.kyverno.io/*"),
    needs=("kyverno.io/PolicyException",),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.exceptions import problems

    yield from problems(project.documents)
