"""A condition is one that Kyverno refuses.

What it does
------------
Reports preconditions and deny conditions of ClusterPolicies and Policies without a key, an operator or a value, with
an operator that does not exist, with `any` or `all` inside a list, and comparisons of `{{ request.operation }}` with
what is no operation. In the conditions of loops only operators are judged, as by the webhook.

Why is this bad
---------------
The schema leaves these conditions open, so the API server takes anything; then the webhook denies the whole policy,
and none of its rules is ever applied.

Example
-------
```yaml
    preconditions:
      all:
      - key: "{{ request.operation }}"
        operator: AnyIn
        value: [create, update]
```

Use instead
-----------
```yaml
    preconditions:
      all:
      - key: "{{ request.operation }}"
        operator: AnyIn
        value: [CREATE, UPDATE]
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/preconditions/
- https://github.com/kyverno/kyverno/blob/main/pkg/validation/policy/validate.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV121", name="refused-condition", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import conditions

    yield from conditions.problems(stored, minor_of(context.config.kyverno_version))
