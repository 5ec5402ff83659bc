"""The API server refuses a ValidatingAdmissionPolicy or MutatingAdmissionPolicy.

What it does
------------
Reports policies without resource rules, validations or mutations, contradictory rules, broken selectors, unknown
choices (`failurePolicy`, `matchPolicy`, `reason`, `patchType`), messages with line breaks, and CEL expressions that are
no CEL or use names that are not declared where they stand. The types of expressions are not judged.

Why is this bad
---------------
The policy is not applied, so that nothing is checked.

Example
-------
```yaml
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
  validations:
  - expression: "object.spec.replicas <= params.maxReplicas"   # and there is no paramKind
```

Use instead
-----------
```yaml
spec:
  paramKind: {apiVersion: rules.example.com/v1, kind: ReplicaLimit}
```

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.read import Read

RULE = Rule(
    id="HOK020",
    name="refused-admission-policy",
    severity="error",
    judges=Read,
    kinds=(
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/MutatingAdmissionPolicy",
    ),
)


def check(read: Read, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kubernetes.admission_policies import policy_problems

    yield from policy_problems(read.shape, read.document)
