"""A policy's webhook timeout cannot be used: outside 1 to 30 seconds, or set in two places.

What it does
------------
Reports `spec.webhookConfiguration.timeoutSeconds` and the deprecated `spec.webhookTimeoutSeconds` when they are below
1 or above 30, and the deprecated field when both are set.

Why is this bad
---------------
Kyverno refuses ClusterPolicies and Policies with such a timeout, and the API server refuses the webhook that Kyverno
would build for the policies.kyverno.io kinds. The CRDs name no limits, so `kubectl --dry-run=client` and schema
validators pass them.

Example
-------
```yaml
spec:
  webhookTimeoutSeconds: 60
```

Use instead
-----------
```yaml
spec:
  webhookConfiguration:
    timeoutSeconds: 30
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/spec_types.go
"""

from collections.abc import Iterator

from policylint.api import Fix, Problem, RelatedPath, RemoveKey, Rule, RuleContext, SetValue
from policylint.views.kyverno import LONGEST_TIMEOUT, SHORTEST_TIMEOUT, AdmissionPolicy, Field, Timeout

RULE = Rule(id="KYV003", name="webhook-timeout-out-of-range", severity="error", judges=AdmissionPolicy)


def check(policy: AdmissionPolicy, context: RuleContext) -> Iterator[Problem]:
    timeout = policy.timeout
    both = len(timeout.written) > 1
    for field in timeout.written:
        if field.value is not None and not SHORTEST_TIMEOUT <= field.value <= LONGEST_TIMEOUT:
            yield _out_of_range(field, field.value, going=both and field is timeout.deprecated)
    if both and timeout.deprecated is not None:
        yield _twice(timeout, timeout.deprecated)


def _out_of_range(field: Field[int], value: int, going: bool) -> Problem:
    """`going`: the field is to be removed anyway, so its value needs no mending."""
    fix = None
    if value > LONGEST_TIMEOUT and not going:
        fix = Fix(f"set {field.path}: {LONGEST_TIMEOUT}", (SetValue(field.path, LONGEST_TIMEOUT),))
    return Problem(
        field.path,
        f"the webhook timeout is {value} s, but must be {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT} s",
        help=f"Use a value from {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}, or omit the field for Kyverno's default.",
        fix=fix,
    )


def _twice(timeout: Timeout, deprecated: Field[int]) -> Problem:
    return Problem(
        deprecated.path,
        f"{deprecated.path} and {timeout.current.path} are both set: Kyverno refuses this policy",
        help=f"Remove the deprecated {deprecated.path}.",
        related=(RelatedPath(timeout.current.path, "the field that counts"),),
        fix=Fix(
            f"remove {deprecated.path}",
            (RemoveKey(deprecated.path),),
            safe=deprecated.value == timeout.current.value,
        ),
    )
