"""An image verification only audits.

What it does
------------
Reports `verifyImages` entries whose failure action is `Audit`. It belongs to the profile `supply-chain`: auditing is
how such a policy begins, and not how it should stay.

Why is this bad
---------------
Unsigned images run, and a policy report says so.

Example
-------
```yaml
    - imageReferences: ["ghcr.io/org/*"]
      failureAction: Audit
      mutateDigest: false
```

Use instead
-----------
```yaml
    - imageReferences: ["ghcr.io/org/*"]
      failureAction: Enforce
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV152",
    name="audit-only-verification",
    severity="info",
    judges=KyvernoPolicy,
    default=False,
    profiles=("supply-chain",),
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import entries

    for entry in entries(policy):
        if entry.action.audits:
            yield Problem(entry.action.path, "this verification audits: unsigned images run", "use Enforce in the end")
