"""An enforced image verification lets images in when it does not answer in time.

What it does
------------
Reports policies that enforce image verification with `failurePolicy: Ignore`. Policies that only audit are left alone:
there, letting requests through is what `Ignore` is for.

Why is this bad
---------------
The API server admits the pod when the webhook fails or takes longer than its timeout. A slow registry, or somebody who
makes it slow, is all that it takes to run an unsigned image.

Example
-------
```yaml
spec:
  webhookConfiguration: {failurePolicy: Ignore}
  rules:
  - name: signed
    verifyImages:
    - failureAction: Enforce
```

Use instead
-----------
```yaml
spec:
  webhookConfiguration: {failurePolicy: Fail, timeoutSeconds: 30}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV148",
    name="verification-fails-open",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import entries

    failure_policy = policy.effective_failure_policy
    enforced = [entry for entry in entries(policy) if entry.action.action == "Enforce"]
    if failure_policy.value == "Ignore" and enforced and policy.admission.value is not False:
        yield Problem(
            failure_policy.path,
            f"failurePolicy is Ignore, and {enforced[0].path} enforces: an image passes when its verification fails to"
            " answer in time",
            "use Fail, and a timeout that is long enough for the registry",
        )
