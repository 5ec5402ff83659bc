"""The `cluster:` section of a configuration file as text, which reads back as the same value."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.scalars import resolve_core

_PLAIN = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./-]*\Z")


def cluster_text(cluster: Cluster) -> str:
    """`cluster:` in block style, one line for each thing that is or runs there; ends with a newline."""
    return "".join(f"{line}\n" for line in _lines(cluster))


def _lines(cluster: Cluster) -> Iterator[str]:
    yield "cluster:"
    yield "  node-pools:"
    for pool in cluster.node_pools:
        first, *rest = _pool(pool).items()
        yield f"  - {first[0]}: {flow(first[1])}"
        for key, value in rest:
            if key == "taints":
                yield "    taints:"
                yield from (f"    - {flow(taint)}" for taint in value)
            elif key == "labels":
                yield "    labels:"
                yield from (f"      {flow(name)}: {flow(label)}" for name, label in value.items())
            else:
                yield f"    {key}: {flow(value)}"
    for section, entries in (
        ("other-pods", [_others(other) for other in cluster.other_pods]),
        ("present", cluster.present),
        ("unknown", cluster.unknown),
    ):
        if entries:
            yield f"  {section}:"
            yield from (f"  - {flow(entry)}" for entry in entries)


def _pool(pool: NodePool) -> dict[str, Any]:
    fields = {
        "name": pool.name,
        "count": pool.nodes,
        "instance-type": pool.instance_type,
        "max-pods": pool.max_pods,
        "provider": pool.provider,
        "max-pods-policy": pool.max_pods_policy,
        "prefix-delegation": pool.prefix_delegation,
        "custom-networking": pool.custom_networking,
        "unschedulable": pool.unschedulable,
        "labels": dict(pool.labels),
        "taints": [dict(taint) for taint in pool.taints],
        "allocatable": dict(pool.allocatable),
    }
    return {key: value for key, value in fields.items() if value}


def _others(other: OtherPods) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": other.name}
    fields |= {"per": "node"} if other.per_node else {"pods": other.pods}
    fields |= {key: value for key, value in (("pool", other.pool), ("owner", other.owner)) if value}
    return fields if other.requests is None else {**fields, "requests": dict(other.requests)}


def flow(value: Any) -> str:
    """Plain data in YAML's flow style, strings in quotes where they would be read as something else."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str):
        return scalar(value)
    return json.dumps(value)


def scalar(text: str) -> str:
    """A string as YAML, plain where that reads back as the same string."""
    plain = _PLAIN.match(text) is not None and resolve_core(text) == text
    return text if plain else "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08x}"
