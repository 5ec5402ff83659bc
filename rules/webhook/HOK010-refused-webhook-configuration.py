"""The API server refuses a webhook configuration for what one of its webhooks says.

What it does
------------
Reports names that are not fully qualified or occur twice, empty or contradictory rules, unknown failure, match and
reinvocation policies, a `clientConfig` without exactly one valid `url` or `service`, review versions that the API
server does not speak, broken selectors, and match conditions that do not compile. Resources in capital letters or with
a wrong plural are a warning: they are admitted and match nothing.

Why is this bad
---------------
The configuration is not applied, and whatever it was to guard goes unguarded; an upgrade by Helm stops half way.

Example
-------
```yaml
webhooks:
- name: images
  rules:
  - operations: ["CREATE", "*"]
    apiGroups: [""]
    apiVersions: [v1]
    resources: [pods]
```

Use instead
-----------
```yaml
webhooks:
- name: images.example.com
  rules:
  - operations: ["*"]
    apiGroups: [""]
    apiVersions: [v1]
    resources: [pods]
```

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-configuration
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.read import Read

RULE = Rule(
    id="HOK010",
    name="refused-webhook-configuration",
    severity="error",
    judges=Read,
    kinds=(
        "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
    ),
)


def check(read: Read, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kubernetes.webhooks import problems

    yield from problems(read.shape, read.document.mapping)
