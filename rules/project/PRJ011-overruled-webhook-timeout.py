"""A policy's webhook timeout does not count, because another policy's is longer.

What it does
------------
Reports timeouts of ClusterPolicies and Policies that are shorter than that of another policy with the same failure
policy: Kyverno serves them with one webhook, whose timeout is the longest of theirs. Policies with match conditions
have webhooks of their own and are left out. Timeouts below Kyverno's own default are KYV004's.

Why is this bad
---------------
Requests wait longer than the author of the policy meant them to, and it takes reading all the other policies to see
why.

Example
-------
    # one policy                              # another one
    webhookConfiguration:                     webhookConfiguration:
      timeoutSeconds: 12                        timeoutSeconds: 30

Use instead
-----------
One timeout for both, or match conditions for one of the two:

    webhookConfiguration:
      timeoutSeconds: 12
      matchConditions:
      - name: only-shop
        expression: "request.namespace == 'shop'"

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/
- https://github.com/kyverno/kyverno/blob/main/pkg/controllers/webhook/controller.go
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="PRJ011",
    name="overruled-webhook-timeout",
    severity="warning",
    judges=Project,
    kinds=("kyverno.io/ClusterPolicy", "kyverno.io/Policy"),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.timeouts import problems

    yield from problems(project.documents)
