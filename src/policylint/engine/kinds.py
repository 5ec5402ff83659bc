"""The kinds that a rule's match block names: `Pod`, `v1/Pod`, `apps/v1/Deployment`, `Pod/exec`, `*/scale`, `*`."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from policylint.engine.request import GroupVersionKind
from policylint.engine.wildcard import match
from policylint.regex import regex

_VERSION = regex(r"(?:v[0-9]+(?:(?:alpha|beta)[0-9]+)?|\*)\Z")
_POD = GroupVersionKind("", "v1", "Pod")


class KindSelector(NamedTuple):
    """What one entry of `kinds` selects; every part may hold wildcards. An empty subresource is the resource itself."""

    group: str
    version: str
    kind: str
    subresource: str

    def selects(self, gvk: GroupVersionKind, subresource: str, *, ephemeral_containers: bool) -> bool:
        """Whether requests for `subresource` of `gvk` are selected (kyverno pkg/utils/match/kind.go `CheckKind`).

        With `ephemeral_containers`, what selects pods also selects changes to their ephemeral containers.
        """
        if not (match(self.kind, gvk.kind) and match(self.version, gvk.version) and match(self.group, gvk.group)):
            return False
        if match(self.subresource, subresource):
            return True
        return ephemeral_containers and gvk == _POD and subresource == "ephemeralcontainers"


@lru_cache(maxsize=4096)
def parse_kind_selector(text: str) -> KindSelector:
    """How `text` is read (kyverno pkg/utils/kube/kind.go `ParseKindSelector`). Five parts or more select nothing."""
    *head, last = text.split("/")
    parts = [*head, *last.split(".")]
    if len(parts) == 1:
        return KindSelector("*", "*", parts[0], "")
    if len(parts) == 2:
        first, second = parts
        if first == "*" and second == "*":
            return KindSelector("*", "*", "*", "*")
        if first == "*" and second.lower() == second:
            return KindSelector("*", "*", "*", second)
        if _VERSION.match(first):
            return KindSelector("*", first, second, "")
        return KindSelector("*", "*", first, second)
    if len(parts) == 3:
        if _VERSION.match(parts[0]):
            return KindSelector("*", parts[0], parts[1], parts[2])
        return KindSelector(parts[0], parts[1], parts[2], "")
    if len(parts) == 4:
        return KindSelector(parts[0], parts[1], parts[2], parts[3])
    return KindSelector("", "", "", "")


def contains_kind(kinds: Iterable[str], kind: str) -> bool:
    """Whether one of `kinds` names `kind` literally, in any group and version (kind.go `ContainsKind`)."""
    return any(_named_kind(text) == kind for text in kinds)


def _named_kind(text: str) -> str:
    """The kind in `text` without group, version and subresource (`GetKindFromGVK` and `SplitSubresource`)."""
    parts = text.split("/")
    named = ""
    if len(parts) == 1:
        named = text.replace(".", "/", 1)
    elif len(parts) == 2:
        is_versioned = parts != ["*", "*"] and _VERSION.match(parts[0]) is not None
        named = parts[1].replace(".", "/", 1) if is_versioned else text
    elif len(parts) == 3:
        named = f"{parts[1]}/{parts[2]}" if _VERSION.match(parts[0]) else parts[2].replace(".", "/", 1)
    elif len(parts) == 4:
        named = f"{parts[2]}/{parts[3]}"
    return named.partition("/")[0] if named.count("/") == 1 else named
