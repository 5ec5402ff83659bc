"""An authority of a ClusterImagePolicy is refused at the apply.

What it does
------------
Reports authorities that are not exactly one of `key`, `keyless` and `static`; keys that are not exactly one of `data`,
`kms` and `secretRef`; key data that is no public key (a certificate, a damaged key); unknown hash algorithms and KMS
URIs (of AWS only ARNs are taken); keyless authorities without identities, identities without an issuer or a subject,
and regular expressions that RE2 cannot compile; static actions besides `pass` and `fail`, and what makes no sense
beside them; sources that are no registry; attestations without a name or a predicate type. Values with a part that is
filled in later (`${KEY}`) are not judged. Private keys are `SIG140`, example texts `SIG141`.

Why is this bad
---------------
policy-controller's webhook refuses the whole object at `kubectl apply`, and nothing of it protects the cluster.

Example
-------
    authorities:
    - key:
        kms: awskms:///alias/signing
    - keyless:
        identities:
        - issuer: https://token.actions.githubusercontent.com

Use instead
-----------
    authorities:
    - key:
        kms: awskms:///arn:aws:kms:eu-west-1:111122223333:alias/signing
    - keyless:
        identities:
        - issuer: https://token.actions.githubusercontent.com
          subject: https://github.com/org/app/.github/workflows/release.yaml@refs/heads/main

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/common/validation.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="SIG111",
    name="refused-authority",
    severity="error",
    judges=Stored,
    kinds=("policy.sigstore.dev/ClusterImagePolicy",),
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.authorities import problems

    yield from problems(stored)
