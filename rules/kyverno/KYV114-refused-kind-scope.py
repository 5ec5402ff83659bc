"""A rule names a kind where its scope or a wildcard forbids it.

What it does
------------
Reports what Kyverno refuses of kinds: `*` in rules that scan in the background, beside other kinds, in rules that
generate, verify images or loop, or that look beyond `metadata`; subresources in validate rules that scan in the
background; cluster-wide kinds in a Policy; generate rules that give a cluster-wide kind a namespace, give a namespaced
one none, or reach out of a Policy's namespace; a `cloneList` that mixes scopes. Kinds of unknown scope are not judged.

Why is this bad
---------------
Kyverno refuses the policy.

Example
-------
    spec:
      rules:
      - name: exec
        match: {any: [{resources: {kinds: [Pod/exec]}}]}
        validate: ...

Use instead
-----------
    spec:
      background: false
      rules:
      - name: exec
        match: {any: [{resources: {kinds: [Pod/exec]}}]}
        validate: ...

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/
- https://kyverno.io/docs/policy-types/cluster-policy/generate/
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="KYV114",
    name="refused-kind-scope",
    severity="error",
    judges=Stored,
    kinds=("kyverno.io/ClusterPolicy", "kyverno.io/Policy"),
)


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kinds import scope

    yield from scope.problems(stored, context.kinds)
