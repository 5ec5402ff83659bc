"""No signature can have a keyless identity of a Kyverno policy.

What it does
------------
Reports exact identities that contradict what Fulcio writes: an issuer that is spelt otherwise than it spells itself, a
workflow vouched for by an issuer of people, an e-mail address vouched for by GitHub Actions, a workflow without the
ref that its subject ends with. Values with wildcards are left alone.

Why is this bad
---------------
The attestor can never pass, so that images with a good signature are denied.

Example
-------
```yaml
        - keyless:
            issuer: https://token.actions.githubusercontent.com/
            subject: https://github.com/org/app/.github/workflows/release.yaml
```

Use instead
-----------
```yaml
        - keyless:
            issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/org/app/.github/workflows/release.yaml@refs/heads/main
```

References
----------
- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV145",
    name="kyverno-identity-never-matches",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import all_attestors
    from policylint.admission.kyverno.identities import impossible

    for attestor in all_attestors(policy):
        if attestor.keyless is not None:
            yield from impossible(attestor.keyless)
