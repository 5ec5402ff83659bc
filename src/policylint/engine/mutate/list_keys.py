"""Which lists a strategic merge merges by key, and by which keys.

The patch metadata of Kubernetes 1.21.2, the schema that kyaml 0.21 merges with (kustomize kyaml/openapi,
`x-kubernetes-patch-strategy`, `-patch-merge-key`, `-list-map-keys`). Lists that are not here are replaced as a whole,
and so is every list of a type that the schema does not know: upstream merges without inferring keys.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

_Field = tuple[tuple[str, ...] | None, str]
"""What a field is: the keys of a list that is merged (none: by its scalars), and the definition of what it holds."""


def _list(*keys: str, of: str = "") -> _Field:
    return keys, of


def _object(definition: str) -> _Field:
    return None, definition


_METADATA = {"metadata": _object("ObjectMeta")}
_TEMPLATE = {"template": _object("PodTemplateSpec")}
_NAMED = _list("name")
_BY_TYPE = {"conditions": _list("type")}
_MOUNTS = {"env": _NAMED, "volumeDevices": _list("devicePath"), "volumeMounts": _list("mountPath")}

_DEFINITIONS: Mapping[str, Mapping[str, _Field]] = {
    "ObjectMeta": {"finalizers": _list(), "ownerReferences": _list("uid")},
    "Plain": _METADATA,
    "Conditions": _BY_TYPE,
    "Conditional": {**_METADATA, "status": _object("Conditions")},
    "Workload": {**_METADATA, "spec": _object("WorkloadSpec"), "status": _object("Conditions")},
    "WorkloadSpec": _TEMPLATE,
    "PodTemplate": {**_METADATA, **_TEMPLATE},
    "PodTemplateSpec": {**_METADATA, "spec": _object("PodSpec")},
    "Pod": {**_METADATA, "spec": _object("PodSpec"), "status": _object("PodStatus")},
    "PodStatus": {**_BY_TYPE, "podIPs": _list("ip")},
    "PodSpec": {
        "containers": _list("name", of="Container"),
        "ephemeralContainers": _list("name", of="EphemeralContainer"),
        "hostAliases": _list("ip"),
        "imagePullSecrets": _NAMED,
        "initContainers": _list("name", of="Container"),
        "topologySpreadConstraints": _list("topologyKey", "whenUnsatisfiable"),
        "volumes": _list("name", of="Volume"),
    },
    "Container": {**_MOUNTS, "ports": _list("containerPort", "protocol")},
    "EphemeralContainer": _MOUNTS,
    "Volume": {"ephemeral": _object("EphemeralVolumeSource")},
    "EphemeralVolumeSource": {"volumeClaimTemplate": _object("Plain")},
    "CronJob": {**_METADATA, "spec": _object("CronJobSpec")},
    "CronJobSpec": {"jobTemplate": _object("JobTemplateSpec")},
    "JobTemplateSpec": {**_METADATA, "spec": _object("WorkloadSpec")},
    "Node": {**_METADATA, "spec": _object("NodeSpec"), "status": _object("NodeStatus")},
    "NodeSpec": {"podCIDRs": _list()},
    "NodeStatus": {**_BY_TYPE, "addresses": _list("type")},
    "Service": {**_METADATA, "spec": _object("ServiceSpec"), "status": _object("Conditions")},
    "ServiceSpec": {"ports": _list("port", "protocol")},
    "ServiceAccount": {**_METADATA, "secrets": _NAMED},
    "ComponentStatus": {**_METADATA, **_BY_TYPE},
    "CSINode": {**_METADATA, "spec": _object("CSINodeSpec")},
    "CSINodeSpec": {"drivers": _NAMED},
    "WebhookConfiguration": {**_METADATA, "webhooks": _NAMED},
}

_WEBHOOKS = {
    "MutatingWebhookConfiguration": "WebhookConfiguration",
    "ValidatingWebhookConfiguration": "WebhookConfiguration",
}
_OWN_DEFINITION: Mapping[str, Mapping[str, str]] = {
    "v1": {
        "ComponentStatus": "ComponentStatus",
        "Namespace": "Conditional",
        "Node": "Node",
        "PersistentVolumeClaim": "Conditional",
        "Pod": "Pod",
        "PodTemplate": "PodTemplate",
        "ReplicationController": "Workload",
        "Service": "Service",
        "ServiceAccount": "ServiceAccount",
    },
    "admissionregistration.k8s.io/v1": _WEBHOOKS,
    "admissionregistration.k8s.io/v1beta1": _WEBHOOKS,
    "apiregistration.k8s.io/v1": {"APIService": "Conditional"},
    "apiregistration.k8s.io/v1beta1": {"APIService": "Conditional"},
    "apps/v1": dict.fromkeys(("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"), "Workload"),
    "batch/v1": {"CronJob": "CronJob", "Job": "Workload"},
    "batch/v1beta1": {"CronJob": "CronJob"},
    "policy/v1": {"PodDisruptionBudget": "Conditional"},
    "policy/v1beta1": {"PodDisruptionBudget": "Conditional"},
    "storage.k8s.io/v1": {"CSINode": "CSINode"},
    "storage.k8s.io/v1beta1": {"CSINode": "CSINode"},
}
_PLAIN: Mapping[str, str] = {
    "v1": "Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition",
    "apps/v1": "ControllerRevision",
    "authentication.k8s.io/v1": "TokenRequest TokenReview",
    "authentication.k8s.io/v1beta1": "TokenReview",
    "authorization.k8s.io/v1": (
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"
    ),
    "authorization.k8s.io/v1beta1": (
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"
    ),
    "autoscaling/v1": "HorizontalPodAutoscaler Scale",
    "autoscaling/v2beta1": "HorizontalPodAutoscaler",
    "autoscaling/v2beta2": "HorizontalPodAutoscaler",
    "certificates.k8s.io/v1": "CertificateSigningRequest",
    "certificates.k8s.io/v1beta1": "CertificateSigningRequest",
    "coordination.k8s.io/v1": "Lease",
    "coordination.k8s.io/v1beta1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "discovery.k8s.io/v1beta1": "EndpointSlice",
    "events.k8s.io/v1": "Event",
    "events.k8s.io/v1beta1": "Event",
    "extensions/v1beta1": "Ingress",
    "flowcontrol.apiserver.k8s.io/v1beta1": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy",
    "networking.k8s.io/v1beta1": "Ingress IngressClass",
    "node.k8s.io/v1": "RuntimeClass",
    "node.k8s.io/v1beta1": "RuntimeClass",
    "policy/v1beta1": "Eviction PodSecurityPolicy",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "scheduling.k8s.io/v1beta1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver StorageClass VolumeAttachment",
    "storage.k8s.io/v1beta1": "CSIDriver CSIStorageCapacity StorageClass VolumeAttachment",
}


class Schema(NamedTuple):
    """What is known of a place in an object: the `fields` of a mapping, and `keys` of a list that is merged.

    `keys` is None for lists that are replaced, and empty for lists of scalars, which are united. `fields` are those of
    the list's items, if it is a list.
    """

    keys: tuple[str, ...] | None
    fields: Mapping[str, _Field]

    @classmethod
    def of_object(cls, value: Any) -> Self | None:
        """The schema of an object, by its apiVersion and kind; None for what is no object of a known type."""
        if not isinstance(value, dict):
            return None
        api_version, kind = value.get("apiVersion"), value.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        definition = _OWN_DEFINITION.get(api_version, {}).get(kind, "")
        if not definition and kind in _PLAIN.get(api_version, "").split():
            definition = "Plain"
        return cls(None, _DEFINITIONS[definition]) if definition else None

    def field(self, name: str) -> "Schema | None":
        """The schema of the field `name`, None when nothing below it is merged by key."""
        known = self.fields.get(name)
        return None if known is None else Schema(known[0], _DEFINITIONS.get(known[1], {}))

    def items(self) -> "Schema":
        """The schema of a list's items."""
        return Schema(None, self.fields)
