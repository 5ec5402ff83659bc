"""A suite expects nothing: it has no results.

What it does
------------
Reports suites whose `results` is absent or empty.

Why is this bad
---------------
The policies are applied and nothing is compared: the suite passes whatever they do.

Example
-------
    apiVersion: cli.kyverno.io/v1alpha1
    kind: Test
    metadata:
      name: require-labels
    policies: [policy.yaml]
    resources: [pods.yaml]

Use instead
-----------
    apiVersion: cli.kyverno.io/v1alpha1
    kind: Test
    metadata:
      name: require-labels
    policies: [policy.yaml]
    resources: [pods.yaml]
    results:
    - policy: require-labels
      rule: check-for-labels
      resources: [bad-pod]
      kind: Pod
      result: fail

References
----------
- https://kyverno.io/docs/testing-policies/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext, YamlPath
from policylint.suites.view import SuiteFile

RULE = Rule(id="SUI004", name="suite-without-results", severity="warning", judges=SuiteFile)


def check(suite: SuiteFile, _context: RuleContext) -> Iterator[Problem]:
    if not suite.has_results:
        yield Problem(
            YamlPath.of("results"),
            "this suite has no results, so that it cannot fail",
            help="list what each policy should say of each resource under `results:`",
            at="key",
        )
