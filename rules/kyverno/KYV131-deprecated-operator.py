"""A condition uses an operator that Kyverno has deprecated.

What it does
------------
Reports `In`, `NotIn`, `Equal` and `NotEqual` in conditions of ClusterPolicies and Policies. `Equals` and `NotEquals`
mean the same as the older spellings. For a list of values, `AllIn` means what `In` meant, and `AnyNotIn` what `NotIn`
meant, except that the new operators heed wildcards in keys with several items; the fix is safe where the key is a
single text for certain.

Why is this bad
---------------
Kyverno warns of them when the policy is applied, and will remove them: the policy is refused then.

Example
-------
```yaml
      conditions:
        all:
        - key: "{{ request.operation }}"
          operator: In
          value: [CREATE, UPDATE]
```

Use instead
-----------
```yaml
      conditions:
        all:
        - key: "{{ request.operation }}"
          operator: AllIn
          value: [CREATE, UPDATE]
```
or `AnyIn`: for a key with a single item, both say the same.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/preconditions/
- https://github.com/kyverno/kyverno/blob/main/pkg/engine/variables/operator/operator.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(
    id="KYV131", name="deprecated-operator", severity="warning", judges=Stored, kinds=("ClusterPolicy", "Policy")
)


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import deprecated_operators

    yield from deprecated_operators.problems(stored, minor_of(context.config.kyverno_version))
