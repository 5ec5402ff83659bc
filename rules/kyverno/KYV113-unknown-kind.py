"""A policy names a kind that no cluster serves.

What it does
------------
Looks up the kinds in match and exclude blocks of policies and cleanup policies, in mutate targets and in generate
rules. Known are the kinds of Kubernetes 1.25 to 1.37 with their subresources (of `kubernetes-version` alone when that
is configured), those of Kyverno and of many well-known projects, and those whose CustomResourceDefinition is in the
folders that are checked, beside a file that is checked, or named by `--crd` or `crds:`. An unknown kind beside others
that exist is a warning. For a kind of a foreign API group that nothing is known of, the finding is an info.

Why is this bad
---------------
Kyverno refuses the policy, as it finds no resource for the kind. Where it finds some of the kinds, recent releases take
the policy with a warning, and the rule never sees the others.

Example
-------
    kinds: [Deploymnet, v2/Pod]

Use instead
-----------
    kinds: [Deployment, v1/Pod]

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="KYV113",
    name="unknown-kind",
    severity="error",
    judges=Stored,
    kinds=(
        "kyverno.io/ClusterPolicy",
        "kyverno.io/Policy",
        "kyverno.io/CleanupPolicy",
        "kyverno.io/ClusterCleanupPolicy",
    ),
)


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kinds import existence

    yield from existence.problems(stored, context.kinds)
