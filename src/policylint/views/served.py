"""Which API versions serve the kinds that policylint reads.

Kubernetes 1.25 to 1.37 (published OpenAPI schemas), Kyverno 1.10 to 1.19 and policy-controller 0.13 (their CRDs).
"""

_CORE = ("v1",)
_APPS = ("apps/v1",)
_BATCH = ("batch/v1",)
_ADMISSION = ("admissionregistration.k8s.io/v1",)
_KYVERNO = ("kyverno.io/v1", "kyverno.io/v2beta1")
_CEL_POLICIES = ("policies.kyverno.io/v1", "policies.kyverno.io/v1beta1", "policies.kyverno.io/v1alpha1")
_NAMESPACED_CEL_POLICIES = _CEL_POLICIES[:2]
_CLEANUP = ("kyverno.io/v2", "kyverno.io/v2beta1", "kyverno.io/v2alpha1")
_SIGSTORE = ("policy.sigstore.dev/v1beta1", "policy.sigstore.dev/v1alpha1")

SERVED: dict[str, tuple[str, ...]] = {
    "Pod": _CORE,
    "PodTemplate": _CORE,
    "ReplicationController": _CORE,
    "ConfigMap": _CORE,
    "Secret": _CORE,
    "Deployment": _APPS,
    "ReplicaSet": _APPS,
    "StatefulSet": _APPS,
    "DaemonSet": _APPS,
    "Job": _BATCH,
    "CronJob": (*_BATCH, "batch/v1beta1"),
    "HorizontalPodAutoscaler": ("autoscaling/v2", "autoscaling/v1", "autoscaling/v2beta2", "autoscaling/v2beta1"),
    "ValidatingWebhookConfiguration": _ADMISSION,
    "MutatingWebhookConfiguration": _ADMISSION,
    "ClusterPolicy": _KYVERNO,
    "Policy": _KYVERNO,
    "CleanupPolicy": _CLEANUP,
    "ClusterCleanupPolicy": _CLEANUP,
    "GlobalContextEntry": ("kyverno.io/v2", "kyverno.io/v2beta1", "kyverno.io/v2alpha1"),
    "PolicyException": (*_CLEANUP, *_CEL_POLICIES),
    "ValidatingPolicy": _CEL_POLICIES,
    "ImageValidatingPolicy": _CEL_POLICIES,
    "MutatingPolicy": _CEL_POLICIES,
    "GeneratingPolicy": _CEL_POLICIES,
    "DeletingPolicy": _CEL_POLICIES,
    "NamespacedValidatingPolicy": _NAMESPACED_CEL_POLICIES,
    "NamespacedImageValidatingPolicy": _NAMESPACED_CEL_POLICIES,
    "NamespacedMutatingPolicy": _NAMESPACED_CEL_POLICIES,
    "NamespacedGeneratingPolicy": _NAMESPACED_CEL_POLICIES,
    "NamespacedDeletingPolicy": _NAMESPACED_CEL_POLICIES,
    "ClusterImagePolicy": _SIGSTORE,
    "TrustRoot": ("policy.sigstore.dev/v1alpha1",),
}
# Groups that once served one of these kinds, or are easily mistaken for the one that does.
_FORMER_GROUPS: dict[str, tuple[str, ...]] = {
    "Deployment": ("", "extensions"),
    "ReplicaSet": ("", "extensions"),
    "DaemonSet": ("", "extensions"),
    "StatefulSet": ("",),
    "Job": ("", "apps"),
    "CronJob": ("", "apps"),
    "Pod": ("apps",),
}


def served_versions(kind: str, group: str) -> tuple[str, ...]:
    """The apiVersions of `group` that serve `kind`, newest first; empty when the kind is not of that group."""
    return tuple(version for version in SERVED.get(kind, ()) if version.rpartition("/")[0] == group)


def nearest_served(kind: str, group: str) -> tuple[str, ...]:
    """What to write for a `kind` that `group` does not serve in this version; empty when it may be somebody's own.

    The same kind name in a group of its own (an operator's `ClusterPolicy`) is not ours to judge.
    """
    same_group = served_versions(kind, group)
    if same_group:
        return same_group
    return SERVED[kind] if group in _FORMER_GROUPS.get(kind, ()) else ()
