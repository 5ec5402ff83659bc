"""`spec.validationFailureAction`, its overrides, and the lower-case spellings of actions.

Since Kyverno 1.13 each `validate` and each `verifyImages` entry says for itself what a failure leads to. What a rule
says counts before what `spec` says, overrides included, so a move keeps the meaning only where all goes at once.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.kyverno.rule_bodies import Version, is_at_least, key_after
from policylint.document.document import Document
from policylint.model import ROOT, Fix, Operation, Problem, RemoveKey, SetValue, YamlPath
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_ACTION = "validationFailureAction"
_OVERRIDES = "validationFailureActionOverrides"
_PER_RULE_SINCE = (1, 13)
_CAPITALS_SINCE = (1, 9)
_ACTIONS = {"audit": "Audit", "Audit": "Audit", "enforce": "Enforce", "Enforce": "Enforce"}


class _Places(NamedTuple):
    """What takes an action: `validate` blocks and `verifyImages` entries. `told` says that one has its own already.

    `mixed` says that entries of one rule have and have not, where the first that has decides for the others.
    """

    validations: list[tuple[YamlPath, Mapping[str, Any]]]
    images: list[YamlPath]
    told: bool
    mixed: bool


def action_problems(shape: Shape, document: Document, spec: Mapping[str, Any], kyverno: Version) -> Iterator[Problem]:
    """The deprecated places and spellings of failure actions."""
    per_rule = is_at_least(kyverno, _PER_RULE_SINCE)
    if per_rule:
        fix = _move(document, spec, _places(shape, spec))
        for field, new, goal in (
            (_ACTION, "failureAction", "validate.failureAction and verifyImages[].failureAction"),
            (_OVERRIDES, "failureActionOverrides", "validate.failureActionOverrides"),
        ):
            if spec.get(field) is not None and (field == _ACTION or document.kind == "ClusterPolicy"):
                yield Problem(
                    _SPEC / field,
                    f"spec.{field} is deprecated: each rule has {new} since Kyverno 1.13",
                    help=f"Move it to {goal}.",
                    fix=fix,
                    at="key",
                )
    if is_at_least(kyverno, _CAPITALS_SINCE):
        for path, action in _written(shape, spec):
            if action in ("audit", "enforce") and not (per_rule and path == _SPEC / _ACTION):
                yield Problem(
                    path,
                    f"the action {action} is deprecated: {_ACTIONS[action]} took its place",
                    help=f"Write {_ACTIONS[action]}.",
                    fix=Fix(f"write {_ACTIONS[action]}", (SetValue(path, _ACTIONS[action]),), safe=True),
                )


def _written(shape: Shape, spec: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str]]:
    """The actions of a policy that may be in lower case: those of a rule itself must not, by their schema."""
    owners = [(_SPEC, _OVERRIDES, spec)]
    if isinstance(spec.get(_ACTION), str):
        yield _SPEC / _ACTION, spec[_ACTION]
    for path, rule in shape.mappings(spec.get("rules"), _SPEC / "rules"):
        validate = shape.mapping(rule.get("validate"), path / "validate")
        owners.append((path / "validate", "failureActionOverrides", validate))
    for path, field, owner in owners:
        for here, override in shape.mappings(owner.get(field), path / field):
            if isinstance(override.get("action"), str):
                yield here / "action", override["action"]


def _places(shape: Shape, spec: Mapping[str, Any]) -> _Places:
    validations: list[tuple[YamlPath, Mapping[str, Any]]] = []
    images: list[YamlPath] = []
    told = mixed = False
    for path, rule in shape.mappings(spec.get("rules"), _SPEC / "rules"):
        validate = shape.mapping(rule.get("validate"), path / "validate")
        if validate:
            own = any(validate.get(key) is not None for key in ("failureAction", "failureActionOverrides"))
            told = told or own
            if not own:
                validations.append((path / "validate", validate))
        entries = shape.mappings(rule.get("verifyImages"), path / "verifyImages")
        untold = [here for here, entry in entries if entry.get("failureAction") is None]
        told = told or len(untold) < len(entries)
        mixed = mixed or 0 < len(untold) < len(entries)
        images += untold
    return _Places(validations, images, told, mixed)


def _move(document: Document, spec: Mapping[str, Any], places: _Places) -> Fix | None:
    """The fix that moves all of it, None where the new fields cannot say the same.

    Upstream lets one rule's own action count for the whole policy in places, so with some told already the move is
    left to be looked at.
    """
    action, overrides = _ACTIONS.get(str(spec.get(_ACTION))), spec.get(_OVERRIDES)
    if places.mixed or (action is None and spec.get(_ACTION) is not None):
        return None
    if overrides is not None and (places.images or places.told or not _is_copyable(document, overrides)):
        return None
    operations: list[Operation] = []
    for path, validate in places.validations:
        first = key_after(validate)
        if action is not None:
            operations.append(SetValue(path / "failureAction", action, before=first))
        if overrides is not None:
            operations.append(SetValue(path / "failureActionOverrides", overrides, before=first))
    if action is not None:
        operations += [SetValue(path / "failureAction", action) for path in places.images]
    operations += [RemoveKey(_SPEC / field) for field in (_ACTION, _OVERRIDES) if spec.get(field) is not None]
    return Fix("move it to the rules", tuple(operations), safe=not places.told)


def _is_copyable(document: Document, overrides: Any) -> bool:
    """Whether overrides can be said on one line: nothing empty, and no comment that would be lost."""
    if not isinstance(overrides, list) or not overrides or document.kind != "ClusterPolicy":
        return False
    start, end = document.node_span(document.find(_SPEC / _OVERRIDES).value)
    return "#" not in document.source.text[start:end] + document.source.text[end:].partition("\n")[0]
