"""A policy that only audits denies requests when the registry or service that it calls does not answer.

What it does
------------
Reports policies whose rules all audit, that call a registry or another service during admission, and whose
`failurePolicy` is `Fail`, which it is when omitted. `validate` rules that audit run after the answer was given and do
not count, unless the policy emits warnings or has match conditions.

Why is this bad
---------------
`Audit` decides what happens to an image that fails verification. What happens when verification itself fails is
decided by `failurePolicy`: under `Fail`, a timeout or an error of the registry denies every request that the policy
matches, although its author wanted nothing to be denied yet.

Example
-------
```yaml
spec:
  validationFailureAction: Audit
  rules:
  - name: verify-signature
    verifyImages:
    - imageReferences: ["registry.example.com/*"]
      mutateDigest: false
```

Use instead
-----------
```yaml
spec:
  webhookConfiguration:
    failurePolicy: Ignore
```
and back to `Fail` together with the change to `Enforce`. Before Kyverno 1.13 the field is `spec.failurePolicy`.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/
- https://github.com/kyverno/kyverno/blob/main/pkg/webhooks/utils/block.go
"""

from collections.abc import Iterator

from policylint.api import Fix, Problem, RelatedPath, Rule, RuleContext, SetValue
from policylint.views.kyverno import AdmissionPolicy, minor_of

RULE = Rule(id="KYV005", name="audit-blocks-on-failure", severity="warning", judges=AdmissionPolicy)


def check(policy: AdmissionPolicy, context: RuleContext) -> Iterator[Problem]:
    failure = policy.failure_policy
    if not policy.only_audits or not policy.call_outs or failure.value != "Fail":
        return
    path = failure.path
    if not failure.explicit:
        path = policy.webhook_path("failurePolicy", minor_of(context.config.kyverno_version))
    is_fail = "is Fail" if failure.explicit else "is omitted, so Fail"
    yield Problem(
        path,
        f"this policy only audits, but its failurePolicy {is_fail}: when what it calls times out, every matching"
        " request is denied",
        help=f"Set {path}: Ignore while the policy audits, and Fail again together with Enforce.",
        related=tuple(RelatedPath(call.path, f"calls {call.callee}") for call in policy.call_outs),
        fix=Fix(f"set {path}: Ignore", (SetValue(path, "Ignore"),), safe=not failure.explicit),
    )
