"""A `verifyImages` entry is built in a way that Kyverno refuses.

What it does
------------
Reports `verifyImages` entries of ClusterPolicies and Policies that Kyverno's admission webhook refuses: no image
references, or variables in them; attestors without entries, or with a `count` above their number; entries with none
or several of `keys`, `certificates`, `keyless` and a nested `attestor`, at any depth; `keys`, `certificates` and
`keyless` without what they verify by; the old `issuer` without `roots`; and keys in entries of type Notary. Digest
mutation while auditing is mutate-digest-audit.

Why is this bad
---------------
The webhook denies the whole policy, so no image is verified by it. The field documentation is no help: it says that
an empty `rekor` means the public log, and the webhook refuses it.

Example
-------
```yaml
      attestors:
      - count: 2
        entries:
        - keyless:
            issuer: https://token.actions.githubusercontent.com
            rekor: {}
```

Use instead
-----------
```yaml
      attestors:
      - count: 1
        entries:
        - keyless:
            issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/example/app/.github/workflows/release.yaml@refs/heads/main
            rekor: {url: https://rekor.sigstore.dev}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/image_verification_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(
    id="KYV119", name="refused-verify-images", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy")
)


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import verify_images

    yield from verify_images.problems(stored, minor_of(context.config.kyverno_version))
