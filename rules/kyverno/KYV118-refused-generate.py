"""A `generate` rule is built in a way that Kyverno refuses.

What it does
------------
Reports `generate` rules of ClusterPolicies and Policies that Kyverno's admission webhook refuses: more than one of
`data`, `clone`, `cloneList` and `foreach`; a missing kind, name or apiVersion; anchors in `data`; wildcards in the
selector of `cloneList`; a rule that generates the kind that its `match.resources` names. Kyverno 1.10 to 1.13 refuse
variables in what is cloned, too. Namespaces and scopes are refused-kind-scope's matter.

Why is this bad
---------------
The webhook denies the whole policy, so none of its rules is ever applied.

Example
-------
```yaml
    generate:
      kind: ConfigMap
      name: defaults
      namespace: "{{ request.object.metadata.name }}"
      data: {data: {tier: basic}}
      clone: {name: defaults, namespace: kube-system}
```

Use instead
-----------
```yaml
    generate:
      apiVersion: v1
      kind: ConfigMap
      name: defaults
      namespace: "{{ request.object.metadata.name }}"
      clone: {name: defaults, namespace: kube-system}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/generate/
- https://github.com/kyverno/kyverno/blob/main/pkg/policy/generate/validate.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV118", name="refused-generate", severity="error", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import generate_rule

    yield from generate_rule.problems(stored, minor_of(context.config.kyverno_version))
