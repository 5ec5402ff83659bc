"""A TrustRoot is refused at the apply, or accepted with a part that does not work.

What it does
------------
Reports trust roots that are not exactly one of `repository`, `remote` and `sigstoreKeys`; a `root` that is not the
base64 of a signed root.json; a `mirrorFS` that is no packed repository; authorities without a subject, URI or chain;
timestamp authorities whose chain cannot be read or has several signers; logs without a URL, hash algorithm or key. The
webhook goes by the last part of `sigstoreKeys` only; what it so overlooks is a warning. Whether a TUF repository has
expired is not judged.

Why is this bad
---------------
policy-controller's webhook refuses the object, and every policy that names it as `trustRootRef` has nothing to verify
with.

Example
-------
    spec:
      sigstoreKeys:
        certificateAuthorities:
        - uri: https://fulcio.example.com
          certChain: LS0tLS1CRUdJTi...

Use instead
-----------
    spec:
      sigstoreKeys:
        certificateAuthorities:
        - subject: {organization: example, commonName: fulcio}
          uri: https://fulcio.example.com
          certChain: LS0tLS1CRUdJTi...

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1alpha1/trustroot_validation.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="SIG114", name="refused-trust-root", severity="error", judges=Stored, kinds=("policy.sigstore.dev/TrustRoot",)
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.trust_root import problems

    yield from problems(stored)
