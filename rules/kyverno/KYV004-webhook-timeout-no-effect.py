"""A ClusterPolicy or Policy sets a webhook timeout below the one that its webhook has anyway.

What it does
------------
Reports timeouts below Kyverno's default of 10 s in ClusterPolicies and Policies. They share one webhook per failure
policy, whose timeout is the longest of theirs and never less than the default; a policy with match conditions gets a
webhook of its own, which starts from the same default. The policies.kyverno.io kinds are not concerned.

Why is this bad
---------------
The author means requests to wait at most that long, and they wait at least 10 s all the same.

Example
-------
```yaml
spec:
  webhookConfiguration:
    timeoutSeconds: 5
```

Use instead
-----------
No timeout, or one of 10 to 30 s. To wait less than 10 s, lower `--webhookTimeout` of Kyverno's admission controller,
for all policies, and tell this rule with its option `default-timeout`.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/
- https://github.com/kyverno/kyverno/blob/main/pkg/controllers/webhook/controller.go
"""

from collections.abc import Iterator

from policylint.api import Fix, Option, Problem, RemoveKey, Rule, RuleContext
from policylint.views.kyverno import DEFAULT_TIMEOUT, LONGEST_TIMEOUT, SHORTEST_TIMEOUT, AdmissionPolicy

RULE = Rule(
    id="KYV004",
    name="webhook-timeout-no-effect",
    severity="warning",
    judges=AdmissionPolicy,
    options={
        "default-timeout": Option(
            {"type": "integer", "minimum": SHORTEST_TIMEOUT, "maximum": LONGEST_TIMEOUT},
            DEFAULT_TIMEOUT,
            "seconds that Kyverno's admission controller is given with --webhookTimeout",
        )
    },
)


def check(policy: AdmissionPolicy, context: RuleContext) -> Iterator[Problem]:
    floor = int(context.options["default-timeout"])
    timeout = policy.timeout.effective
    if not policy.shares_webhook or not policy.admission or timeout is None or timeout.value is None:
        return
    if SHORTEST_TIMEOUT <= timeout.value < floor:
        yield Problem(
            timeout.path,
            f"a timeout of {timeout.value} s has no effect: webhooks of ClusterPolicies and Policies wait at least"
            f" {floor} s",
            help=f"Remove it, or set {floor} to {LONGEST_TIMEOUT} s.",
            fix=Fix(f"remove {timeout.path}", (RemoveKey(policy.removal_path(timeout.path)),)),
        )
