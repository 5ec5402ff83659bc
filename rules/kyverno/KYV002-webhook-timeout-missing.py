"""A policy calls a registry or another service during admission and sets no webhook timeout.

What it does
------------
Reports Kyverno policies that make the API server wait for a registry (`verifyImages`, `context.imageRegistry`,
signed manifests, ImageValidatingPolicy, `image.GetMetadata`) or for another service (`context.apiCall.service`,
`http.Get`, `http.Post`) while no webhook timeout is set. Calls to the API server itself do not count, nor do rules
that run after the answer was given: `generate`, mutation of existing resources, and `validate` rules that only audit.

Why is this bad
---------------
The webhook gets Kyverno's default of 10 s, to be shared by everything that is verified in one request. Several
images, a cold cache or a slow registry exceed it, and with `failurePolicy: Fail` the request is then denied. A longer
timeout leaves room for slow answers; it does not help when the registry cannot be reached at all, and every request
that the webhook handles may wait as long.

Example
-------
```yaml
spec:
  rules:
  - name: verify-signature
    verifyImages:
    - imageReferences: ["registry.example.com/*"]
```

Use instead
-----------
```yaml
spec:
  webhookConfiguration:
    timeoutSeconds: 30
```
or, before Kyverno 1.13, `spec.webhookTimeoutSeconds`.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/
- https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
"""

from collections.abc import Iterator

from policylint.api import Fix, Problem, RelatedPath, Rule, RuleContext, SetValue
from policylint.views.kyverno import DEFAULT_TIMEOUT, LONGEST_TIMEOUT, AdmissionPolicy, minor_of

RULE = Rule(id="KYV002", name="webhook-timeout-missing", severity="warning", judges=AdmissionPolicy)


def check(policy: AdmissionPolicy, context: RuleContext) -> Iterator[Problem]:
    if policy.timeout.written or not policy.call_outs:
        return
    path = policy.webhook_path("timeoutSeconds", minor_of(context.config.kyverno_version))
    called = " and ".join(sorted({call.callee for call in policy.call_outs}))
    yield Problem(
        path,
        f"this policy calls {called} during admission and sets no timeout: it gets the default of {DEFAULT_TIMEOUT} s",
        help=f"Set {path} to what the calls may take, at most {LONGEST_TIMEOUT}. That gives slow answers time;"
        " it does not help when there is no answer.",
        related=tuple(RelatedPath(call.path, f"calls {call.callee}") for call in policy.call_outs),
        fix=Fix(f"set {path}: {LONGEST_TIMEOUT}", (SetValue(path, LONGEST_TIMEOUT),), safe=True),
    )
