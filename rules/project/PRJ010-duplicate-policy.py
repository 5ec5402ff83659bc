"""Two policies of one folder are the same object.

What it does
------------
Reports policies (and exceptions) that have the kind, the namespace and the name of another one in the same folder,
unless both say the same. Folders are compared with themselves only: one folder for each environment is common.

Why is this bad
---------------
`kubectl apply -f` takes a folder whole, and the second of the two replaces the first without a word. What the first
one guarded goes unguarded.

Example
-------
    # a.yaml
    kind: ClusterPolicy
    metadata: {name: require-labels}
    # b.yaml
    kind: ClusterPolicy
    metadata: {name: require-labels}

Use instead
-----------
    # b.yaml
    kind: ClusterPolicy
    metadata: {name: require-owner}

References
----------
- https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="PRJ010",
    name="duplicate-policy",
    severity="warning",
    judges=Project,
    kinds=("kyverno.io/*", "policies.kyverno.io/*", "policy.sigstore.dev/*"),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.names import problems

    yield from problems(project.documents)
