"""A policy's metadata or spec holds what Kyverno refuses.

What it does
------------
Reports, for ClusterPolicies and Policies: names of more than 63 characters; the autogen annotation with `all`;
`failurePolicy` set twice; the removed `generateExistingOnPolicyUpdate`; `mutateExistingOnPolicyUpdate` for mutate
rules without targets; `admission: false` for policies that do more than validate, or beside `background: false`;
match conditions that are no CEL expressions; overrides of the failure action that contradict each other, or that
stand in a Policy. Warns of a namespace of a ClusterPolicy, which only Kyverno's CLI refuses. Timeouts are KYV003's.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
spec:
  admission: false
  background: false
```

Use instead
-----------
```yaml
spec:
  admission: false
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/spec_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV110", name="refused-policy-spec", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import spec

    yield from spec.problems(stored, minor_of(context.config.kyverno_version))
