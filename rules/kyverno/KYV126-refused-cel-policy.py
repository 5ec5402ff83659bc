"""A policy of policies.kyverno.io is built in a way that Kyverno refuses.

What it does
------------
Reports ValidatingPolicies, ImageValidatingPolicies, MutatingPolicies, GeneratingPolicies, DeletingPolicies and their
namespaced forms that Kyverno's admission webhook refuses: no resource rules in `matchConstraints`, `http` in a
namespaced policy (since Kyverno 1.18), a MutatingPolicy with neither admission nor mutation of existing resources, a
schedule that is none, a glob with an open bracket, and expressions that are empty, not CEL, of a wrong type, or use
names that are not declared. Functions, and the fields of objects, are not judged.

Why is this bad
---------------
The webhook denies the policy, so it is never applied.

Example
-------
```yaml
spec:
  matchConstraints: {}
  validations:
  - expression: "object.spec.containers.all(c, has(c.resources.limits)"
```

Use instead
-----------
```yaml
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
  validations:
  - expression: "object.spec.containers.all(c, has(c.resources.limits))"
```

References
----------
- https://kyverno.io/docs/policy-types/overview/
- https://github.com/kyverno/kyverno/tree/main/pkg/cel/policies
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

_KINDS = ("ValidatingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "GeneratingPolicy", "DeletingPolicy")

RULE = Rule(
    id="KYV126",
    name="refused-cel-policy",
    severity="error",
    judges=Stored,
    kinds=tuple(f"policies.kyverno.io/{prefix}{kind}" for kind in _KINDS for prefix in ("", "Namespaced")),
)


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import cel_policy

    yield from cel_policy.problems(stored, minor_of(context.config.kyverno_version))
