"""The images of a ClusterImagePolicy are refused at the apply.

What it does
------------
Reports policies without `spec.images`, entries without a `glob`, and globs with characters that none may hold. A glob
has letters, digits, `- _ : / . @` and stars: `*` stops at `/`, `**` does not. The `?` and `[a-z]` that other tools know
are refused, and Kyverno's `*`, which crosses `/`, is `**` here.

Why is this bad
---------------
policy-controller's webhook refuses the whole object at `kubectl apply`, and nothing of it protects the cluster.

Example
-------
    spec:
      images:
      - glob: registry.example.com/team-?/*

Use instead
-----------
    spec:
      images:
      - glob: registry.example.com/team-*/*

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="SIG110",
    name="refused-images",
    severity="error",
    judges=Stored,
    kinds=("policy.sigstore.dev/ClusterImagePolicy",),
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.images import problems

    yield from problems(stored)
