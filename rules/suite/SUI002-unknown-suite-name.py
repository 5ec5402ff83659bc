"""A suite names a policy, rule, resource or file that does not exist.

What it does
------------
Looks up what a suite names: the files under `policies`, `resources`, `variables` and the like, the policies, rules and
resources of its results, and the files with expected objects. Suggests the nearest name that exists.

Why is this bad
---------------
`kyverno test` passes a row whose rule does not exist, leaves out resources that do not, and, when none of an entry's
resources exists, checks all others instead. A mistyped name so turns a test into one that cannot fail.

Example
-------
    results:
    - policy: require-labels
      rule: check-for-lables        # the rule is called check-for-labels
      resources: [bad-pod]
      kind: Pod
      result: fail

Use instead
-----------
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

from policylint.api import Problem, Rule, RuleContext
from policylint.suites.view import SuiteFile

RULE = Rule(id="SUI002", name="unknown-suite-name", severity="error", judges=SuiteFile)


def check(suite: SuiteFile, _context: RuleContext) -> Iterator[Problem]:
    for path, message in suite.unknown_names():
        yield Problem(path, message)
