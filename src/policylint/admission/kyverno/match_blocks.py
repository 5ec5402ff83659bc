"""Match and exclude blocks: kyverno api/kyverno/v1/match_resources_types.go `Validate`, user_info_types.go `Validate`
and `ValidateNoUserInfo`, resource_description_types.go `Validate`, and their counterparts in v2beta1 and v2.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.kyverno.rule_bodies import text_of
from policylint.engine.selectors import LabelSelector
from policylint.engine.wildcard import has_wildcard
from policylint.model import Fix, Problem, SetValue, YamlPath
from policylint.views.shape import Shape

_SUBJECTS = ("User", "Group", "ServiceAccount")
_USER_FIELDS = ("roles", "clusterRoles", "subjects")


class Terms(NamedTuple):
    """Whose block it is: `refused` ends the messages, `namespaced` forbids namespaces, `legacy` allows fields
    beside any and all.
    """

    refused: str
    namespaced: bool = False
    legacy: bool = False


def filters(shape: Shape, block: Mapping[str, Any], path: YamlPath) -> list[tuple[YamlPath, Mapping[str, Any]]]:
    """The filters under `any` and `all` with their places."""
    return [item for key in ("any", "all") for item in shape.mappings(block.get(key), path / key)]


def block_problems(shape: Shape, block: Mapping[str, Any], path: YamlPath, terms: Terms) -> Iterator[Problem]:
    """What is refused of the block at `path` whatever it is for."""
    if block.get("any") and block.get("all"):
        yield Problem(
            path / "all",
            f"{path[-1]} has any and all: {terms.refused}",
            help="Use one of the two.",
            at="key",
        )
    for at, item in filters(shape, block, path):
        yield from _filter(shape, item, at, terms)
    if terms.legacy:
        yield from _filter(shape, block, path, terms)
        resources = shape.mapping(block.get("resources"), path / "resources")
        if (block.get("any") or block.get("all")) and not is_empty(resources):
            yield Problem(
                path / "resources",
                f"{path[-1]} has resources beside {'any' if block.get('any') else 'all'}: {terms.refused}",
                help="Move what is under resources into a filter of any or all.",
                at="key",
            )


def user_info_problems(shape: Shape, block: Mapping[str, Any], path: YamlPath, why: str) -> Iterator[Problem]:
    """Every use of roles, cluster roles and subjects, which `why` says are not to be had."""
    for at, item in ((path, block), *filters(shape, block, path)):
        for key in _USER_FIELDS:
            if isinstance(item.get(key), list) and item[key]:
                yield Problem(at / key, f"{path[-1]} asks for {key}, {why}", at="key")


def is_empty(resources: Mapping[str, Any]) -> bool:
    """Whether a `resources` says nothing; a selector does, even an empty one."""
    return all(
        value is None or (value in ("", [], {}) and not key.lower().endswith("selector"))
        for key, value in resources.items()
    )


def _filter(shape: Shape, item: Mapping[str, Any], path: YamlPath, terms: Terms) -> Iterator[Problem]:
    for at, subject in shape.mappings(item.get("subjects"), path / "subjects"):
        yield from _subject(subject, at, terms)
    for at, role in shape.strings(item.get("roles"), path / "roles"):
        if role.count(":") != 1:
            yield Problem(at, f'"{role}" is no role: {terms.refused}', help="Write a role as namespace:name.")
    resources = path / "resources"
    yield from _resources(shape, shape.mapping(item.get("resources"), resources), resources, terms)


def _subject(subject: Mapping[str, Any], path: YamlPath, terms: Terms) -> Iterator[Problem]:
    kind, name = subject.get("kind"), subject.get("name")
    if isinstance(kind, str) and kind not in _SUBJECTS:
        near = next((known for known in _SUBJECTS if known.lower() == kind.lower()), None)
        yield Problem(
            path / "kind",
            f'a subject is a User, a Group or a ServiceAccount, not "{kind}": {terms.refused}',
            help=f"Use one of {', '.join(_SUBJECTS)}, spelled like this.",
            fix=None if near is None else Fix(f"write {near}", (SetValue(path / "kind", near),), safe=True),
        )
    if name == "":
        yield Problem(path / "name", f"the subject has an empty name: {terms.refused}", help="Name the subject.")
    if kind == "ServiceAccount" and not text_of(subject.get("namespace")):
        yield Problem(
            path,
            f"a ServiceAccount is in a namespace, and this subject names none: {terms.refused}",
            help="Add the service account's namespace.",
        )


def _resources(shape: Shape, resources: Mapping[str, Any], path: YamlPath, terms: Terms) -> Iterator[Problem]:
    if terms.legacy and resources.get("name") and resources.get("names"):
        yield Problem(
            path / "name",
            f"name and names are both set: {terms.refused}",
            help="Put the name into names.",
            at="key",
        )
    yield from _selector(shape, resources.get("selector"), path / "selector", terms)
    if terms.namespaced and resources.get("namespaces"):
        yield Problem(
            path / "namespaces",
            f"a policy that is in a namespace takes no namespaces, it is for its own: {terms.refused}",
            help="Remove namespaces.",
            at="key",
        )


def _selector(shape: Shape, selector: Any, path: YamlPath, terms: Terms) -> Iterator[Problem]:
    if not isinstance(selector, Mapping):
        return
    read = LabelSelector.of(shape, selector, path)
    if any(has_wildcard(key) or has_wildcard(value) for key, value in read.labels):
        return
    if read.problem:
        yield Problem(path, f"the selector is invalid: {read.problem}: {terms.refused}", help="Correct the selector.")
    elif not read.labels and not read.requirements:
        yield Problem(
            path,
            f"the selector asks for nothing: {terms.refused}",
            help="Add matchLabels or matchExpressions, or leave the selector out.",
        )
