"""Conditions: kyverno pkg/validation/policy/validate.go `validateConditions`, `validateConditionValues`,
`validateRawJSONConditionOperator`, `validateValidationForEach`, and api/kyverno/v1/wrappers.go `ConditionsWrapper`.

Operators are judged where the schema leaves conditions open; elsewhere the schema itself names the operators.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED, RuleBody, Version, is_at_least, rules_of
from policylint.admission.stored import Stored
from policylint.model import Fix, Problem, SetValue, YamlPath
from policylint.views.shape import Shape, type_name

OPERATORS = (
    "Equal",
    "Equals",
    "NotEqual",
    "NotEquals",
    "In",
    "AnyIn",
    "AllIn",
    "NotIn",
    "AnyNotIn",
    "AllNotIn",
    "GreaterThanOrEquals",
    "GreaterThan",
    "LessThanOrEquals",
    "LessThan",
    "DurationGreaterThanOrEquals",
    "DurationGreaterThan",
    "DurationLessThanOrEquals",
    "DurationLessThan",
)
_REQUESTS = ("CREATE", "UPDATE", "DELETE", "CONNECT")
_OPERATION = "{{request.operation}}"
# versions whose schema knows the operators of preconditions and deny conditions
_TYPED = ("v2beta1",)


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What is refused of the preconditions and deny conditions of every rule."""
    # before, operators were read without looking at their case, and unknown ones failed when they were evaluated
    typed = stored.document.version in _TYPED or not is_at_least(kyverno, (1, 13))
    for rule in rules_of(stored):
        yield from _rule(rule, typed)


def _rule(rule: RuleBody, typed: bool) -> Iterator[Problem]:
    shape = Shape()
    yield from _block(rule.data.get("preconditions"), rule.path / "preconditions", typed)
    validate = rule.path / "validate"
    validation = shape.mapping(rule.data.get("validate"), validate)
    yield from _denied(shape, validation, validate, typed)
    if not typed:
        yield from _foreach(shape, validation, validate)
    for path, entry in shape.mappings(rule.data.get("verifyImages"), rule.path / "verifyImages"):
        yield from _denied(shape, shape.mapping(entry.get("validate"), path / "validate"), path / "validate", typed)


def _denied(shape: Shape, owner: Mapping[str, Any], path: YamlPath, typed: bool) -> Iterator[Problem]:
    deny = shape.mapping(owner.get("deny"), path / "deny")
    yield from _block(deny.get("conditions"), path / "deny" / "conditions", typed)


def _foreach(shape: Shape, owner: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """Loops, in which only the operators are looked at."""
    for at, entry in shape.mappings(owner.get("foreach"), path / "foreach"):
        deny = shape.mapping(entry.get("deny"), at / "deny")
        found = _conditions(deny.get("conditions"), at / "deny" / "conditions")
        for place, condition in found:
            if isinstance(condition, str):
                yield _no_condition(condition, place)
            else:
                yield from _operator(condition, place)
        yield from _foreach(shape, entry, at)


def _block(conditions: Any, path: YamlPath, typed: bool) -> Iterator[Problem]:
    for place, condition in _conditions(conditions, path):
        if isinstance(condition, str):
            yield _no_condition(condition, place)
            continue
        missing = [key for key in ("key", "value") if condition.get(key) is None]
        missing += [] if condition.get("operator") else ["operator"]
        if missing:
            yield _incomplete(condition, missing, place)
            continue
        if not typed:
            yield from _operator(condition, place)
        key = condition["key"]
        if isinstance(key, str) and key.replace(" ", "") == _OPERATION:
            yield from _request_operation(condition["value"], place / "value")


def _conditions(conditions: Any, path: YamlPath) -> Iterator[tuple[YamlPath, Mapping[str, Any] | str]]:
    """The conditions of a list, or of a mapping's any and all; of what is no condition, what it is instead."""
    if conditions is None:
        return
    if isinstance(conditions, list):
        yield from _items(conditions, path)
        return
    if not isinstance(conditions, Mapping):
        yield path, type_name(conditions)
        return
    for key in ("any", "all"):
        items = conditions.get(key)
        if isinstance(items, list):
            yield from _items(items, path / key)
        elif items is not None:
            yield path / key, type_name(items)


def _items(items: list[Any], path: YamlPath) -> Iterator[tuple[YamlPath, Mapping[str, Any] | str]]:
    for index, item in enumerate(items):
        yield path / index, item if isinstance(item, Mapping) else type_name(item)


def _no_condition(what: str, path: YamlPath) -> Problem:
    return Problem(
        path,
        f"conditions are lists of mappings, here is {what}: {REFUSED}",
        help="Write a list of conditions with key, operator and value.",
    )


def _incomplete(condition: Mapping[str, Any], missing: list[str], path: YamlPath) -> Problem:
    nested = next((key for key in ("any", "all") if key in condition), None)
    if nested is not None:
        return Problem(
            path / nested,
            f"{nested} stands inside a list, where conditions are expected: {REFUSED}",
            help=f"Make the conditions a mapping with {nested}, not a list.",
            at="key",
        )
    return Problem(
        path,
        f"the condition has no {' and no '.join(missing)}: {REFUSED}",
        help="A condition needs a key, an operator and a value, which may be empty texts but not null.",
    )


def _operator(condition: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    operator = condition.get("operator")
    if operator in OPERATORS:
        return
    near = next((known for known in OPERATORS if isinstance(operator, str) and known.lower() == operator.lower()), None)
    named = f'"{operator}" is no operator' if operator else "the condition has no operator"
    yield Problem(
        path / "operator",
        f"{named}: {REFUSED}",
        help=f"Write {near}." if near else f"Use one of {', '.join(OPERATORS)}.",
        fix=_spelled(path / "operator", near),
    )


def _request_operation(value: Any, path: YamlPath) -> Iterator[Problem]:
    if isinstance(value, str):
        if not (len(value) >= 4 and value.startswith("{{") and value.endswith("}}")):
            yield from _known_request(value, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _known_request(item, path / index)
    else:
        yield Problem(
            path,
            f"request.operation is compared to {type_name(value)}: {REFUSED}",
            help=f"Compare it to one of {', '.join(_REQUESTS)}, or to a list of them.",
        )


def _known_request(value: Any, path: YamlPath) -> Iterator[Problem]:
    if value not in _REQUESTS:
        yield Problem(
            path,
            f'request.operation is never "{value}": {REFUSED}',
            help=f"Use {', '.join(_REQUESTS[:-1])} or {_REQUESTS[-1]}, in capitals.",
            fix=_spelled(path, next((known for known in _REQUESTS if str(value).upper() == known), None)),
        )


def _spelled(path: YamlPath, name: str | None) -> Fix | None:
    """What only differs in case is meant as it is spelled."""
    return None if name is None else Fix(f"write {name}", (SetValue(path, name),), safe=True)
