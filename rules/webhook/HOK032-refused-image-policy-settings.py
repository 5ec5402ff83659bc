"""kube-apiserver does not start with these settings of ImagePolicyWebhook.

What it does
------------
Reports an `imagePolicy` without `kubeConfigFile`, and times outside of what the plugin takes: 1 to 1800 seconds for
`allowTTL` and `denyTTL`, 1 to 300000 milliseconds for `retryBackoff`, or -1 for none.

Why is this bad
---------------
The plugin checks them when kube-apiserver starts, and the control plane stays down.

Example
-------
    imagePolicy:
      kubeConfigFile: /etc/kubernetes/admission/webhook.kubeconfig
      allowTTL: 86400

Use instead
-----------
    imagePolicy:
      kubeConfigFile: /etc/kubernetes/admission/webhook.kubeconfig
      allowTTL: 1800

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#imagepolicywebhook
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Rule, RuleContext

RULE = Rule(
    id="HOK032",
    name="refused-image-policy-settings",
    severity="error",
    kinds=("apiserver.config.k8s.io/AdmissionConfiguration",),
)


def check(document: Document, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kubernetes.image_policy_settings import problems

    yield from problems(document)
