"""A constraint does not fit its template: there is none of its kind, or its parameters are not what that takes.

What it does
------------
In projects that have ConstraintTemplates, holds each constraint against them: its kind must be that of a template, and
its `parameters` must fit the template's schema. Parameters that the schema does not have are a warning: they are
dropped.

Why is this bad
---------------
The API server refuses a constraint of an unknown kind or with parameters of wrong types. A dropped parameter is worse:
the constraint is there, and its rego sees no value.

Example
-------
```yaml
kind: AllowedRepos            # its template has `repos`
spec:
  parameters: {repositories: [registry.example.com/]}
```

Use instead
-----------
```yaml
  parameters: {repos: [registry.example.com/]}
```

References
----------
- https://open-policy-agent.github.io/gatekeeper/website/docs/howto/#constraints
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="GTK003",
    name="constraint-without-template",
    severity="error",
    judges=Project,
    kinds=("constraints.gatekeeper.sh/*", "templates.gatekeeper.sh/ConstraintTemplate"),
    needs=("templates.gatekeeper.sh/ConstraintTemplate",),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.gatekeeper.constraints import GROUP, pair_problems

    templates = [document for document in project.documents if document.group != GROUP]
    for constraint in project.documents:
        if constraint.group == GROUP:
            for problem in pair_problems(constraint, templates):
                yield constraint, problem
