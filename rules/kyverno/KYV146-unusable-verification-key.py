"""Nothing can be verified with a key or certificate of a policy.

What it does
------------
Reads the PEM in `keys.publicKeys`, `certificates.cert` and `certificates.certChain`: placeholder text, damaged base64,
something else than a public key or a certificate, and private keys, which are an error. A `kms` value, or a public key
that is no PEM, must be a URI of a place that cosign knows. Kyverno's webhook checks none of this.

Why is this bad
---------------
The policy is accepted, and then every image fails to verify: under Enforce nothing that it selects starts any more. A
private key in a policy can be read by everybody who can read policies.

Example
-------
```yaml
        - keys:
            publicKeys: |-
              -----BEGIN PUBLIC KEY-----
              <paste your key here>
              -----END PUBLIC KEY-----
```

Use instead
-----------
The text that `cosign public-key` prints, or `k8s://NAMESPACE/SECRET`.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/sigstore/
- https://docs.sigstore.dev/cosign/key_management/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV146",
    name="unusable-verification-key",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import all_attestors
    from policylint.admission.kyverno.keys import problems

    for attestor in all_attestors(policy):
        yield from problems(attestor)
