"""A verifyImages entry mutates digests while it only audits.

What it does
------------
Reports entries whose `mutateDigest` is true while their failure action is `Audit`, both after defaulting: an omitted
`mutateDigest` is true, and an omitted action is `Audit`. An entry without a `failureAction` takes the one that the
entry before it ended with, and only the first takes `spec.validationFailureAction`.

Why is this bad
---------------
Kyverno's admission webhook refuses the whole policy ("mutateDigest must be set to false for 'Audit' failure action"),
so nothing of it is ever applied. Omitting both fields is enough.

Example
-------
```yaml
spec:
  validationFailureAction: Audit
  rules:
  - name: verify-signature
    verifyImages:
    - imageReferences: ["registry.example.com/*"]
```

Use instead
-----------
```yaml
    - imageReferences: ["registry.example.com/*"]
      mutateDigest: false
```
or `failureAction: Enforce`, when images that fail verification are to be denied.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/image_verification_types.go
"""

from collections.abc import Iterator

from policylint.api import Fix, Problem, RelatedPath, Rule, RuleContext, SetValue
from policylint.views.kyverno import EffectiveAction, KyvernoPolicy, minor_of

RULE = Rule(id="KYV001", name="mutate-digest-audit", severity="error", judges=KyvernoPolicy)

_FIX = "set mutateDigest: false"
_CHECKED_SINCE = (1, 10)


def check(policy: KyvernoPolicy, context: RuleContext) -> Iterator[Problem]:
    if (minor_of(context.config.kyverno_version) or _CHECKED_SINCE) < _CHECKED_SINCE:
        return
    for entry in (entry for rule in policy.rules for entry in rule.verify_images):
        digest, action = entry.mutate_digest, entry.action
        if digest.value is True and action.audits:
            is_true = "is true" if digest.explicit else "is omitted, so true"
            yield Problem(
                digest.path,
                f"mutateDigest {is_true}, while the failure action is Audit ({_origin(action)}):"
                " Kyverno refuses this policy",
                help="Set mutateDigest: false here, or failureAction: Enforce if unverified images are to be denied.",
                related=(RelatedPath(action.path, f"Audit comes from here: {_origin(action)}"),),
                fix=Fix(_FIX, (SetValue(digest.path, False),), safe=True),
            )


def _origin(action: EffectiveAction) -> str:
    if action.origin == "default":
        return "spec.validationFailureAction is omitted, so Audit"
    if action.origin == "earlier entry":
        return "set by an earlier entry of this rule, whose failureAction goes on to count"
    return f"{action.path} sets it"
