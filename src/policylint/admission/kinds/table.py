"""The kinds that are known beforehand, read when the first of them is asked for.

`kinds.json` is written by tools/make_kinds.py, which says where it comes from.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple


class Kind(NamedTuple):
    """One kind in one version.

    `subresources` is None when they are not known; `minors` are the first and last minor of Kubernetes 1 that serve
    it, None for kinds that do not come with Kubernetes.
    """

    group: str
    version: str
    name: str
    namespaced: bool
    subresources: tuple[str, ...] | None
    minors: tuple[int, int] | None = None

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


class Table(NamedTuple):
    """`kinds` come with Kubernetes or with policy engines. `elsewhere` are kinds of other projects by group and name,
    with whether they are namespaced; a group `*.x` and a kind `*` stand for all.
    """

    kinds: tuple[Kind, ...]
    elsewhere: Mapping[str, Mapping[str, bool]]


@lru_cache(maxsize=1)
def read_table() -> Table:
    import json
    from pathlib import Path

    data = json.loads(Path(__file__).with_name("kinds.json").read_bytes())
    kinds = []
    for group, named in data["kinds"].items():
        for name, facts in named.items():
            subresources = tuple(facts["subresources"])
            for version, minors in facts["versions"].items():
                span = (minors[0], minors[1]) if minors else None
                kinds.append(Kind(group, version, name, facts["namespaced"], subresources, span))
    return Table(tuple(kinds), data["elsewhere"])
