"""The files that configure ImagePolicyWebhook do not agree, so that kube-apiserver does not start or asks nobody.

What it does
------------
Holds kube-apiserver's static pod, the AdmissionConfiguration and the kubeconfig of a project against each other: the
names of the files that they name, the folders that are mounted, the plugin among the enabled ones, and the contexts,
clusters and users of the kubeconfig.

Why is this bad
---------------
kube-apiserver reads all of them when it starts. One wrong name, and the control plane stays down; an enabled plugin
that is not configured does the same, a configured one that is not enabled checks no image at all.

Example
-------
    - --admission-control-config-file=/etc/kubernetes/admission/configuration.yaml    # the file is config.yaml

Use instead
-----------
    - --admission-control-config-file=/etc/kubernetes/admission/config.yaml

References
----------
- https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#imagepolicywebhook
"""

from collections.abc import Iterator

from policylint.api import Document, Problem, Project, Rule, RuleContext

RULE = Rule(
    id="HOK030",
    name="image-policy-webhook-mismatch",
    severity="error",
    judges=Project,
    needs=("apiserver.config.k8s.io/AdmissionConfiguration",),
    kinds=("apiserver.config.k8s.io/AdmissionConfiguration", "v1/Config", "v1/Pod"),
)


def check(project: Project, _context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.kubernetes.image_policy import problems

    yield from problems(project.documents)
