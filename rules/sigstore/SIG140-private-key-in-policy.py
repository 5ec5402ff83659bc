"""A ClusterImagePolicy holds a private key.

What it does
------------
Looks at the inline keys of authorities (`key.data`, `keyless.ca-cert.data`) for the PEM block of a private key, an
encrypted one too: `PRIVATE KEY`, `EC PRIVATE KEY`, `ENCRYPTED SIGSTORE PRIVATE KEY` and the like.

Why is this bad
---------------
Whoever can read the file, its git history or the cluster's API can sign images as you do. policy-controller refuses
the policy besides, since it verifies with public keys.

Example
-------
    authorities:
    - key:
        data: |
          -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
          ...

Use instead
-----------
    authorities:
    - key:
        data: |
          -----BEGIN PUBLIC KEY-----
          ...

References
----------
- https://docs.sigstore.dev/cosign/key_management/signing_with_self-managed_keys/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG140", name="private-key-in-policy", severity="error", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.views.pem import classify

    for authority in policy.authorities:
        for key in (authority.key, authority.keyless.ca_cert if authority.keyless else None):
            pem = classify(key.data) if key is not None else None
            if key is not None and pem is not None and pem.kind == "private-key":
                yield Problem(
                    key.path / "data",
                    f"this is a private key ({pem.label}), so readers can sign: policy-controller refuses this policy",
                    "Put the public key here, make a new pair, and sign again: this one counts as known.",
                )
