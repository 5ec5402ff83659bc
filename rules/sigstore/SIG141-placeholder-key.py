"""The key of a ClusterImagePolicy is the text of an example.

What it does
------------
Looks at the inline keys of authorities for PEM lines around words instead of base64, as tutorials have them. Values
that are filled in later (`${PUBLIC_KEY}`, or `PUBLIC_KEY` alone) are not reported; keys that are damaged or of
another sort are `SIG111`.

Why is this bad
---------------
policy-controller refuses the policy: what is there is no key.

Example
-------
    authorities:
    - key:
        data: |
          -----BEGIN PUBLIC KEY-----
          put the content of cosign.pub here
          -----END PUBLIC KEY-----

Use instead
-----------
    authorities:
    - key:
        data: |
          -----BEGIN PUBLIC KEY-----
          MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaEOVJCFtduYr3xqTxeRWSW32CY/s
          TBNZj4oIUPl8JvhVPJ1TKDPlNcuT4YphSt6t3yOmMvkdQbCj8broX6vijw==
          -----END PUBLIC KEY-----

References
----------
- https://docs.sigstore.dev/cosign/key_management/signing_with_self-managed_keys/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG141", name="placeholder-key", severity="error", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.fields import stands_in
    from policylint.views.pem import classify

    for authority in policy.authorities:
        for key in (authority.key, authority.keyless.ca_cert if authority.keyless else None):
            if key is not None and not stands_in(key.data) and classify(key.data).kind == "prose":
                yield Problem(
                    key.path / "data",
                    "between the lines of this key is text, not a key: policy-controller refuses this policy",
                    "Put the content of cosign.pub here, as `cosign generate-key-pair` wrote it.",
                )
