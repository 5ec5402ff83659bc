"""The schemas of policy kinds, read when the first object of such a kind is met.

`kyverno.json` and `sigstore.json` are written by tools/make_policy_schemas.py, which says where they come from.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

Node = Mapping[str, Any]

_TABLES = {"kyverno.io": "kyverno", "policies.kyverno.io": "kyverno", "policy.sigstore.dev": "sigstore"}
# how messages call the release that a table was made from
RELEASES = {"kyverno": "Kyverno 1.19", "sigstore": "policy-controller 0.13"}


class Version(NamedTuple):
    """One served version of a kind: where its schema begins, and what its CustomResourceDefinition says of it."""

    root: int
    deprecated: bool
    storage: bool


class Table(NamedTuple):
    """Kinds and the nodes of their schemas.

    A node has `type`, `properties`, `items`, `values` (of a map) as indices of nodes, and the constraints of OpenAPI
    by their names; `oneOf` lists keys of which exactly one is to be there, `defaults` those of the properties, and
    `open` says that fields besides `properties` are kept. A node without `type` takes anything.
    """

    nodes: tuple[Node, ...]
    versions: Mapping[tuple[str, str], Version]
    release: str

    def other_versions(self, api_version: str, kind: str) -> Mapping[str, Version]:
        """The versions of a kind in the same group, by apiVersion."""
        group = api_version.rpartition("/")[0]
        return {
            other: version
            for (other, name), version in self.versions.items()
            if name == kind and other.rpartition("/")[0] == group
        }


class Schema(NamedTuple):
    """The schema of one kind in one version."""

    table: Table
    version: Version

    def node(self, index: int) -> Node:
        return self.table.nodes[index]


def schema_of(api_version: str, kind: str) -> Schema | None:
    """The schema of a policy kind, or None when nothing serves it in this version or it is none of ours."""
    name = _TABLES.get(api_version.rpartition("/")[0])
    if name is None:
        return None
    table = read_table(name)
    version = table.versions.get((api_version, kind))
    return Schema(table, version) if version is not None else None


@lru_cache(maxsize=2)
def read_table(name: str) -> Table:
    """The table `kyverno` or `sigstore`."""
    import json
    from pathlib import Path

    data = json.loads(Path(__file__).with_name(f"{name}.json").read_bytes())
    versions = {}
    for label, facts in data["kinds"].items():
        api_version, _, kind = label.rpartition("/")
        root = Version(facts["node"], facts.get("deprecated", False), facts.get("storage", False))
        versions[api_version, kind] = root
    return Table(tuple(data["nodes"]), versions, RELEASES[name])
