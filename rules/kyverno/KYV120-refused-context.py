"""A context entry of a rule is one that Kyverno refuses.

What it does
------------
Reports, in the `context` of the rules of ClusterPolicies and Policies: names that are empty or taken (`images`,
`request`, `element` …); a `configMap` without a namespace; an `apiCall` with both `urlPath` and `service`; an
`imageRegistry` whose reference is no image; a `variable` with neither value nor `jmesPath`, or with a default and no
`jmesPath`; expressions that are no JMESPath. The contexts of loops and of targets are not judged, as by the webhook.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
    context:
    - name: allowed
      configMap: {name: allowed-registries}
```

Use instead
-----------
```yaml
    context:
    - name: allowed
      configMap: {name: allowed-registries, namespace: platform}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/external-data-sources/
- https://github.com/kyverno/kyverno/blob/main/pkg/validation/policy/validate.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV120", name="refused-context", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import rule_context

    yield from rule_context.problems(stored, minor_of(context.config.kyverno_version))
