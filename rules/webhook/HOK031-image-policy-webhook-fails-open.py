"""ImagePolicyWebhook admits every image while its webhook does not answer.

What it does
------------
Reports `defaultAllow: true`.

Why is this bad
---------------
Whoever can keep the webhook from answering, by load or by taking its pod down, can run any image. The default is false.

Example
-------
    imagePolicy:
      kubeConfigFile: /etc/kubernetes/admission/webhook.kubeconfig
      defaultAllow: true

Use instead
-----------
    imagePolicy:
      kubeConfigFile: /etc/kubernetes/admission/webhook.kubeconfig
      defaultAllow: false

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#imagepolicywebhook
"""

from collections.abc import Iterator

from policylint.api import Document, Fix, Problem, Rule, RuleContext, SetValue

RULE = Rule(
    id="HOK031",
    name="image-policy-webhook-fails-open",
    severity="warning",
    kinds=("apiserver.config.k8s.io/AdmissionConfiguration",),
)


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kubernetes.api_server import ImagePolicy

    for policy in ImagePolicy.of(document):
        if policy.values.get("defaultAllow") is True:
            path = policy.path / "defaultAllow"
            yield Problem(
                path,
                "defaultAllow is true: while the webhook does not answer, every image is admitted unchecked",
                "set it to false, and keep the webhook highly available",
                fix=Fix("set defaultAllow: false", (SetValue(path, False),), safe=False),
            )
