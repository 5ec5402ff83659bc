"""The CUE or Rego policy of a ClusterImagePolicy is refused at the apply.

What it does
------------
Reports, in `spec.policy` and in the policies of attestations: a `type` besides `cue` and `rego`; not exactly one of
`data`, `configMapRef` and `remote`; references without name or key; remote policies that are not served over https, or
have no `sha256sum`; and, in attestations, the fields that only `spec.policy` has. What the CUE or Rego says is not
looked at, neither here nor by the webhook. The webhook's own message leaves `policy` out of the path.

Why is this bad
---------------
policy-controller's webhook refuses the whole object at `kubectl apply`, and nothing of it protects the cluster.

Example
-------
    spec:
      policy:
        type: rego
        remote:
          url: http://policies.example.com/image.rego

Use instead
-----------
    spec:
      policy:
        type: rego
        remote:
          url: https://policies.example.com/image.rego
          sha256sum: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="SIG112",
    name="refused-policy",
    severity="error",
    judges=Stored,
    kinds=("policy.sigstore.dev/ClusterImagePolicy",),
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.policies import problems

    yield from problems(stored)
