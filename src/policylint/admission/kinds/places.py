"""Where Kyverno's policies name kinds."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.stored import Stored
from policylint.engine.kinds import KindSelector, parse_kind_selector
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

RULE_KINDS = ("ClusterPolicy", "Policy")
CLEANUP_KINDS = ("CleanupPolicy", "ClusterCleanupPolicy")
_SPEC = ROOT / "spec"


class KindList(NamedTuple):
    """The `kinds` of one resource filter."""

    path: YamlPath
    kinds: tuple[tuple[YamlPath, str], ...]

    @property
    def matches_everything(self) -> bool:
        return any(text == "*" for _, text in self.kinds)


class PolicyRule(NamedTuple):
    """One rule of a ClusterPolicy or Policy, with the kinds that its match and exclude blocks name."""

    path: YamlPath
    data: Mapping[str, Any]
    lists: tuple[KindList, ...]


class Target(NamedTuple):
    """One object that a rule makes or changes: how it is written, what that selects, and where its kind stands."""

    path: YamlPath
    text: str
    selector: KindSelector


def rules(stored: Stored) -> Iterator[PolicyRule]:
    """The rules of a ClusterPolicy or Policy; nothing for other kinds."""
    if stored.document.kind not in RULE_KINDS or stored.document.group != "kyverno.io":
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    for path, rule in shape.mappings(spec.get("rules"), _SPEC / "rules"):
        yield PolicyRule(path, rule, tuple(_lists(rule, path, shape)))


def cleanup_lists(stored: Stored) -> Iterator[KindList]:
    """The lists of kinds in the match and exclude blocks of a cleanup policy; nothing for other kinds."""
    if stored.document.kind in CLEANUP_KINDS and stored.document.group == "kyverno.io":
        shape = Shape()
        yield from _lists(shape.mapping(stored.data.get("spec"), _SPEC), _SPEC, shape)


def targets(rule: PolicyRule) -> Iterator[Target]:
    """The kinds that a rule mutates or generates, those apart that variables make."""
    shape = Shape()
    mutate = shape.mapping(rule.data.get("mutate"), rule.path / "mutate")
    for path, target in shape.mappings(mutate.get("targets"), rule.path / "mutate" / "targets"):
        yield from _target(target, path, shape)
    for path, pattern in generate_patterns(rule):
        yield from _target(pattern, path, shape)
        for where, text in clone_kinds(pattern, path):
            if "{{" not in text:
                yield Target(where, text, parse_kind_selector(text))


def generate_patterns(rule: PolicyRule) -> Iterator[tuple[YamlPath, Mapping[str, Any]]]:
    """What a generate rule makes: itself, or each of its `foreach`."""
    shape = Shape()
    path = rule.path / "generate"
    generate = shape.mapping(rule.data.get("generate"), path)
    if generate.get("foreach") is not None:
        yield from shape.mappings(generate["foreach"], path / "foreach")
    elif generate:
        yield path, generate


def clone_kinds(pattern: Mapping[str, Any], path: YamlPath) -> list[tuple[YamlPath, str]]:
    """The kinds that a `cloneList` names."""
    shape = Shape()
    clone_list = shape.mapping(pattern.get("cloneList"), path / "cloneList")
    return shape.strings(clone_list.get("kinds"), path / "cloneList" / "kinds")


def _target(target: Mapping[str, Any], path: YamlPath, shape: Shape) -> Iterator[Target]:
    api_version = shape.string(target.get("apiVersion"), path / "apiVersion")
    kind = shape.string(target.get("kind"), path / "kind")
    if not api_version or not kind or "{{" in api_version or "{{" in kind:
        return
    group, _, version = api_version.rpartition("/")
    name, _, subresource = kind.partition("/")
    yield Target(path / "kind", f"{api_version}/{kind}", KindSelector(group, version, name, subresource))


def _lists(block: Mapping[str, Any], path: YamlPath, shape: Shape) -> Iterator[KindList]:
    for key in ("match", "exclude"):
        matching = shape.mapping(block.get(key), path / key)
        for name in ("any", "all"):
            for where, item in shape.mappings(matching.get(name), path / key / name):
                yield from _list(item, where, shape)
        yield from _list(matching, path / key, shape)


def _list(item: Mapping[str, Any], path: YamlPath, shape: Shape) -> Iterator[KindList]:
    here = path / "resources"
    resources = shape.mapping(item.get("resources"), here)
    kinds = shape.strings(resources.get("kinds"), here / "kinds")
    if kinds:
        yield KindList(here / "kinds", tuple(kinds))
