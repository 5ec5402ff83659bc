"""Gatekeeper refuses a constraint, or takes it and does not enforce it as written.

What it does
------------
Reports unknown enforcement actions, points, scopes and sources, broken selectors, fields that `match` does not have
(dropped, so that more is matched than meant) and API versions where groups belong (nothing is matched).

Why is this bad
---------------
A refused constraint guards nothing, and one whose `match` says something else guards something else.

Example
-------
```yaml
spec:
  enforcementAction: dry-run
  match:
    kinds: [{apiGroups: [apps/v1], kinds: [Deployment]}]
```

Use instead
-----------
```yaml
spec:
  enforcementAction: dryrun
  match:
    kinds: [{apiGroups: [apps], kinds: [Deployment]}]
```

References
----------
- https://open-policy-agent.github.io/gatekeeper/website/docs/howto/#constraints
- https://open-policy-agent.github.io/gatekeeper/website/docs/enforcement-points/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.read import Read

RULE = Rule(
    id="GTK002", name="refused-constraint", severity="error", judges=Read, kinds=("constraints.gatekeeper.sh/*",)
)


def check(read: Read, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.gatekeeper.constraints import problems

    yield from problems(read.shape, read.document)
