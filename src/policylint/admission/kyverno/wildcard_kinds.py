"""Rules for every kind, `*`: kyverno pkg/validation/policy/validate.go `validateWildcard` and
`ruleOnlyDealsWithResourceMetaData`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.match_blocks import filters
from policylint.admission.kyverno.rule_bodies import REFUSED, RuleBody, text_of
from policylint.admission.kyverno.rule_types import operations
from policylint.engine.errors import EvaluationError
from policylint.engine.mutate.json_patch import read_patch
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.regex import regex
from policylint.views.shape import Shape

_ABOUT_REQUEST = regex(r"\{\{\s*(request\.|serviceAccountName|serviceAccountNamespace)[^{}]*\}\}")
_HELP = "Name the kinds that the rule is for."


def wildcard_problems(shape: Shape, rule: RuleBody, *, background: bool) -> Iterator[Problem]:
    """What is refused of a rule for the kind `*`, in match or exclude."""
    found = [
        (at / "resources" / "kinds", kinds)
        for name in ("match", "exclude")
        for at, kinds in _kinds(shape, shape.mapping(rule.data.get(name), rule.path / name), rule.path / name)
        if "*" in kinds
    ]
    for path, kinds in found:
        at = path / kinds.index("*")
        if background:
            yield Problem(
                at,
                f'background scans do not look at the kind "*": {REFUSED}',
                help="Set spec.background: false, or name the kinds that the rule is for.",
            )
        if len(kinds) > 1:
            yield Problem(at, f'the kind "*" stands beside other kinds: {REFUSED}', help="Leave the others out.")
    if found:
        yield from _body(shape, rule, found[0][0])


def _kinds(shape: Shape, block: Mapping[str, Any], path: YamlPath) -> Iterator[tuple[YamlPath, list[str]]]:
    for at, item in ((path, block), *filters(shape, block, path)):
        resources = shape.mapping(item.get("resources"), at / "resources")
        kinds = shape.sequence(resources.get("kinds"), at / "resources" / "kinds")
        yield at, [text_of(kind) for kind in kinds]


def _body(shape: Shape, rule: RuleBody, kinds: YamlPath) -> Iterator[Problem]:
    related = (RelatedPath(kinds, "for every kind"),)
    validation = shape.mapping(rule.data.get("validate"), rule.path / "validate")
    for key in operations(rule.data):
        if key in ("generate", "verifyImages"):
            yield Problem(
                rule.path / key, f'a rule for the kind "*" has {key}: {REFUSED}', _HELP, related=related, at="key"
            )
    if validation.get("foreach") is not None:
        at = rule.path / "validate" / "foreach"
        yield Problem(at, f'a rule for the kind "*" has a foreach: {REFUSED}', _HELP, related=related, at="key")
    for path in (*_outside_metadata(shape, rule, validation), *_conditions(shape, rule, validation)):
        yield Problem(
            path, f'a rule for the kind "*" deals with more than metadata: {REFUSED}', _HELP, related=related, at="key"
        )


def _outside_metadata(shape: Shape, rule: RuleBody, validation: Mapping[str, Any]) -> Iterator[YamlPath]:
    mutation = shape.mapping(rule.data.get("mutate"), rule.path / "mutate")
    patterns = [
        (validation.get("pattern"), rule.path / "validate" / "pattern"),
        (mutation.get("patchStrategicMerge"), rule.path / "mutate" / "patchStrategicMerge"),
    ]
    several = rule.path / "validate" / "anyPattern"
    patterns += [(item, several / index) for index, item in enumerate(_list(validation.get("anyPattern")))]
    for pattern, path in patterns:
        other = next((key for key in pattern if key != "metadata"), None) if isinstance(pattern, Mapping) else None
        if other is not None:
            yield path / other
    text = text_of(mutation.get("patchesJson6902"))
    if any(not text_of(operation.get("path")).startswith("/metadata") for operation in _operations(text)):
        yield rule.path / "mutate" / "patchesJson6902"


def _operations(text: str) -> list[Mapping[str, Any]]:
    """The operations of a JSON patch; none where it cannot be read, which another check says."""
    try:
        return read_patch(text) if text else []
    except EvaluationError:
        return []


def _conditions(shape: Shape, rule: RuleBody, validation: Mapping[str, Any]) -> Iterator[YamlPath]:
    path = rule.path / "validate" / "deny"
    conditions = shape.mapping(validation.get("deny"), path).get("conditions")
    for index, condition in enumerate(_list(conditions)):
        key = text_of(condition.get("key")) if isinstance(condition, Mapping) else ""
        if "request.object.metadata." in key:
            continue
        if not _ABOUT_REQUEST.search(key) or "request.object.spec" in key:
            yield path / "conditions" / index / "key"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
