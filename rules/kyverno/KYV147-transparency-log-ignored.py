"""A policy verifies signatures without the logs that show when and by whom they were made.

What it does
------------
Reports `rekor.ignoreTlog: true` and `ctlog.ignoreSCT: true`. It belongs to the profile `supply-chain`: for keys of
one's own and private images, no log is a choice that can be made.

Why is this bad
---------------
A stolen key or a certificate that was issued by mistake leaves no trace. A keyless certificate is valid for ten
minutes, and without the log nothing says that the signature is from within them.

Example
-------
```yaml
        - keys:
            publicKeys: k8s://security/cosign
            rekor: {ignoreTlog: true}
```

Use instead
-----------
```yaml
            rekor: {url: https://rekor.example.com}
```

References
----------
- https://docs.sigstore.dev/logging/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV147",
    name="transparency-log-ignored",
    severity="info",
    judges=KyvernoPolicy,
    default=False,
    profiles=("supply-chain",),
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import all_attestors

    for attestor in all_attestors(policy):
        for path in attestor.ignored_logs:
            yield Problem(path, f"{path[-1]} is true: nothing shows when a signature was made", "use a log of your own")
