"""An admission policy that no binding puts into force, or a binding for a policy that is not there.

What it does
------------
Holds ValidatingAdmissionPolicies and MutatingAdmissionPolicies of the project against its bindings: each policy wants
a binding that names it, and in a project that has policies each binding wants its policy.

Why is this bad
---------------
The API server admits both halves alone. A policy without a binding checks nothing, a binding without its policy
neither.

Example
-------
```yaml
kind: ValidatingAdmissionPolicy
metadata: {name: replica-limit}
---
kind: ValidatingAdmissionPolicyBinding
spec: {policyName: replicas-limit, validationActions: [Deny]}
```

Use instead
-----------
```yaml
spec: {policyName: replica-limit, validationActions: [Deny]}
```

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#getting-started
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext, YamlPath

_POLICIES = ("ValidatingAdmissionPolicy", "MutatingAdmissionPolicy")
RULE = Rule(
    id="HOK022",
    name="unbound-admission-policy",
    severity="warning",
    judges=Project,
    kinds=tuple(f"admissionregistration.k8s.io/{kind}{half}" for kind in _POLICIES for half in ("", "Binding")),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from difflib import get_close_matches

    for kind in _POLICIES:
        policies = {_name(each): each for each in project.documents if each.kind == kind}
        bindings = [each for each in project.documents if each.kind == f"{kind}Binding"]
        bound = {str(each.get(YamlPath.of("spec", "policyName"))) for each in bindings}
        for name, policy in policies.items():
            if name not in bound:
                message = f"no {kind}Binding of this project names {name}: alone the policy checks nothing"
                yield policy, Problem(YamlPath.of("metadata", "name"), message, "add a binding with spec.policyName")
        for binding in bindings:
            wanted = binding.get(YamlPath.of("spec", "policyName"))
            if policies and isinstance(wanted, str) and wanted and wanted not in policies:
                near = get_close_matches(wanted, policies, 1)
                help_ = f"did you mean {near[0]}?" if near else f"add the {kind}, or remove the binding"
                message = f"there is no {kind} named {wanted} in this project"
                yield binding, Problem(YamlPath.of("spec", "policyName"), message, help_)


def _name(document: Document) -> str:
    return document.resource.name if document.resource is not None else ""
