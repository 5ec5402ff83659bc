"""Images of a namespace are not verified, because it has not asked for it.

What it does
------------
In projects with ClusterImagePolicies, reports Namespace manifests that hold workloads of the project and have no label
`policy.sigstore.dev/include`. A label that says something else than `true`, and `policy.sigstore.dev/exclude`, are
taken for decisions. Namespaces without a manifest are unknown. Turn the rule off where the controller's chart was
installed with a `namespaceSelector` of its own.

Why is this bad
---------------
policy-controller's webhook is called for namespaces with this label only. Everywhere else unsigned images run, and
the policies look as if they were in force.

Example
-------
    kind: Namespace
    metadata:
      name: shop

Use instead
-----------
    kind: Namespace
    metadata:
      name: shop
      labels: {policy.sigstore.dev/include: "true"}

References
----------
- https://docs.sigstore.dev/policy-controller/overview/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext
from policylint.views.workload import Workload

RULE = Rule(
    id="PRJ018",
    name="namespace-not-opted-in",
    severity="info",
    judges=Project,
    kinds=("policy.sigstore.dev/ClusterImagePolicy", "v1/Namespace"),
    needs=("policy.sigstore.dev/ClusterImagePolicy",),
)


def gather(document: Document) -> str | None:
    return document.namespace if any(Workload.of(document)) else None


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.namespaces import problems

    yield from problems(project.documents, project.facts)
