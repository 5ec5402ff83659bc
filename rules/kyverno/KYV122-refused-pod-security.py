"""An exclusion of a Pod Security control is one that Kyverno refuses.

What it does
------------
Reports entries of `validate.podSecurity.exclude` that Kyverno's admission webhook refuses: a control on containers
without images, a control on pods with images, `restrictedField` without `values` or the other way round (since
Kyverno 1.13), and a control that the level does not have.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
      podSecurity:
        level: baseline
        exclude:
        - controlName: Capabilities
```

Use instead
-----------
```yaml
      podSecurity:
        level: baseline
        exclude:
        - controlName: Capabilities
          images: ["registry.example.com/network/*"]
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/validate/#pod-security
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/rule_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(
    id="KYV122", name="refused-pod-security", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy")
)


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import pod_security

    yield from pod_security.problems(stored, minor_of(context.config.kyverno_version))
