"""An exception takes every resource, or every rule of a policy, out of it.

What it does
------------
Reports PolicyExceptions whose `match` names kinds and nothing else (no names, namespaces, selectors, users), and those
with `ruleNames: ["*"]` for such a match. Exceptions with conditions are left alone.

Why is this bad
---------------
The policy is in force and applies to nothing. Whoever reads the policy does not see it.

Example
-------
```yaml
spec:
  exceptions:
  - {policyName: require-signatures, ruleNames: ["*"]}
  match:
    any:
    - resources: {kinds: [Pod]}
```

Use instead
-----------
```yaml
  match:
    any:
    - resources: {kinds: [Pod], namespaces: [legacy], names: [importer-*]}
```

References
----------
- https://kyverno.io/docs/guides/exceptions/
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="KYV151",
    name="exception-from-everything",
    severity="warning",
    judges=Stored,
    kinds=("kyverno.io/PolicyException",),
)


_NARROWS = ("name", "names", "namespaces", "selector", "namespaceSelector", "annotations", "operations")
_WHO = ("subjects", "roles", "clusterRoles")


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.model import ROOT
    from policylint.views.shape import Shape

    shape, path = Shape(), ROOT / "spec" / "match"
    spec = shape.mapping(stored.data.get("spec"), ROOT / "spec")
    match = shape.mapping(spec.get("match"), path)
    if spec.get("conditions"):
        return
    for key in ("any", "all"):
        for here, part in shape.mappings(match.get(key), path / key):
            resources = shape.mapping(part.get("resources"), here / "resources")
            if not any(part.get(field) for field in _WHO) and not any(
                _narrow(resources.get(each)) for each in _NARROWS
            ):
                kinds = ", ".join(text for _, text in shape.strings(resources.get("kinds"), here)) or "object"
                yield Problem(
                    here,
                    f"this exception is for every {kinds} in every namespace: what it excepts from applies to none",
                    "name the resources that are meant, or remove the rule",
                )


def _narrow(value: object) -> bool:
    return bool(value) and value not in ("*", ["*"])
