"""A keyless attestor does not say who signs, so that anybody does.

What it does
------------
Reports `keyless` attestors without an issuer and a subject, and those with an issuer only. Kyverno compares what is
given and nothing else; the webhook wants a `rekor.url` and asks for no identity.

Why is this bad
---------------
Everybody gets a certificate from the public Fulcio, for their own name. An image that anybody signed passes.

Example
-------
```yaml
        - keyless:
            rekor: {url: https://rekor.sigstore.dev}
```

Use instead
-----------
```yaml
        - keyless:
            issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/org/app/.github/workflows/release.yaml@refs/heads/main
            rekor: {url: https://rekor.sigstore.dev}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/sigstore/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV143",
    name="keyless-anybody",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import all_attestors
    from policylint.admission.kyverno.identities import anybody

    for attestor in all_attestors(policy):
        if attestor.keyless is not None:
            yield from anybody(attestor.keyless)
