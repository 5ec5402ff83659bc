"""Kinds looked up as Kyverno does (kyverno pkg/clients/dclient/discovery.go `findResources`)."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from policylint.admission.kinds.project import ProjectKinds
from policylint.admission.kinds.table import Kind, read_table
from policylint.engine.kinds import KindSelector
from policylint.engine.wildcard import has_wildcard, match

# what some subresources hold; a cluster has no resources of these kinds
SUBRESOURCE_KINDS = {
    "Scale": "Deployment/scale",
    "Eviction": "Pod/eviction",
    "TokenRequest": "ServiceAccount/token",
    "PodExecOptions": "Pod/exec",
    "PodAttachOptions": "Pod/attach",
    "PodPortForwardOptions": "Pod/portforward",
    "PodProxyOptions": "Pod/proxy",
    "ServiceProxyOptions": "Service/proxy",
    "NodeProxyOptions": "Node/proxy",
}

# the minors of Kubernetes 1 that the table knows
_OLDEST, _NEWEST = 25, 37


class Found(NamedTuple):
    """The kinds that a selector selects, and the subresources of them that it does."""

    kinds: tuple[Kind, ...]
    subresources: tuple[str, ...]

    def is_something(self, selector: KindSelector) -> bool:
        """Whether a cluster has what the selector asks for."""
        if not selector.subresource or (selector.kind == selector.subresource == "*"):
            return bool(self.kinds)
        return bool(self.subresources) or any(kind.subresources is None for kind in self.kinds)


# a run has one project, whose policies name the same few kinds
@lru_cache(maxsize=4096)
def find(selector: KindSelector, project: ProjectKinds) -> Found:
    """What `selector` selects of all known kinds. The project's own files are read when nothing else is selected."""
    found = _select(selector, (*served(project), *project.named, *_elsewhere(selector)))
    return found if found.is_something(selector) else _select(selector, (*found.kinds, *project.found))


def served(project: ProjectKinds) -> Iterator[Kind]:
    """The kinds of the table that the project's Kubernetes serves; all of them when its version is not said, or when
    the table does not reach so far.
    """
    known = project.minor if project.minor is not None and _OLDEST <= project.minor <= _NEWEST else None
    for kind in read_table().kinds:
        if kind.minors is None or known is None or kind.minors[0] <= known <= kind.minors[1]:
            yield kind


def names(project: ProjectKinds) -> set[str]:
    """The names of every kind that is known."""
    table = read_table()
    own = {kind.name for kind in (*table.kinds, *project.named, *project.found)}
    return own | {name for kinds in table.elsewhere.values() for name in kinds if name != "*"}


def same_name(name: str, project: ProjectKinds) -> list[Kind]:
    """The kinds called `name` in any group and version, as far as these are known."""
    return [kind for kind in (*read_table().kinds, *project.named, *project.found) if kind.name == name]


def is_foreign(group: str) -> bool:
    """Whether kinds of `group` come from somebody else than Kubernetes and the engines in the table."""
    if not group or has_wildcard(group) or "." not in group:
        return False
    return all(kind.group != group for kind in read_table().kinds)


def _select(selector: KindSelector, kinds: Iterable[Kind]) -> Found:
    selected = tuple(kind for kind in kinds if _selects(selector, kind))
    subresources: dict[str, None] = {}
    if selector.subresource:
        for kind in selected:
            for name in kind.subresources or ():
                if match(selector.subresource, name):
                    subresources[name] = None
    return Found(selected, tuple(subresources))


def _selects(selector: KindSelector, kind: Kind) -> bool:
    if not match(selector.kind, kind.name):
        return False
    # a definition that is a template may leave group and version open
    group = (not kind.group and not kind.version) or match(selector.group, kind.group)
    return group and (not kind.version or match(selector.version, kind.version))


def _elsewhere(selector: KindSelector) -> Iterator[Kind]:
    """The kinds of other projects that `selector` may mean, in the version that it names."""
    for group, kinds in read_table().elsewhere.items():
        every = kinds.get("*")
        if every is not None:
            if match(group, selector.group) and not has_wildcard(selector.group) and not has_wildcard(selector.kind):
                yield Kind(selector.group, "", selector.kind, every, None)
        elif match(selector.group, group):
            for name, namespaced in kinds.items():
                yield Kind(group, "", name, namespaced, None)
