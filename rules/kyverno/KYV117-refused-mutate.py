"""A `mutate` rule is built in a way that Kyverno refuses.

What it does
------------
Reports `mutate` rules of ClusterPolicies and Policies that Kyverno's admission webhook refuses: more than one of
`foreach`, `patchStrategicMerge` and `patchesJson6902`; a `foreach` without a patch, or with anything beside a nested
one; a JSON patch that is no list of operations, or has operations without a value, with a path that does not begin
with a slash, or that do not exist; labels and annotations in a merge patch whose values are no strings; targets
outside of a Policy's own namespace; `celPreconditions`, which only rules with `validate.cel` take.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
    mutate:
      patchesJson6902: |-
        - op: add
          path: metadata/labels/team
          value: shop
```

Use instead
-----------
```yaml
    mutate:
      patchesJson6902: |-
        - op: add
          path: /metadata/labels/team
          value: shop
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/mutate/
- https://github.com/kyverno/kyverno/blob/main/pkg/policy/mutate/validate.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV117", name="refused-mutate", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import mutate_rule

    yield from mutate_rule.problems(stored, minor_of(context.config.kyverno_version))
