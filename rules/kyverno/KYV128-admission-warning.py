"""Kyverno admits the policy with a warning.

What it does
------------
Reports what Kyverno's webhook warns of in ClusterPolicies and Policies, deprecations apart: a JSON patch on pods; rules
on pods whose autogen annotation leaves controllers out; rules about replicas or the status that do not match the
subresource `scale` or `status`.

Why is this bad
---------------
The policy is in place and does less than it seems to. `kubectl scale` changes replicas through the subresource
`scale`, controllers report through `status`: a rule that matches neither does not see these changes. Pods of
controllers that the annotation leaves out are still judged one by one.

Example
-------
```yaml
    match: {any: [{resources: {kinds: [Deployment]}}]}
    validate:
      pattern: {spec: {replicas: ">1"}}
```

Use instead
-----------
```yaml
    match: {any: [{resources: {kinds: [Deployment, Deployment/scale]}}]}
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/autogen/
- https://github.com/kyverno/kyverno/blob/main/pkg/validation/policy/validate.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno.versions import minor_of

RULE = Rule(id="KYV128", name="admission-warning", severity="warning", judges=Stored, kinds=("ClusterPolicy", "Policy"))


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno import policy_warnings

    yield from policy_warnings.problems(stored, minor_of(context.config.kyverno_version))
