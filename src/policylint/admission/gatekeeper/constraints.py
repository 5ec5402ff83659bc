"""Constraints as Gatekeeper takes them, and held against their template.

Source: gatekeeper pkg/util/enforcement_action.go (actions), pkg/target/target.go and pkg/mutation/match (match), and
the CustomResourceDefinition that frameworks constraint/pkg/client/crds makes of a template (parameters).
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from policylint.admission.gatekeeper.templates import kind_of, schema_of
from policylint.admission.kubernetes import selectors
from policylint.document.document import Document
from policylint.model import ROOT, Problem, YamlPath
from policylint.views import fields
from policylint.views.shape import Shape

GROUP = "constraints.gatekeeper.sh"
_SPEC = ROOT / "spec"
_ACTIONS = ("deny", "dryrun", "warn", "scoped")
_POINTS = ("validation.gatekeeper.sh", "gator.gatekeeper.sh", "audit.gatekeeper.sh", "vap.k8s.io", "*")
_MATCH = (
    "excludedNamespaces", "kinds", "labelSelector", "name", "namespaceSelector", "namespaces", "scope", "source",
)  # fmt: skip
_SCOPES, _SOURCES = ("*", "Cluster", "Namespaced"), ("All", "Generated", "Original")


def problems(shape: Shape, document: Document) -> Iterator[Problem]:
    """What is wrong with a constraint by itself."""
    spec = shape.mapping(document.mapping.get("spec"), _SPEC)
    action = shape.string(spec.get("enforcementAction"), _SPEC / "enforcementAction")
    if action is not None and action not in _ACTIONS:
        near = get_close_matches(action.lower(), _ACTIONS, 1)
        yield Problem(
            _SPEC / "enforcementAction",
            f"enforcementAction {action!r} is none that Gatekeeper has: it refuses this constraint",
            f"did you mean {near[0]}?" if near else f"use {', '.join(_ACTIONS)}",
        )
    yield from _scoped(shape, spec, action)
    yield from _match(shape, shape.mapping(spec.get("match"), _SPEC / "match"), _SPEC / "match")


def pair_problems(constraint: Document, templates: Sequence[Document]) -> Iterator[Problem]:
    """What is wrong between a constraint and the templates of its project."""
    kinds = {kind_of(template): template for template in templates}
    template = kinds.get(constraint.kind)
    if template is None:
        near = get_close_matches(constraint.kind, filter(None, kinds), 1)
        message = f"no template of this project makes the kind {constraint.kind}: the API server does not know it"
        help_ = f"did you mean {near[0]}?" if near else "add its ConstraintTemplate, or remove the constraint"
        yield Problem(ROOT / "kind", message, help_)
        return
    path = _SPEC / "parameters"
    parameters, schema = constraint.get(path), schema_of(template)
    if parameters is None:
        return
    if schema is None:
        if parameters:
            message = f"template {kind_of(template)} takes no parameters: the API server drops these"
            yield Problem(path, message, "declare them in the template's openAPIV3Schema", severity="warning", at="key")
        return
    yield from _against(parameters, schema, path)
    yield from _dropped(parameters, schema, path)


def _scoped(shape: Shape, spec: Mapping[str, Any], action: object) -> Iterator[Problem]:
    path = _SPEC / "scopedEnforcementActions"
    entries = shape.mappings(spec.get("scopedEnforcementActions"), path)
    if action == "scoped" and not entries:
        message = "enforcementAction is scoped, and there are no scopedEnforcementActions: it is never enforced"
        yield Problem(path, message, "list actions and their enforcementPoints")
    elif entries and action != "scoped":
        message = "scopedEnforcementActions count only with enforcementAction: scoped"
        yield Problem(path, message, "set spec.enforcementAction: scoped", severity="warning", at="key")
    for here, entry in entries:
        name = fields.text(shape, entry, here, "action")
        if name not in _ACTIONS[:3]:
            message = f"action {name!r} is none that Gatekeeper has: it refuses this constraint"
            yield Problem(here / "action", message, f"use {', '.join(_ACTIONS[:3])}")
        for where, point in shape.mappings(entry.get("enforcementPoints"), here / "enforcementPoints"):
            point_name = fields.text(shape, point, where, "name")
            if point_name not in _POINTS:
                message = f"enforcement point {point_name!r} is none that Gatekeeper has: nothing is enforced there"
                yield Problem(where / "name", message, f"use one of {', '.join(_POINTS)}", severity="warning")


def _match(shape: Shape, match: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    for key in match:
        if key not in _MATCH:
            near = get_close_matches(str(key), _MATCH, 1)
            message = f"match has no field {key!r}: the API server drops it, and the constraint matches more than meant"
            help_ = f"did you mean {near[0]}?" if near else f"its fields are {', '.join(_MATCH)}"
            yield Problem(path / str(key), message, help_, severity="warning", at="key")
    for key, choices in (("scope", _SCOPES), ("source", _SOURCES)):
        value = shape.string(match.get(key), path / key)
        if value is not None and value not in choices:
            message = f"{key} {value!r}: the API server refuses this constraint"
            yield Problem(path / key, message, f"use {', '.join(choices)}")
    for key in ("labelSelector", "namespaceSelector"):
        yield from selectors.problems(shape, match.get(key), path / key)
    for here, entry in shape.mappings(match.get("kinds"), path / "kinds"):
        for where, name in shape.strings(entry.get("apiGroups"), here / "apiGroups"):
            if "/" in name or name == "v1":
                group = "" if name == "v1" else name.partition("/")[0]
                message = f"{name!r} is no API group but an apiVersion: the constraint matches nothing"
                yield Problem(where, message, f'write "{group}"')


def _against(parameters: object, schema: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    from jsonschema import Draft4Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft4Validator.check_schema(schema)
    except SchemaError:
        return  # the template's own problem
    for error in Draft4Validator(schema).iter_errors(parameters):
        if error.instance is None or error.validator == "additionalProperties":
            continue  # null is taken for absent, and what is not declared is dropped
        where = path
        for step in error.absolute_path:
            where /= step
        yield Problem(where, f"parameters: {error.message}: the API server refuses this constraint")


def _dropped(parameters: object, schema: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    properties = schema.get("properties")
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("additionalProperties")
    if isinstance(parameters, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(parameters):
            yield from _dropped(item, schema["items"], path / index)
    if not isinstance(parameters, dict) or not isinstance(properties, dict) or is_open:
        return
    for key, value in parameters.items():
        if key in properties:
            if isinstance(properties[key], dict):
                yield from _dropped(value, properties[key], path / key)
            continue
        near = get_close_matches(str(key), properties, 1)
        message = f"the template's schema has no {key!r}: the API server drops it"
        help_ = f"did you mean {near[0]}?" if near else f"it has {', '.join(properties) or 'nothing'}"
        yield Problem(path / str(key), message, help_, severity="warning", at="key")
