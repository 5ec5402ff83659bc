"""A policy uses a field that Kyverno has deprecated.

What it does
------------
Reports deprecated fields of ClusterPolicies and Policies, once for each field: `validationFailureAction` and its
overrides, `webhookTimeoutSeconds`, `failurePolicy`, `mutateExistingOnPolicyUpdate` and `generateExisting` of `spec`
(since Kyverno 1.13), `schemaValidation` (1.11), filters directly below `match` and `exclude`, `resources.name`,
`image`, `key`, `roots`, `issuer`, `subject` and `additionalExtensions` of `verifyImages`, `predicateType`, and the
actions `audit` and `enforce` in lower case. The fix moves a field where the new one says the same; where a rule has
said something of its own already, or overrides meet image verification, only a person can.

Why is this bad
---------------
Deprecated fields go away with a later version: what they set is then lost without an error, and an `Enforce` that is
lost is an `Audit`. Kyverno mentions hardly any of them when the policy is applied.

Example
-------
```yaml
spec:
  validationFailureAction: enforce
  webhookTimeoutSeconds: 30
  rules:
  - name: team
    validate:
      pattern: {metadata: {labels: {team: "?*"}}}
```

Use instead
-----------
```yaml
spec:
  webhookConfiguration:
    timeoutSeconds: 30
  rules:
  - name: team
    validate:
      failureAction: Enforce
      pattern: {metadata: {labels: {team: "?*"}}}
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

RULE = Rule(id="KYV130", name="deprecated-field", severity="warning", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import deprecated_fields

    yield from deprecated_fields.problems(stored.document, minor_of(context.config.kyverno_version))
