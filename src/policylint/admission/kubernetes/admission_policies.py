"""ValidatingAdmissionPolicies, MutatingAdmissionPolicies and their bindings that the API server refuses.

Source: validation.go `validateValidatingAdmissionPolicySpec`, `validateMutatingAdmissionPolicySpec`,
`validateValidatingAdmissionPolicyBindingSpec`, `validateParamRef`. Types of expressions are not judged.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.cel import MATCH_CONDITION_NAMES, expression_problems
from policylint.admission.kubernetes import match_conditions, resource_rules, selectors
from policylint.document.document import Document
from policylint.engine.cel.parser import is_identifier
from policylint.model import ROOT, Problem, YamlPath
from policylint.views import fields
from policylint.views.names import is_qualified_name
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_WHO = "the API server"
_REFUSED = f"{_WHO} refuses it"
_REASONS = ("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge")
_ACTIONS = ("Deny", "Warn", "Audit")
_MOST_ANNOTATIONS = 20
_LONGEST_ANNOTATION = 5 * 1024


def policy_problems(shape: Shape, document: Document) -> Iterator[Problem]:
    """What is wrong with a ValidatingAdmissionPolicy or MutatingAdmissionPolicy."""
    spec = shape.mapping(document.mapping.get("spec"), _SPEC)
    names = MATCH_CONDITION_NAMES | ({"params"} if spec.get("paramKind") is not None else frozenset())
    yield from _choice(shape, spec, _SPEC, "failurePolicy", ("Fail", "Ignore"))
    yield from _param_kind(shape, spec)
    yield from _constraints(shape, spec)
    yield from match_conditions.problems(shape, spec.get("matchConditions"), _SPEC / "matchConditions", _WHO, names)
    names |= {"variables"}
    yield from _variables(shape, spec, names)
    if document.kind == "MutatingAdmissionPolicy":
        yield from _mutations(shape, spec, names)
    else:
        yield from _validations(shape, spec, names)
        yield from _annotations(shape, spec, names)


def binding_problems(shape: Shape, document: Document) -> Iterator[Problem]:
    """What is wrong with a binding of one of the two."""
    spec = shape.mapping(document.mapping.get("spec"), _SPEC)
    if not fields.text(shape, spec, _SPEC, "policyName"):
        yield Problem(_SPEC / "policyName", f"the binding names no policy: {_REFUSED}", "set spec.policyName")
    if document.kind == "ValidatingAdmissionPolicyBinding":
        yield from _actions(shape, spec, _SPEC / "validationActions")
    if spec.get("paramRef") is not None:
        path = _SPEC / "paramRef"
        reference = shape.mapping(spec["paramRef"], path)
        if bool(reference.get("name")) == (reference.get("selector") is not None):
            yield Problem(path, f"paramRef takes exactly one of name and selector: {_REFUSED}", at="key")
        action = fields.text(shape, reference, path, "parameterNotFoundAction")
        if action not in ("Allow", "Deny"):
            said = repr(action) if action else "not set"
            yield Problem(
                path / "parameterNotFoundAction",
                f"parameterNotFoundAction is {said}: {_REFUSED}",
                "use Deny, so that requests wait for the parameters, or Allow",
            )
    if spec.get("matchResources") is not None:
        yield from _match(
            shape, shape.mapping(spec["matchResources"], _SPEC / "matchResources"), _SPEC / "matchResources"
        )


def _param_kind(shape: Shape, spec: Mapping[str, Any]) -> Iterator[Problem]:
    if spec.get("paramKind") is None:
        return
    path = _SPEC / "paramKind"
    kind = shape.mapping(spec["paramKind"], path)
    for key in ("apiVersion", "kind"):
        if not fields.text(shape, kind, path, key):
            yield Problem(path / key, f"paramKind has no {key}: {_REFUSED}")


def _constraints(shape: Shape, spec: Mapping[str, Any]) -> Iterator[Problem]:
    path = _SPEC / "matchConstraints"
    constraints = shape.mapping(spec.get("matchConstraints"), path)
    if not shape.sequence(constraints.get("resourceRules"), path / "resourceRules"):
        yield Problem(
            path / "resourceRules",
            f"the policy says nowhere which resources it is for: {_REFUSED}",
            "list them in spec.matchConstraints.resourceRules",
        )
    yield from _match(shape, constraints, path)


def _match(shape: Shape, match: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    yield from _choice(shape, match, path, "matchPolicy", ("Equivalent", "Exact"))
    for selector in ("namespaceSelector", "objectSelector"):
        yield from selectors.problems(shape, match.get(selector), path / selector)
    for key in ("resourceRules", "excludeResourceRules"):
        for here, rule in shape.mappings(match.get(key), path / key):
            yield from resource_rules.problems(shape, rule, here)


def _variables(shape: Shape, spec: Mapping[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    for path, variable in shape.mappings(spec.get("variables"), _SPEC / "variables"):
        name = fields.text(shape, variable, path, "name")
        if not is_identifier(name):
            yield Problem(path / "name", f"{name!r} is no name for a variable in CEL: {_REFUSED}")
        yield from _expression(shape, variable, path, "expression", names)


def _validations(shape: Shape, spec: Mapping[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    validations = shape.mappings(spec.get("validations"), _SPEC / "validations")
    if not validations and not shape.sequence(spec.get("auditAnnotations"), _SPEC / "auditAnnotations"):
        yield Problem(_SPEC / "validations", f"the policy has neither validations nor auditAnnotations: {_REFUSED}")
    for path, validation in validations:
        yield from _expression(shape, validation, path, "expression", names)
        if validation.get("messageExpression") is not None:
            yield from _expression(shape, validation, path, "messageExpression", names)
        message = fields.text(shape, validation, path, "message")
        if "\n" in message.strip() or "\r" in message.strip():
            yield Problem(path / "message", f"the message has line breaks: {_REFUSED}", "write it on one line")
        elif message and not message.strip():
            yield Problem(path / "message", f"the message is blank: {_REFUSED}")
        yield from _choice(shape, validation, path, "reason", _REASONS)


def _annotations(shape: Shape, spec: Mapping[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    path = _SPEC / "auditAnnotations"
    annotations = shape.mappings(spec.get("auditAnnotations"), path)
    if len(annotations) > _MOST_ANNOTATIONS:
        yield Problem(path, f"these are {len(annotations)} audit annotations: {_WHO} takes {_MOST_ANNOTATIONS}")
    seen: set[str] = set()
    for here, annotation in annotations:
        key = fields.text(shape, annotation, here, "key")
        if not key or "/" in key or not is_qualified_name(key):
            yield Problem(here / "key", f"{key!r} is no key for an audit annotation: {_REFUSED}")
        elif key in seen:
            yield Problem(here / "key", f"another audit annotation has the key {key!r} already: {_REFUSED}")
        seen.add(key)
        yield from _expression(shape, annotation, here, "valueExpression", names)
        if len(fields.text(shape, annotation, here, "valueExpression")) > _LONGEST_ANNOTATION:
            yield Problem(here / "valueExpression", f"the expression is longer than 5 KiB: {_REFUSED}")


def _mutations(shape: Shape, spec: Mapping[str, Any], names: frozenset[str]) -> Iterator[Problem]:
    mutations = shape.mappings(spec.get("mutations"), _SPEC / "mutations")
    if not mutations:
        yield Problem(_SPEC / "mutations", f"the policy has no mutations: {_REFUSED}")
    yield from _choice(shape, spec, _SPEC, "reinvocationPolicy", ("Never", "IfNeeded"))
    for path, mutation in mutations:
        patch = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}
        sort = fields.text(shape, mutation, path, "patchType")
        if sort not in patch:
            yield Problem(path / "patchType", f"patchType {sort!r}: {_REFUSED}", f"use {' or '.join(patch)}")
            continue
        wanted = patch[sort]
        for key in patch.values():
            if (mutation.get(key) is not None) != (key == wanted):
                says = f"needs {key}" if key == wanted else f"takes no {key}"
                yield Problem(path / key, f"a mutation of patchType {sort} {says}: {_REFUSED}")
        body = shape.mapping(mutation.get(wanted), path / wanted)
        if body:
            yield from _expression(shape, body, path / wanted, "expression", names)


def _actions(shape: Shape, spec: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    actions = shape.strings(spec.get("validationActions"), path)
    seen: set[str] = set()
    for where, action in actions:
        if action not in _ACTIONS:
            yield Problem(where, f"validation action {action!r}: {_REFUSED}", f"use {', '.join(_ACTIONS)}")
        elif action in seen:
            yield Problem(where, f"{action} is there twice: {_REFUSED}", "remove one")
        seen.add(action)
    if not actions:
        yield Problem(path, f"the binding has no validation action: {_REFUSED}", "set validationActions: [Deny]")
    if {"Deny", "Warn"} <= seen:
        yield Problem(path, f"Deny and Warn say the same to the user twice: {_REFUSED}", "keep one of the two")


def _choice(
    shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str, choices: tuple[str, ...]
) -> Iterator[Problem]:
    value = shape.string(mapping.get(key), path / key)
    if value is not None and value not in choices:
        yield Problem(path / key, f"{key} {value!r}: {_REFUSED}", f"use {' or '.join(choices)}")


def _expression(
    shape: Shape, owner: Mapping[str, Any], path: YamlPath, key: str, names: frozenset[str]
) -> Iterator[Problem]:
    yield from expression_problems(fields.text(shape, owner, path, key), path / key, _WHO, names)
