"""Gatekeeper refuses a ConstraintTemplate, or no constraint can be made from it.

What it does
------------
Reports templates whose name is not their kind in lower case, that do not have exactly one target
`admission.k8s.gatekeeper.sh`, whose rego has no package or no `violation` rule or imports what it may not, whose
libraries are no packages under `lib`, and `v1` templates with a schema that leaves types out. The rego itself is not
judged.

Why is this bad
---------------
The template is refused, so that the kind of its constraints never exists and they are refused as well. A schema without
types is found later: Gatekeeper takes the template and cannot make its CustomResourceDefinition.

Example
-------
```yaml
kind: ConstraintTemplate
metadata: {name: allowed-repos}
spec:
  crd: {spec: {names: {kind: AllowedRepos}}}
```

Use instead
-----------
```yaml
metadata: {name: allowedrepos}
```

References
----------
- https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.read import Read

RULE = Rule(
    id="GTK001",
    name="refused-constraint-template",
    severity="error",
    judges=Read,
    kinds=("templates.gatekeeper.sh/ConstraintTemplate",),
)


def check(read: Read, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.gatekeeper.templates import problems

    yield from problems(read.shape, read.document)
