"""An entry that verifies images names nobody whose signature it wants.

What it does
------------
Reports `verifyImages` entries without attestors and without attestations. An empty list is accepted by the CRD and by
the webhook.

Why is this bad
---------------
Kyverno looks up the digest of each image, writes it into the pod, and is content: no signature is ever looked at.

Example
-------
```yaml
    verifyImages:
    - imageReferences: ["ghcr.io/org/*"]
```

Use instead
-----------
```yaml
    - imageReferences: ["ghcr.io/org/*"]
      attestors:
      - entries:
        - keyless:
            issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/org/app/.github/workflows/release.yaml@refs/heads/main
            rekor: {url: https://rekor.sigstore.dev}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV142",
    name="verification-without-attestors",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import entries

    for entry in entries(policy):
        if entry.is_verified_the_old_way or entry.attestors or entry.attestations:
            continue
        yield Problem(
            entry.path,
            "no attestors and no attestations: the digest of each image is looked up, and no signature is",
            "say whose signature is wanted, under attestors",
        )
