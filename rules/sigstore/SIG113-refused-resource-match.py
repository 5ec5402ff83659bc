"""What a ClusterImagePolicy applies to, or its mode, is refused at the apply.

What it does
------------
Reports a `mode` besides `enforce` and `warn`, entries of `match` for resources that policy-controller does not look at,
and selectors that say no resource. Entries that are accepted and never match are `SIG142`.

Why is this bad
---------------
policy-controller's webhook refuses the whole object at `kubectl apply`, and nothing of it protects the cluster.

Example
-------
    spec:
      mode: audit
      match:
      - resource: services
        version: v1

Use instead
-----------
    spec:
      mode: warn
      match:
      - resource: pods
        version: v1

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="SIG113",
    name="refused-resource-match",
    severity="error",
    judges=Stored,
    kinds=("policy.sigstore.dev/ClusterImagePolicy",),
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.match import problems

    yield from problems(stored)
