"""Which kinds have no namespace: those of Kubernetes 1.25 to 1.33, of Kyverno, and of what is commonly beside them.

Every kind that is not here counts as namespaced, as in upstream (data/api-group-resources.json).
"""

from collections.abc import Mapping

_CLUSTER_SCOPED: Mapping[str, frozenset[str]] = {
    "": frozenset(("ComponentStatus", "Namespace", "Node", "PersistentVolume")),
    "admissionregistration.k8s.io": frozenset(
        (
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        )
    ),
    "apiextensions.k8s.io": frozenset(("CustomResourceDefinition",)),
    "apiregistration.k8s.io": frozenset(("APIService",)),
    "authentication.k8s.io": frozenset(("SelfSubjectReview", "TokenReview")),
    "authorization.k8s.io": frozenset(("SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview")),
    "certificates.k8s.io": frozenset(("CertificateSigningRequest", "ClusterTrustBundle")),
    "flowcontrol.apiserver.k8s.io": frozenset(("FlowSchema", "PriorityLevelConfiguration")),
    "internal.apiserver.k8s.io": frozenset(("StorageVersion",)),
    "kyverno.io": frozenset(("ClusterCleanupPolicy", "ClusterPolicy", "GlobalContextEntry")),
    "metrics.k8s.io": frozenset(("NodeMetrics",)),
    "networking.k8s.io": frozenset(("IPAddress", "IngressClass", "ServiceCIDR")),
    "node.k8s.io": frozenset(("RuntimeClass",)),
    "policies.kyverno.io": frozenset(
        ("DeletingPolicy", "GeneratingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "ValidatingPolicy")
    ),
    "policy": frozenset(("PodSecurityPolicy",)),
    "rbac.authorization.k8s.io": frozenset(("ClusterRole", "ClusterRoleBinding")),
    "reports.kyverno.io": frozenset(("ClusterEphemeralReport",)),
    "resource.k8s.io": frozenset(("DeviceClass", "ResourceSlice")),
    "scheduling.k8s.io": frozenset(("PriorityClass",)),
    "storage.k8s.io": frozenset(("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass")),
    "storagemigration.k8s.io": frozenset(("StorageVersionMigration",)),
    "wgpolicyk8s.io": frozenset(("ClusterPolicyReport",)),
}


def is_cluster_scoped(group: str, kind: str) -> bool:
    """Whether objects of this kind have no namespace; `group` is empty for the core group."""
    return kind in _CLUSTER_SCOPED.get(group, ())
