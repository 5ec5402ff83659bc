"""A rule's match or exclude is built in a way that Kyverno refuses.

What it does
------------
Reports, in the rules of ClusterPolicies and Policies: `any` beside `all`, or beside `resources`; `name` beside
`names`; filters without resources or kinds; roles that are not `namespace:name`; subjects that are no User, Group or
ServiceAccount, or lack what these need; selectors that are invalid or ask for nothing; `namespaces` in a Policy; an
`exclude` that leaves nothing of what is matched. Kinds themselves are KYV113's and KYV114's.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
    match:
      any:
      - resources: {kinds: [Pod]}
    exclude:
      any:
      - resources: {kinds: [Pod]}
```

Use instead
-----------
```yaml
    exclude:
      any:
      - resources: {kinds: [Pod], namespaces: [kube-system]}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/rule_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV112", name="refused-match", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import match

    yield from match.problems(stored, minor_of(context.config.kyverno_version))
