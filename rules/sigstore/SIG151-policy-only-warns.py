"""A ClusterImagePolicy warns and lets images in.

What it does
------------
Reports `mode: warn`. The rule belongs to the profile `strict`.

Why is this bad
---------------
A warning stops nothing, and tools that deploy often hide it. The mode is for trying a policy out.

Example
-------
    spec:
      mode: warn

Use instead
-----------
    spec:
      mode: enforce

References
----------
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index.md
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext, YamlPath
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(
    id="SIG151",
    name="policy-only-warns",
    severity="info",
    judges=ClusterImagePolicy,
    default=False,
    profiles=("strict",),
)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    if policy.mode == "warn":
        yield Problem(
            YamlPath.of("spec", "mode"),
            "mode warn lets images in that fail this policy",
            "Use mode: enforce once the warnings have stopped.",
        )
