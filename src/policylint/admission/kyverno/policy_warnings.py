"""What the webhook answers to admitted policies: kyverno pkg/validation/policy/validate.go `jsonPatchOnPod`,
`podControllerAutoGenExclusion`, `checkForScaleSubresource`, `checkForStatusSubresource`. Deprecations are not here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.match_blocks import filters
from policylint.admission.kyverno.rule_bodies import RuleBody, Version, rules_of, text_of
from policylint.admission.kyverno.variable_places import Text, texts
from policylint.admission.stored import Stored
from policylint.engine.autogen import ANNOTATION
from policylint.engine.kinds import contains_kind
from policylint.model import ROOT, Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

_CONTROLLERS = ["cronjob", "daemonset", "deployment", "job", "statefulset"]


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """Warnings about the rules of a ClusterPolicy or Policy."""
    shape = Shape()
    rules = list(rules_of(stored))
    for rule in rules:
        kinds = list(_kinds(shape, rule))
        yield from _patch_on_pods(shape, rule)
        yield from _subresources(shape, rule, kinds)
    yield from _restricted_autogen(shape, stored, rules)


def _kinds(shape: Shape, rule: RuleBody, names: tuple[str, ...] = ("match", "exclude")) -> Iterator[str]:
    for name in names:
        block = shape.mapping(rule.data.get(name), rule.path / name)
        for at, item in ((rule.path / name, block), *filters(shape, block, rule.path / name)):
            resources = shape.mapping(item.get("resources"), at / "resources")
            yield from (kind for _, kind in shape.strings(resources.get("kinds"), at / "resources" / "kinds"))


def _patch_on_pods(shape: Shape, rule: RuleBody) -> Iterator[Problem]:
    path = rule.path / "mutate" / "patchesJson6902"
    block = shape.mapping(rule.data.get("match"), rule.path / "match")
    resources = shape.mapping(block.get("resources"), rule.path / "match" / "resources")
    kinds = [kind for _, kind in shape.strings(resources.get("kinds"), path)]
    if "Pod" in kinds and text_of(shape.mapping(rule.data.get("mutate"), path.parent).get("patchesJson6902")):
        yield Problem(
            path,
            "a JSON patch changes pods, and no rules are made of it for the controllers that create them:"
            " Kyverno warns about this",
            help="Use patchStrategicMerge, or write rules for the controllers.",
            at="key",
        )


def _subresources(shape: Shape, rule: RuleBody, kinds: list[str]) -> Iterator[Problem]:
    bodies: list[tuple[YamlPath, Any]] = []
    validation = shape.mapping(rule.data.get("validate"), rule.path / "validate")
    if validation:
        deny = shape.mapping(validation.get("deny"), rule.path / "validate" / "deny")
        kept = {**validation, "deny": {key: value for key, value in deny.items() if key != "conditions"}}
        bodies.append((rule.path / "validate", kept))
    mutation = shape.mapping(rule.data.get("mutate"), rule.path / "mutate")
    if mutation:
        bodies.append((rule.path / "mutate", mutation))
        targets = shape.mappings(mutation.get("targets"), rule.path / "mutate" / "targets")
        kinds = [*kinds, *(text_of(target.get("kind")) for _, target in targets)]
    for path, body in bodies:
        yield from _mentions(path, body, kinds, "scale", "replicas", lambda text: "replicas" in text.value)
        yield from _mentions(path, body, kinds, "status", "status", _is_status)


def _is_status(text: Text) -> bool:
    return ".status" in text.value or (text.is_key and text.value == "status")


def _mentions(
    path: YamlPath, body: Mapping[str, Any], kinds: list[str], sub: str, what: str, names: Callable[[Text], bool]
) -> Iterator[Problem]:
    if any(sub in kind.lower() for kind in kinds):
        return
    found = next((text for text in texts(body, path, what) if names(text)), None)
    if found is not None:
        yield found.problem(
            f"the rule is about {what}, but its kinds do not include the subresource {sub}, through which {what} may"
            " change: Kyverno warns about this",
            f"Add the kind with /{sub}, or ignore this where changes of the object itself are enough.",
        )


def _restricted_autogen(shape: Shape, stored: Stored, rules: list[RuleBody]) -> Iterator[Problem]:
    metadata = shape.mapping(stored.data.get("metadata"), ROOT / "metadata")
    annotations = shape.mapping(metadata.get("annotations"), ROOT / "metadata" / "annotations")
    value = annotations.get(ANNOTATION)
    if not isinstance(value, str) or value in ("none", "all") or sorted(value.lower().split(",")) == _CONTROLLERS:
        return
    for rule in rules:
        kinds = set(_kinds(shape, rule, ("match",)))
        if kinds and all(contains_kind([kind], "Pod") for kind in kinds):
            yield Problem(
                ROOT / "metadata" / "annotations" / ANNOTATION,
                f"the rules for pods also judge the pods of controllers that {ANNOTATION} leaves out:"
                " Kyverno warns about this",
                help="Exclude those pods in preconditions, or list all controllers.",
                related=(RelatedPath(rule.path / "match", "this rule is for every pod"),),
            )
            return
