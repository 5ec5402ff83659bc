"""A keyless identity of a Kyverno policy matches more signers than it says.

What it does
------------
Reports regular expressions that match everything (a warning), and as a remark those without `^` and `$` or with a dot
that stands for any character; and issuers and subjects that are nothing but wildcards.

Why is this bad
---------------
`github.com/org/` is found inside `https://github.com/attacker/github.com/org/` too. Whoever can choose a name that
contains yours can sign for you.

Example
-------
```yaml
        - keyless:
            issuer: https://token.actions.githubusercontent.com
            subjectRegExp: github.com/org/
```

Use instead
-----------
```yaml
            subjectRegExp: ^https://github\\.com/org/app/\\.github/workflows/release\\.yaml@refs/heads/main$
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/sigstore/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV144",
    name="kyverno-identity-too-broad",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import all_attestors
    from policylint.admission.kyverno.identities import broad

    for attestor in all_attestors(policy):
        if attestor.keyless is not None:
            yield from broad(attestor.keyless)
