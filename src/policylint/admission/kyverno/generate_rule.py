"""`generate` rules that Kyverno's webhook refuses: kyverno api/kyverno/v1/common_types.go `Generation.Validate` and
pkg/policy/generate/validate.go `Validate`. Namespaces and scopes are judged with the kinds.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.anchors import anchor_problems
from policylint.admission.kyverno.cel_rule import precondition_problems
from policylint.admission.kyverno.rule_bodies import (
    REFUSED,
    RuleBody,
    Version,
    is_at_least,
    rules_of,
    text_of,
)
from policylint.admission.stored import Stored
from policylint.engine.variables.syntax import occurrences
from policylint.engine.wildcard import has_wildcard
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

_VARIABLES_REFUSED = ((1, 10), (1, 14))


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses in the `generate` of each rule."""
    shape = Shape()
    first, last = _VARIABLES_REFUSED
    variables_refused = is_at_least(kyverno, first) and not is_at_least(kyverno, last)
    for rule in rules_of(stored):
        here = rule.path / "generate"
        generate = shape.mapping(rule.data.get("generate"), here)
        if not generate:
            continue
        given = _sources(shape, generate, here)
        for extra in given[1:]:
            yield _one_only(here, given[0], extra)
        if len(given) < 2:
            blocks = [(here, generate)]
            if generate.get("foreach") is not None:
                blocks = shape.mappings(generate["foreach"], here / "foreach")
            for path, block in blocks:
                yield from _block(shape, block, path)
                if variables_refused:
                    yield from _variables(shape, block, path)
        yield from _rule(shape, rule, generate, here)


def _sources(shape: Shape, generate: Mapping[str, Any], path: YamlPath) -> list[str]:
    clone = shape.mapping(generate.get("clone"), path / "clone")
    clone_list = shape.mapping(generate.get("cloneList"), path / "cloneList")
    given = {
        "data": generate.get("data") is not None,
        "clone": any(clone.get(key) for key in ("name", "namespace")),
        "cloneList": clone_list.get("kinds") is not None,
        "foreach": generate.get("foreach") is not None,
    }
    return [name for name, is_given in given.items() if is_given]


def _one_only(path: YamlPath, first: str, extra: str) -> Problem:
    return Problem(
        path / extra,
        f"{extra} stands beside {first}, of which generate takes one only: {REFUSED}",
        help=f"Keep either {first} or {extra}.",
        related=(RelatedPath(path / first, "the other one"),),
        at="key",
    )


def _block(shape: Shape, block: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    clone_list = shape.mapping(block.get("cloneList"), path / "cloneList")
    missing = [key for key in ("apiVersion", "kind", "name") if not text_of(block.get(key))]
    if clone_list and missing and clone_list.get("kinds") in (None, []):
        yield Problem(
            path / "cloneList" / "kinds",
            f"cloneList names no kinds, and generate has no {missing[0]} instead: {REFUSED}",
            help="List the kinds to clone as v1/ConfigMap.",
        )
    elif not clone_list:
        for key in missing:
            yield Problem(
                path / key,
                f"generate has no {key}: {REFUSED}",
                help=f"Say the {key} of what is generated; only cloneList goes without.",
            )


def _variables(shape: Shape, block: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """Kyverno 1.10 to 1.13 take no variables in what is cloned, nor in the kind that is generated."""
    clone = shape.mapping(block.get("clone"), path / "clone")
    clone_list = shape.mapping(block.get("cloneList"), path / "cloneList")
    places = [(path / key, block.get(key)) for key in ("apiVersion", "kind")]
    places += [(path / "clone" / key, clone.get(key)) for key in ("name", "namespace")]
    places.append((path / "cloneList" / "namespace", clone_list.get("namespace")))
    places += shape.strings(clone_list.get("kinds"), path / "cloneList" / "kinds")
    for here, value in places:
        if any(occurrences(text_of(value))):
            yield Problem(
                here,
                f"Kyverno takes variables here only since 1.14: {REFUSED}",
                help="Write the value, or upgrade Kyverno.",
            )


def _rule(shape: Shape, rule: RuleBody, generate: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    yield from anchor_problems(generate.get("data"), path / "data", (), "generated data")
    clone_list = shape.mapping(generate.get("cloneList"), path / "cloneList")
    if clone_list.get("selector") is not None:
        yield from _wildcards(clone_list["selector"], path / "cloneList" / "selector")
    yield from precondition_problems(rule)
    kind = text_of(generate.get("kind"))
    here = rule.path / "match"
    match = shape.mapping(rule.data.get("match"), here)
    resources = shape.mapping(match.get("resources"), here / "resources")
    for matched, name in shape.strings(resources.get("kinds"), here / "resources" / "kinds"):
        if kind and name == kind:
            yield Problem(
                path / "kind",
                f"the rule matches {kind} and generates {kind}, so it would trigger itself: {REFUSED}",
                help="Match another kind.",
                related=(RelatedPath(matched, "matched here"),),
            )


def _wildcards(selector: Any, path: YamlPath) -> Iterator[Problem]:
    """Texts with `*` or `?` anywhere in a selector; keys count too."""
    waiting = [(path, selector)]
    while waiting:
        here, value = waiting.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                if has_wildcard(key):
                    yield _wildcard(here / key, key)
                waiting.append((here / key, item))
        elif isinstance(value, list):
            waiting.extend((here / index, item) for index, item in enumerate(value))
        elif isinstance(value, str) and has_wildcard(value):
            yield _wildcard(here, value)


def _wildcard(path: YamlPath, text: str) -> Problem:
    return Problem(
        path,
        f"the selector of cloneList takes no wildcards, this is {text}: {REFUSED}",
        help="Name labels and values in full.",
    )
