"""A policy denies or reports every image that is named by its tag, signed or not.

What it does
------------
Reports `verifyImages` entries with `mutateDigest: false` whose `verifyDigest` is true, as it is by default: the digest
is not added, and its absence fails. It belongs to the profile `supply-chain`; where authors must write digests, that is
what is meant.

Why is this bad
---------------
Under Enforce no image with a tag is admitted, whoever signed it; under Audit each of them fills the policy reports.

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
      failureAction: Audit
      mutateDigest: false
      verifyDigest: false
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV154",
    name="digest-demanded-and-not-set",
    severity="info",
    judges=KyvernoPolicy,
    default=False,
    profiles=("supply-chain",),
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import entries

    for entry in entries(policy):
        if entry.mutate_digest.value is False and entry.verify_digest.value is True:
            result = "is denied" if entry.action.action == "Enforce" else "fails in the reports"
            state = "true" if entry.verify_digest.explicit else "omitted, so true"
            yield Problem(
                entry.verify_digest.path,
                f"verifyDigest is {state}, and mutateDigest is false: every image with a tag {result}",
                "set verifyDigest: false if tags are meant to pass",
            )
