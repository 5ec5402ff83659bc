"""A suite is written in the schema before `apiVersion: cli.kyverno.io/v1alpha1`.

What it does
------------
Reports a `kyverno-test.yaml` without `apiVersion` and `kind`, with `name` outside `metadata`, or with one of the
former fields of results: `status`, `resource`, `namespace`, `patchedResource`. `--fix` rewrites the whole suite, and
comments stay.

Why is this bad
---------------
`kyverno test` refuses such a file since Kyverno 1.13, and with it the whole run: the suites beside it are not run
either. policylint still runs it.

Example
-------
    name: no-latest-tag
    policies: [policy.yaml]
    resources: [pods.yaml]
    results:
    - policy: no-latest-tag
      rule: check-tag
      resource: bad-pod
      status: fail

Use instead
-----------
    apiVersion: cli.kyverno.io/v1alpha1
    kind: Test
    metadata:
      name: no-latest-tag
    policies: [policy.yaml]
    resources: [pods.yaml]
    results:
    - policy: no-latest-tag
      rule: check-tag
      resources:
      - bad-pod
      result: fail

References
----------
- https://kyverno.io/docs/kyverno-cli/reference/kyverno_fix_test/
"""

from collections.abc import Iterator

from policylint.api import Problem, RelatedPath, Rule, RuleContext
from policylint.suites.view import SuiteFile

RULE = Rule(id="SUI001", name="legacy-suite-schema", severity="warning", judges=SuiteFile)


def check(suite: SuiteFile, _context: RuleContext) -> Iterator[Problem]:
    parts = suite.old_parts()
    if not parts:
        return
    # a field that is missing has no place of its own
    path, first = next(((path, what) for path, what in parts if path[-1] not in ("apiVersion", "kind")), parts[0])
    more = f", and {len(parts) - 1} more of the kind" if len(parts) > 1 else ""
    yield Problem(
        path,
        f"this suite is written in an old schema, which `kyverno test` refuses: {first}{more}",
        help="rewrite it with `policylint check --fix`",
        related=tuple(RelatedPath(other, what) for other, what in parts if other != path)[:10],
        fix=suite.migration(),
        at="key",
    )
