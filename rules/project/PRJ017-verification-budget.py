"""Verifying the images of a pod may take longer than the API server waits.

What it does
------------
Estimates, for each policy that verifies images: images x (attestors + attestations) x round trips, against the timeout
of its webhook (Kyverno's is shared: the longest of the policies with one failure policy; policy-controller's is 25 s).
The images are those of the project's pod template that has the most of them. Nothing is measured. One check is taken
for 9 round trips (challenge, token and answer, for the digest, the manifest of signatures and the signature) of 0.25 s;
through a NAT gateway, with credentials from the instance, one check was seen to take 11 s. Set the options to yours.

Why is this bad
---------------
With `failurePolicy: Fail` the request is denied when the time is over, also for a policy that only audits, and also
for images that are signed. With `Ignore` the pod is admitted unverified.

Example
-------
    webhookConfiguration: {timeoutSeconds: 10}     # 3 images x 2 attestors x 9 x 0.25 s = 13.5 s

Use instead
-----------
    webhookConfiguration: {timeoutSeconds: 30}

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/
- https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
"""

from collections.abc import Iterator

from policylint.api import Document, Option, Problem, Project, Rule, RuleContext
from policylint.views.workload import Workload

_AT_LEAST_ONE = {"type": "integer", "minimum": 1}
_KINDS = ("ImageValidatingPolicy", "NamespacedImageValidatingPolicy")
RULE = Rule(
    id="PRJ017",
    name="verification-budget",
    severity="info",
    judges=Project,
    kinds=(
        "kyverno.io/ClusterPolicy",
        "kyverno.io/Policy",
        "policy.sigstore.dev/ClusterImagePolicy",
        *(f"policies.kyverno.io/{kind}" for kind in _KINDS),
    ),
    options={
        "images": Option(_AT_LEAST_ONE, 3, "images of a pod, where the project has none that the policy is for"),
        "round-trips": Option(_AT_LEAST_ONE, 9, "requests to the registry for one check of one image"),
        "seconds": Option({"type": "number", "exclusiveMinimum": 0}, 0.25, "seconds for one of them"),
    },
)


def gather(document: Document) -> tuple[tuple[str, ...], ...] | None:
    for workload in Workload.of(document):
        found: dict[str, set[str]] = {"initContainers": set(), "containers": set(), "ephemeralContainers": set()}
        for container in workload.containers():
            if container.image:
                found[container.list_name].add(container.image)
        return tuple(tuple(sorted(images)) for images in found.values())
    return None


def check(project: Project, context: RuleContext) -> Iterator[tuple[Document, Problem]]:
    from policylint.admission.policy_set.budget import Pace, problems

    pace = Pace(*(context.options[name] for name in ("images", "round-trips", "seconds")))
    yield from problems(project.documents, project.facts, pace)
