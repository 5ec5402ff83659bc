"""A policy enforces, and an override takes that back in every namespace.

What it does
------------
Reports overrides of the failure action to `Audit` for all namespaces (`*`, without a selector) where the policy or the
rule says `Enforce`.

Why is this bad
---------------
Nothing is denied anywhere, while the policy says Enforce at its top.

Example
-------
```yaml
      failureAction: Enforce
      failureActionOverrides:
      - {action: Audit, namespaces: ["*"]}
```

Use instead
-----------
```yaml
      failureAction: Enforce
      failureActionOverrides:
      - {action: Audit, namespaces: [playground-*]}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/validate/#validation-failure-action-overrides
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV150",
    name="enforcement-overridden-everywhere",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    overrides = {}
    for rule in policy.rules:
        if rule.validates and rule.action.action == "Enforce":
            overrides.update({override.path: override for override in rule.overrides})
    for override in overrides.values():
        if override.action.value == "Audit" and "*" in override.namespaces and not override.has_selector:
            yield Problem(
                override.path,
                "this override audits in every namespace, so that the Enforce it overrides never counts",
                "name the namespaces that are meant, or write Audit where it says Enforce",
            )
