"""The API server refuses the binding of an admission policy.

What it does
------------
Reports bindings without a policy or without validation actions, with `Deny` beside `Warn`, and with a `paramRef` that
lacks its `parameterNotFoundAction` or does not have exactly one of `name` and `selector`.

Why is this bad
---------------
A policy without a binding does nothing at all.

Example
-------
```yaml
spec:
  policyName: replica-limit
  validationActions: [Deny, Warn]
```

Use instead
-----------
```yaml
  validationActions: [Deny]
```

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-actions
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.read import Read

RULE = Rule(
    id="HOK021",
    name="refused-admission-policy-binding",
    severity="error",
    judges=Read,
    kinds=(
        "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
        "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding",
    ),
)


def check(read: Read, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kubernetes.admission_policies import binding_problems

    yield from binding_problems(read.shape, read.document)
