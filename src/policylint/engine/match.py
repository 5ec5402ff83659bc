"""Which requests a rule is for: its `match` and `exclude` (kyverno pkg/engine/utils/match.go, pkg/utils/match)."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from policylint.engine.filters import Clause, Filter, described, metadata_of, one_of, text_of
from policylint.engine.request import Object, Request, UserInfo
from policylint.model import YamlPath
from policylint.views.shape import Shape

_NOBODY = UserInfo()


class MatchResult(NamedTuple):
    """Whether a rule is for a request. `policy_path` is the clause that decided, `reason` why it kept the rule away.

    When it matched, `policy_path` is the block that let it, and `reason` says what that asks for.
    """

    matched: bool
    reason: str = ""
    policy_path: YamlPath | None = None


class MatchBlock(NamedTuple):
    """A `match` or `exclude`: `any`, else `all`, else the older form, which is `single`."""

    path: YamlPath
    any: tuple[Filter, ...]
    all: tuple[Filter, ...]
    single: Filter

    @classmethod
    def of(cls, shape: Shape, data: Any, path: YamlPath) -> "MatchBlock":
        """The block in `data` at `path`; wrong types go to `shape`."""
        mapping = shape.mapping(data, path)

        def filters(key: str) -> tuple[Filter, ...]:
            return tuple(Filter.of(shape, item, at) for at, item in shape.mappings(mapping.get(key), path / key))

        return cls(path, filters("any"), filters("all"), Filter.of(shape, mapping, path))

    @property
    def parts(self) -> tuple[Filter, ...]:
        """All its filters."""
        return (*self.any, *self.all, self.single)

    @property
    def kinds(self) -> list[str]:
        """The kinds of all its filters."""
        return [kind for part in self.parts for kind in part.kinds]


class Matchable(Protocol):
    """What has a `match` and an `exclude`: a rule, or a cleanup policy."""

    @property
    def match(self) -> MatchBlock: ...
    @property
    def exclude(self) -> MatchBlock: ...


def matches(rule: Matchable, request: Request, policy_namespace: str = "") -> MatchResult:
    """Whether `rule` of a policy in `policy_namespace` (empty for cluster policies) is for `request`.

    Looks at the object, or at the old one when there is no object, as on DELETE. Paths are those of the rule.
    """
    resource = request.resource or request.old_resource
    if not resource:
        return MatchResult(False, "there is no resource", rule.match.path)
    if policy_namespace and policy_namespace != text_of(metadata_of(resource).get("namespace")):
        namespace = text_of(metadata_of(resource).get("namespace"))
        reason = f"the policy is for namespace {policy_namespace}, the resource is in {namespace or '(none)'}"
        return MatchResult(False, reason, YamlPath.of("metadata", "namespace"))
    included = _included(rule.match, lambda block: _match_miss(block, request, resource))
    if not included.matched:
        return included
    if request.user == _NOBODY and any(part.names_users for part in rule.match.parts):
        reason = f"{included.reason} (the request has no user: what is said of users was not looked at)"
        included = included._replace(reason=reason)
    return _excluded(rule.exclude, request, resource) or included


def matches_exception(block: MatchBlock, request: Request) -> bool:
    """Whether a policy exception with the match block `block` is for `request` (`checkMatchesResources`)."""
    resource = request.subject

    def meets(part: Filter) -> bool:
        if part.is_empty or part.resource_miss(request, resource, for_exception=True) is not None:
            return False
        return part.user_miss(request.user) is None

    if block.any:
        return any(map(meets, block.any))
    return bool(block.all) and all(map(meets, block.all))


def _included(block: MatchBlock, miss_of: Callable[[Filter], Clause | None]) -> MatchResult:
    if block.any:
        misses = []
        for part in block.any:
            miss = miss_of(part)
            if miss is None:
                return MatchResult(True, described((part,)), part.path)
            misses.append(miss)
        # of several blocks, the one whose kind fits is the one that was meant
        nearest = next((miss for miss in misses if miss.path[-1] != "kinds"), misses[0])
        if len(misses) > 1 and all(miss.path[-1] == "kinds" for miss in misses):
            return MatchResult(False, _no_kind(block.any, nearest), block.path / "any")
        return MatchResult(False, nearest.reason, nearest.path)
    for part in block.all or (block.single,):
        miss = miss_of(part)
        if miss is not None:
            return MatchResult(False, miss.reason, miss.path)
    path = block.path / "all" if block.all else block.path
    return MatchResult(True, described(block.all or (block.single,)), path)


def _no_kind(parts: Iterable[Filter], nearest: Clause) -> str:
    kinds = list(dict.fromkeys(kind for part in parts for kind in part.kinds))
    return f"{nearest.reason.partition(' is not ')[0]} is not {one_of(kinds)}"


def _match_miss(part: Filter, request: Request, resource: Object) -> Clause | None:
    # without user information, upstream takes what the block says of users as not written
    knows_user = request.user != _NOBODY
    if not part.names_resources and not (part.names_users and knows_user):
        reason = "only names users, and the request has none" if part.names_users else "is empty, which matches nothing"
        return Clause(f"the match block {reason}", part.path)
    miss = part.resource_miss(request, resource, for_exception=False)
    if miss is None and knows_user:
        miss = part.user_miss(request.user)
    return miss


def _excluded(block: MatchBlock, request: Request, resource: Object) -> MatchResult | None:
    def hits(part: Filter) -> bool:
        if part.is_empty or part.resource_miss(request, resource, for_exception=False) is not None:
            return False
        return part.user_miss(request.user) is None

    if block.any:
        hit = next((part for part in block.any if hits(part)), None)
    elif block.all:
        hit = block.all[0] if all(map(hits, block.all)) else None
    else:
        hit = block.single if hits(block.single) else None
    if hit is None:
        return None
    path = block.path / "all" if block.all and not block.any else hit.path
    return MatchResult(False, f"excluded: {described(block.all if path[-1] == 'all' else (hit,))}", path)
