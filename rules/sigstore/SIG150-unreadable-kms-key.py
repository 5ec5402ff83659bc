"""The URI of a KMS key is accepted, and then cannot be read.

What it does
------------
Holds `kms` against the forms that the clients of Google, Azure and Vault take. Admission looks at the prefix only, and
at the whole for AWS, which `SIG111` reports.

Why is this bad
---------------
The controller fails to fetch the key after the policy was accepted, and takes the policy out of force. Only the
policy's status says so.

Example
-------
    key:
      kms: gcpkms://my-project/my-ring/my-key

Use instead
-----------
    key:
      kms: gcpkms://projects/my-project/locations/global/keyRings/my-ring/cryptoKeys/my-key/cryptoKeyVersions/1

References
----------
- https://docs.sigstore.dev/cosign/key_management/overview/
- https://github.com/sigstore/policy-controller/blob/main/pkg/reconciler/clusterimagepolicy/clusterimagepolicy.go
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG150", name="unreadable-kms-key", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.fields import filled_in
    from policylint.admission.sigstore.kms import unreadable

    for authority in policy.authorities:
        for key in (authority.key, authority.keyless.ca_cert if authority.keyless else None):
            reason = unreadable(key.kms) if key is not None and not filled_in(key.kms) else ""
            if key is not None and reason:
                yield Problem(
                    key.path / "kms",
                    f"{key.kms} cannot be read, {reason}: the policy is accepted and taken out of force",
                    "Write the URI as the provider's client takes it.",
                )
