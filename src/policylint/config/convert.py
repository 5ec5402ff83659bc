"""Plain data of a configuration file to a `Config`, key by key. Agrees with config/schema.json, without its cost.

A test feeds both the same configurations. What only this module refuses is what a schema cannot say: path patterns
that match nothing, days that the calendar does not have.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from policylint.config import (
    MAX_PODS_POLICIES,
    PRESENT_KINDS,
    PROVIDERS,
    Cluster,
    Config,
    ConfiguredSuppression,
    NodePool,
    OtherPods,
)
from policylint.config.charts import chart_renders
from policylint.config.patterns import compile_pattern
from policylint.config.setting import Setting
from policylint.model import SEVERITIES, Severity

_Convert = Callable[[Setting], Any]

_VERSION = re.compile(r"v?[0-9]+\.[0-9]+(\.[0-9]+)?\Z")
_QUANTITY = re.compile(
    r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][-+]?[0-9]+)?\Z"
)  # apimachinery resource.ParseQuantity, without signs
_EKS_ONLY = ("prefix-delegation", "custom-networking", "max-pods-policy")
_OWNER = re.compile(r"[^/\s]+/[^/\s]+/[^/\s]+\Z")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def convert(setting: Setting, root: str, file: str) -> Config:
    """The configuration that the mapping `setting` describes. Raises ConfigError at the first thing that is wrong."""
    return Config(root=root, file=file)._replace(**setting.fields(_CONFIG))


def _severity(setting: Setting) -> Severity:
    return cast("Severity", setting.choice(SEVERITIES))


def _severities(setting: Setting) -> dict[str, Severity]:
    return {key: _severity(entry) for key, entry in setting.entries().items()}


def _version(setting: Setting) -> str:
    return setting.matching(_VERSION, "a version such as '1.31'").removeprefix("v")


def _exclude(setting: Setting) -> tuple[str, ...]:
    patterns = setting.texts()
    for item in setting.items():
        # `!` takes back what an earlier pattern excludes, so it may match nothing by itself
        _check_pattern(item, item.text().removeprefix("!"))
    return patterns


def _check_pattern(setting: Setting, pattern: str) -> None:
    try:
        compile_pattern(pattern)
    except ValueError as error:
        raise setting.error(f"{setting.path.parent}: {error}", "key") from error


def _per_file_ignores(setting: Setting) -> dict[str, tuple[str, ...]]:
    entries = setting.entries()
    for pattern, entry in entries.items():
        _check_pattern(entry, pattern)
    return {pattern: entry.some_texts() for pattern, entry in entries.items()}


def _rules(setting: Setting) -> dict[str, dict[str, Any]]:
    return {
        rule: {option: value.data for option, value in entry.entries().items()}
        for rule, entry in setting.entries().items()
    }


def _cluster(setting: Setting) -> Cluster:
    return Cluster(**setting.fields(_CLUSTER, required=("node-pools",)))


def _node_pools(setting: Setting) -> tuple[NodePool, ...]:
    items = setting.items("a list of node pools")
    if not items:
        raise setting.error(f"{setting.path} is empty: a cluster has at least one node pool", "key")
    return tuple(_node_pool(item) for item in items)


def _node_pool(setting: Setting) -> NodePool:
    fields = setting.fields(_NODE_POOL, required=("name", "count"))
    pool = NodePool(nodes=fields.pop("count"), **fields)
    if pool.max_pods is None and not pool.instance_type and not pool.provider:
        message = f"{setting.path} has no capacity: give it 'max-pods' (pods per node), 'instance-type' or 'provider'"
        raise setting.error(message)
    for key in _EKS_ONLY if pool.provider else ():
        if key.replace("-", "_") in fields:
            raise setting.error(f"{setting.path} has both 'provider' and {key!r}, which is for EKS: remove one of them")
    return pool


def _string_map(setting: Setting) -> dict[str, str]:
    return {key: _maybe_empty(entry) for key, entry in setting.entries().items()}


def _maybe_empty(setting: Setting) -> str:
    # a label or a taint may well have the value ""
    return "" if setting.data == "" else setting.text()


def _taints(setting: Setting) -> tuple[dict[str, str], ...]:
    items = setting.items("a list of taints")
    return tuple(item.fields(_TAINT, required=("key", "effect")) for item in items)


def _allocatable(setting: Setting) -> dict[str, str]:
    return {resource: _quantity(entry) for resource, entry in setting.entries().items()}


def _quantity(setting: Setting) -> str:
    value = setting.data
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return str(value)
    return setting.matching(_QUANTITY, "a quantity such as '2', '1930m' or '4Gi'")


def _other_pods(setting: Setting) -> tuple[OtherPods, ...]:
    return tuple(_other_pod(item) for item in setting.items("a list of pods"))


def _other_pod(setting: Setting) -> OtherPods:
    fields = setting.fields(_OTHER_PODS, required=("name",))
    if "per" in fields and "pods" in fields:
        raise setting.error(f"{setting.path} has both 'per' and 'pods': give one of them")
    return OtherPods(per_node=fields.pop("per", None) is not None, **fields)


def _owner(setting: Setting) -> str:
    return setting.matching(_OWNER, "an object as Kind/namespace/name")


def _present(setting: Setting) -> tuple[dict[str, Any], ...]:
    return tuple(_object(item) for item in setting.items("a list of objects"))


def _object(setting: Setting) -> dict[str, Any]:
    entries = setting.entries()
    for key in ("apiVersion", "kind", "metadata"):
        if key not in entries:
            raise setting.error(f"{setting.path} lacks the key {key!r}")
    entries["apiVersion"].text()
    metadata = entries["metadata"].entries()
    if "name" not in metadata:
        raise entries["metadata"].error(f"{setting.path}.metadata lacks the key 'name'")
    for entry in metadata.values():
        entry.text()
    setting.below("kind", entries["kind"].data).choice(PRESENT_KINDS)
    for key, entry in entries.items():
        if key in ("spec", "status"):
            entry.entries()
        elif key not in ("apiVersion", "kind", "metadata"):
            raise entry.error(f"unknown key {key!r} in {setting.path}", "key")
    return dict(setting.data)


def _suppressions(setting: Setting) -> tuple[ConfiguredSuppression, ...]:
    return tuple(_suppression(item) for item in setting.items("a list of suppressions"))


def _suppression(setting: Setting) -> ConfiguredSuppression:
    fields = setting.fields(_SUPPRESSION, required=("rule", "reason"))
    line = setting.locate(setting.path, "value").line
    return ConfiguredSuppression(
        fields["rule"],
        fields.get("path", ""),
        fields.get("resource", ""),
        fields["reason"],
        fields.get("until"),
        line,
    )


_TAINT: Mapping[str, _Convert] = {
    "key": Setting.text,
    "value": _maybe_empty,
    "effect": lambda setting: setting.choice(_EFFECTS),
}
_NODE_POOL: Mapping[str, _Convert] = {
    "name": Setting.text,
    "count": Setting.integer,
    "instance-type": Setting.text,
    "max-pods": Setting.integer,
    "provider": lambda setting: setting.choice(PROVIDERS),
    "max-pods-policy": lambda setting: setting.choice(MAX_PODS_POLICIES),
    "prefix-delegation": Setting.flag,
    "custom-networking": Setting.flag,
    "labels": _string_map,
    "taints": _taints,
    "allocatable": _allocatable,
    "unschedulable": Setting.flag,
}
_OTHER_PODS: Mapping[str, _Convert] = {
    "name": Setting.text,
    "per": lambda setting: setting.choice(("node",)),
    "pods": Setting.integer,
    "owner": _owner,
    "pool": Setting.text,
    "requests": _allocatable,
}
_CLUSTER: Mapping[str, _Convert] = {
    "node-pools": _node_pools,
    "other-pods": _other_pods,
    "present": _present,
    "unknown": Setting.texts,
}
_SUPPRESSION: Mapping[str, _Convert] = {
    "rule": Setting.text,
    "path": Setting.text,
    "resource": Setting.text,
    "reason": Setting.text,
    "until": Setting.day,
}
_CONFIG: Mapping[str, _Convert] = {
    "select": Setting.some_texts,
    "ignore": Setting.texts,
    "per-file-ignores": _per_file_ignores,
    "severity": _severities,
    "fail-on": _severity,
    "profile": Setting.text_or_texts,
    "exclude": _exclude,
    "kubernetes-version": _version,
    "kyverno-version": _version,
    "rule-paths": Setting.texts,
    "rules": _rules,
    "policies": Setting.texts,
    "charts": chart_renders,
    "cluster": _cluster,
    "suppressions": _suppressions,
    "baseline": Setting.text,
    "crds": Setting.texts,
}
