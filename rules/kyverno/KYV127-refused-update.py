"""A change of a policy that Kyverno refuses, although the policy by itself is fine.

What it does
------------
Compares policies with what the cluster has of them: `policylint check --against REV` takes the policies of a git
revision for that, `--against DIR` those in a folder. The name, exclusions, preconditions and context of a generate
rule must stay as they are, and its match as well when a rule of the policy synchronises. A changed source or target
(`clone`, `kind`, `namespace` …) is admitted with a warning.

Why is this bad
---------------
The new policy passes every check and works in a new cluster, but cannot be applied where the old one is. After a
change of what is generated, the objects generated before are left alone and go stale.

Example
-------
    - name: default-deny          # was: deny-all
      generate:
        kind: NetworkPolicy

Use instead
-----------
A second rule with the new name, or delete the policy and create it again.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/generate/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext, Update

RULE = Rule(
    id="KYV127",
    name="refused-update",
    severity="error",
    judges=Update,
    kinds=("kyverno.io/ClusterPolicy", "kyverno.io/Policy"),
)


def check(update: Update, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.update import problems
    from policylint.admission.stored import Stored

    for old in Stored.of(update.old):
        for new in Stored.of(update.new):
            yield from problems(old, new)
