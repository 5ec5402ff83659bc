"""An entry that verifies images skips all of them.

What it does
------------
Reports `verifyImages` entries whose `skipImageReferences` hold every one of their `imageReferences`, or `*`.

Why is this bad
---------------
The policy is ready and verifies nothing.

Example
-------
```yaml
    - imageReferences: ["ghcr.io/org/*"]
      skipImageReferences: ["*"]
```

Use instead
-----------
```yaml
    - imageReferences: ["ghcr.io/org/*"]
      skipImageReferences: ["ghcr.io/org/playground*"]
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV149",
    name="all-images-skipped",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import entries
    from policylint.admission.kyverno.image_references import all_skipped

    for entry in entries(policy):
        yield from all_skipped(entry)
