"""A `validate` rule is built in a way that Kyverno refuses.

What it does
------------
Reports `validate` rules of ClusterPolicies and Policies that Kyverno's admission webhook refuses: none or several of
`pattern`, `anyPattern`, `deny`, `foreach`, `podSecurity`, `cel` and `manifests`; a `foreach` without a list or with
none or several checks; anchors that a pattern does not take; an existence anchor without a list; labels and
annotations in patterns whose values are no strings; `cel` with half of its parameters, or beside `context`. Warns of
`assert`, which has no effect since Kyverno 1.19. CEL expressions are not compiled.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
    validate:
      message: containers have limits
      pattern:
        spec:
          ^(containers):
            +(resources): {limits: {memory: "?*"}}
```

Use instead
-----------
```yaml
    validate:
      message: containers have limits
      pattern:
        spec:
          containers:
          - resources: {limits: {memory: "?*"}}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/validate/
- https://github.com/kyverno/kyverno/blob/main/pkg/policy/validate/validate.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV116", name="refused-validate", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import validate_rule

    yield from validate_rule.problems(stored, minor_of(context.config.kyverno_version))
