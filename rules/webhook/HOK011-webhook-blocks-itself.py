"""A webhook that must answer guards the pods that are to answer.

What it does
------------
Reports webhooks with `failurePolicy: Fail` that are called when pods are created, served by a service in a namespace
that no selector leaves out. Selectors on other labels than `kubernetes.io/metadata.name` are taken to leave it out.

Why is this bad
---------------
When all pods of the service are gone (a node drain, a crash, an eviction), the API server cannot reach the webhook, so
it denies every new pod, those that would serve the webhook among them. Nothing starts until somebody deletes the
configuration by hand.

Example
-------
```yaml
webhooks:
- name: images.example.com
  failurePolicy: Fail
  clientConfig: {service: {name: image-guard, namespace: security}}
  rules:
  - {operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}
```

Use instead
-----------
```yaml
  namespaceSelector:
    matchExpressions:
    - {key: kubernetes.io/metadata.name, operator: NotIn, values: [security, kube-system]}
```

References
----------
- https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Rule, RuleContext

RULE = Rule(
    id="HOK011",
    name="webhook-blocks-itself",
    severity="warning",
    kinds=(
        "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
    ),
)


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kubernetes.self_block import problems

    yield from problems(document)
