"""A variable or a reference in a policy is one that Kyverno refuses.

What it does
------------
Reports `{{ }}` variables of ClusterPolicies and Policies that are no JMESPath, that nothing provides (a context entry
misspelled, `element` outside of a foreach, `target` before there is one), or that tell who asked while the policy
also scans in the background, roles and subjects in `match` and `exclude` included. Reports variables where none may
be: in `match`, `exclude` and the paths of JSON patches. Reports `$( )` references that name no place in their rule.
What Kyverno looks for may stand anywhere in a variable: `my_request.x` passes, as it does there.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
spec:
  rules:
  - name: no-impersonation
    validate:
      message: "{{ request.userInfo.username }} may not do this"
```

Use instead
-----------
```yaml
spec:
  background: false
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/variables/
- https://github.com/kyverno/kyverno/blob/main/pkg/validation/policy/validate.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV111", name="refused-variable", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import variables

    yield from variables.problems(stored, minor_of(context.config.kyverno_version))
