"""A rule does nothing, or more than one thing, or has another's name.

What it does
------------
Reports rules of ClusterPolicies and Policies that have none or several of `validate`, `mutate`, `generate` and
`verifyImages`, rules that share a name, and `imageExtractors` in rules without `verifyImages` or with a `jmesPath`
while digests are mutated.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
  rules:
  - name: team-label
    match: {any: [{resources: {kinds: [Pod]}}]}
    mutate: {patchStrategicMerge: {metadata: {labels: {team: shop}}}}
    validate: {pattern: {metadata: {labels: {team: "?*"}}}}
```

Use instead
-----------
```yaml
  rules:
  - name: add-team-label
    match: {any: [{resources: {kinds: [Pod]}}]}
    mutate: {patchStrategicMerge: {metadata: {labels: {team: shop}}}}
  - name: check-team-label
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {pattern: {metadata: {labels: {team: "?*"}}}}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/overview/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/rule_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV115", name="refused-rule-type", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import rule_types

    yield from rule_types.problems(stored, minor_of(context.config.kyverno_version))
