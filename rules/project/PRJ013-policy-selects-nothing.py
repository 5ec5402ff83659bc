"""A policy selects nothing of what the project brings.

What it does
------------
In projects with workloads, looks for objects that the policies of the same project select: by `match` and `exclude` of
Kyverno's rules, `imageReferences`, the globs and `match` of ClusterImagePolicies, and `resourceRules`. Pods, replica
sets and jobs that controllers will make count. What manifests do not tell counts as selected: labels of namespaces,
users, operations, names that are given later, subresources.

Why is this bad
---------------
A namespace that was renamed, a label that nothing has, a registry that was left: the policy is accepted, reports
success, and checks nothing. Policies for what other projects bring are fine; the rule is off unless asked for.

Example
-------
    match:
      any:
      - resources: {kinds: [Pod], namespaces: [webshop]}     # everything is in the namespace shop

Use instead
-----------
    match:
      any:
      - resources: {kinds: [Pod], namespaces: [shop]}

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="PRJ013",
    name="policy-selects-nothing",
    severity="info",
    judges=Project,
    needs=(
        "kyverno.io/ClusterPolicy",
        "kyverno.io/Policy",
        "policies.kyverno.io/*",
        "policy.sigstore.dev/ClusterImagePolicy",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/MutatingAdmissionPolicy",
    ),
    default=False,
    profiles=("policy-set",),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.selection import problems

    yield from problems(project.documents)
