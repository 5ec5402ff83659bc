"""The configuration: found, read, checked against its schema, and handed on as one immutable value."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from policylint.model import Severity


class ChartRender(NamedTuple):
    """One render of a chart. Paths are as written, relative to the configuration file's folder."""

    path: str
    values: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    release: str = ""
    namespace: str = "default"
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


class NodePool(NamedTuple):
    """Nodes of one sort. `max_pods` outranks `instance_type`; `nodes` is how many the pool can grow to."""

    name: str
    nodes: int
    instance_type: str = ""
    max_pods: int | None = None
    prefix_delegation: bool = False
    labels: Mapping[str, str] = {}
    taints: tuple[Mapping[str, str], ...] = ()
    allocatable: Mapping[str, str] = {}


class OtherPods(NamedTuple):
    """Pods that run in the cluster besides the manifests: `pods` in all, or one on each node (`per_node`)."""

    name: str
    pods: int = 1
    per_node: bool = False


class Cluster(NamedTuple):
    node_pools: tuple[NodePool, ...]
    other_pods: tuple[OtherPods, ...] = ()


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
