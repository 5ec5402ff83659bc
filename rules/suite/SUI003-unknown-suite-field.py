"""A suite has a field that suites do not have, or a value of a wrong type.

What it does
------------
Holds a suite against the fields of `cli.kyverno.io/v1alpha1` as `kyverno test` decodes it: case does not matter,
anything else does. Fields of the old schema are SUI001's.

Why is this bad
---------------
`kyverno test` decodes suites strictly: it refuses the file, and with it the whole run.

Example
-------
    results:
    - policy: require-labels
      resource_names: [bad-pod]
      result: fail

Use instead
-----------
    results:
    - policy: require-labels
      resources: [bad-pod]
      result: fail

References
----------
- https://htmlpreview.github.io/?https://github.com/kyverno/kyverno/blob/main/docs/user/cli/kyverno_kubectl.v1alpha1.html
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.suites.view import SuiteFile

RULE = Rule(id="SUI003", name="unknown-suite-field", severity="error", judges=SuiteFile)


def check(suite: SuiteFile, _context: RuleContext) -> Iterator[Problem]:
    for problem in suite.refused():
        if not problem.repeated:  # PRJ002 says that
            message = f"{problem.message}; `kyverno test` refuses the suite"
            yield Problem(problem.path, message, at="key" if problem.unknown else "value")
