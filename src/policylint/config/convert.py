"""Plain data of a configuration file to a `Config`, key by key. Agrees with config/schema.json, without its cost.

A test feeds both the same configurations. What only this module refuses is what a schema cannot say: path patterns
that match nothing, days that the calendar does not have.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from policylint.config import (
    ChartRender,
    Cluster,
    Config,
    ConfiguredSuppression,
    NodePool,
    OtherPods,
)
from policylint.config.patterns import compile_pattern
from policylint.config.setting import Setting
from policylint.model import SEVERITIES, Severity

_Convert = Callable[[Setting], Any]

_VERSION = re.compile(r"v?[0-9]+\.[0-9]+(\.[0-9]+)?\Z")
_KUBE_VERSION = re.compile(r"v?[0-9]+\.[0-9]+(\.[0-9]+)?([-+][0-9A-Za-z.+-]+)?\Z")
_ASSIGNMENT = re.compile(r"[^=\s][^=]*=")
_QUANTITY = re.compile(
    r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][-+]?[0-9]+)?\Z"
)  # apimachinery resource.ParseQuantity, without signs
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
# what Helm's --set reads as syntax in a value (pkg/strvals): list items, list braces and its own escape
_HELM_SYNTAX = re.compile(r"([\\,{}])")


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


def _charts(setting: Setting) -> tuple[ChartRender, ...]:
    items = setting.items("a list of charts")
    return tuple(ChartRender(**item.fields(_CHART, required=("path",))) for item in items)


def _set(setting: Setting) -> tuple[str, ...]:
    """Helm's `--set` expressions, from a list of them or from a mapping of keys to literal values."""
    if not isinstance(setting.data, dict):
        items = setting.items("a list of 'key=value' or a mapping")
        return tuple(item.matching(_ASSIGNMENT, "'key=value'") for item in items)
    return tuple(f"{key}={_literal(entry)}" for key, entry in setting.entries().items())


def _literal(setting: Setting) -> str:
    value = setting.data
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return _HELM_SYNTAX.sub(r"\\\1", value)
    raise setting.wrong("a string, a number or a boolean (nested keys are written with dots)")


def _kube_version(setting: Setting) -> str:
    return setting.matching(_KUBE_VERSION, "a version such as 'v1.31.0'")


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
    if pool.max_pods is None and not pool.instance_type:
        message = f"{setting.path} has no capacity: give it 'max-pods' (pods per node) or 'instance-type'"
        raise setting.error(message)
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
    return OtherPods(fields["name"], fields.get("pods", 1), per_node="per" in fields)


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


_CHART: Mapping[str, _Convert] = {
    "path": Setting.text,
    "values": Setting.text_or_texts,
    "set": _set,
    "release": Setting.text,
    "namespace": Setting.text,
    "kube-version": _kube_version,
    "api-versions": Setting.texts,
}
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
    "prefix-delegation": Setting.flag,
    "labels": _string_map,
    "taints": _taints,
    "allocatable": _allocatable,
}
_OTHER_PODS: Mapping[str, _Convert] = {
    "name": Setting.text,
    "per": lambda setting: setting.choice(("node",)),
    "pods": Setting.integer,
}
_CLUSTER: Mapping[str, _Convert] = {"node-pools": _node_pools, "other-pods": _other_pods}
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
    "charts": _charts,
    "cluster": _cluster,
    "suppressions": _suppressions,
    "baseline": Setting.text,
}
