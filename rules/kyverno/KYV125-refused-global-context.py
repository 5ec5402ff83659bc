"""A global context entry is one that Kyverno refuses.

What it does
------------
Reports GlobalContextEntries with an `apiCall` that has both or none of `urlPath` and `service`, data without
`method: POST`, or a refresh interval of nothing; with a `kubernetesResource` that lacks its group; and with
projections that have no name, the entry's own, or no valid JMESPath.

Why is this bad
---------------
The webhook denies the entry, and the rules that read it fail.

Example
-------
```yaml
spec:
  apiCall:
    service: {url: https://registry.example.com/allowed}
    data: [{key: team, value: shop}]
```

Use instead
-----------
```yaml
spec:
  apiCall:
    method: POST
    service: {url: https://registry.example.com/allowed}
    data: [{key: team, value: shop}]
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/external-data-sources/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v2/global_context_entry_types.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV125", name="refused-global-context", severity="error", judges=Stored, kinds=("GlobalContextEntry",))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import global_context

    yield from global_context.problems(stored, minor_of(context.config.kyverno_version))
