"""The configuration: found, read, checked against its schema, and handed on as one immutable value."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from policylint.model import Severity


class ChartRender(NamedTuple):
    """One render of a chart. Paths are as written, relative to the configuration file's folder.

    `name` is what people call it, empty when nobody named it. `ci_values` says whether the chart's `ci/*-values.yaml`
    are rendered besides, each by itself on top of this; None leaves that to whether values were chosen at all.
    """

    path: str
    values: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    release: str = ""
    namespace: str = "default"
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    name: str = ""
    ci_values: bool | None = None


PROVIDERS = ("gke", "aks-kubenet", "aks-azure-cni", "aks-azure-cni-overlay", "k3s", "kubelet")
MAX_PODS_POLICIES = ("ami", "recommended")
PRESENT_KINDS = ("ResourceQuota", "LimitRange", "PodDisruptionBudget", "HorizontalPodAutoscaler")


class NodePool(NamedTuple):
    """Nodes of one sort; `nodes` is how many the pool can grow to.

    `max_pods` outranks everything else, and `provider` the `instance_type`, which is then a label only. The provider is
    empty for EKS, whose limit follows from the instance type. `max_pods_policy` is who sets the kubelet's max-pods on
    EKS: `ami` (the node image), `recommended` (a managed node group, or AWS's calculator), or empty when not declared.
    `unschedulable` nodes keep their pods and take no new ones.
    """

    name: str
    nodes: int
    instance_type: str = ""
    max_pods: int | None = None
    prefix_delegation: bool = False
    labels: Mapping[str, str] = {}
    taints: tuple[Mapping[str, str], ...] = ()
    allocatable: Mapping[str, str] = {}
    provider: str = ""
    custom_networking: bool = False
    max_pods_policy: str = ""
    unschedulable: bool = False


class OtherPods(NamedTuple):
    """Pods that run in the cluster besides the manifests: `pods` in all, or one on each node (`per_node`).

    `owner` (Kind/namespace/name) is what they belong to: to a release that has this object, they are its own pods.
    `pool` names the node pool that they stay in, empty for any. `requests` are those of one pod, None if not declared.
    """

    name: str
    pods: int = 1
    per_node: bool = False
    owner: str = ""
    pool: str = ""
    requests: Mapping[str, str] | None = None


class Cluster(NamedTuple):
    """Nodes, and what is there already. `present` are objects that bear on rollouts, such as ResourceQuotas; `unknown`
    names what else runs there and is not listed, so that nothing can be said to fit for certain."""

    node_pools: tuple[NodePool, ...]
    other_pods: tuple[OtherPods, ...] = ()
    present: tuple[Mapping[str, Any], ...] = ()
    unknown: tuple[str, ...] = ()


class ConfiguredSuppression(NamedTuple):
    """A `suppressions:` entry. `line` is where it stands in the configuration file."""

    rule: str
    path: str
    resource: str
    reason: str
    until: date | None
    line: int = 1


class Config(NamedTuple):
    """Everything a run can be told. `root` is the folder that paths in findings and patterns are relative to."""

    root: str = "."
    file: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    severity: Mapping[str, Severity] = {}
    fail_on: Severity = "error"
    profile: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    kubernetes_version: str = ""
    kyverno_version: str = ""
    rule_paths: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = {}
    policies: tuple[str, ...] = ()
    charts: tuple[ChartRender, ...] = ()
    cluster: Cluster | None = None
    suppressions: tuple[ConfiguredSuppression, ...] = ()
    baseline: str = ""
    crds: tuple[str, ...] = ()
