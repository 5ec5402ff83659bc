"""Fields of a policy's `spec` that Kyverno has deprecated, and how each moves to the field that took its place.

Sources: kyverno api/kyverno/v1/spec_types.go, and for what counts before and after a move pkg/engine/api
/engineresponse.go `GetValidationFailureAction`, `Spec.GetFailurePolicy` and `Spec.GetWebhookTimeoutSeconds`.
The author's document is judged, not the stored object: defaults are nobody's deprecated fields.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.kyverno.deprecated_actions import action_problems
from policylint.admission.kyverno.deprecated_rule_fields import rule_field_problems
from policylint.admission.kyverno.rule_bodies import GROUP, KINDS, Version, is_at_least, key_after
from policylint.document.document import Document
from policylint.model import ROOT, Fix, Operation, Problem, RemoveKey, SetValue
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_WEBHOOK = "webhookConfiguration"
_MOVED_SINCE = (1, 13)
_SCHEMA_SINCE = (1, 11)


class _PerRule(NamedTuple):
    """A field of `spec` that each rule of one operation now has for itself."""

    field: str
    operation: str


_WEBHOOK_FIELDS = {"webhookTimeoutSeconds": "timeoutSeconds", "failurePolicy": "failurePolicy"}
_PER_RULE = (_PerRule("mutateExistingOnPolicyUpdate", "mutate"), _PerRule("generateExisting", "generate"))


def problems(document: Document, kyverno: Version) -> Iterator[Problem]:
    """One problem for each deprecated field that `document`, a ClusterPolicy or Policy, uses."""
    if document.group != GROUP or document.kind not in KINDS:
        return
    shape = Shape()
    spec = shape.mapping(document.mapping.get("spec"), _SPEC)
    yield from action_problems(shape, document, spec, kyverno)
    if is_at_least(kyverno, _MOVED_SINCE):
        yield from _webhook_fields(shape, spec)
        for moved in _PER_RULE:
            yield from _per_rule(shape, spec, moved)
    if spec.get("schemaValidation") is not None and is_at_least(kyverno, _SCHEMA_SINCE):
        here = _SPEC / "schemaValidation"
        yield Problem(
            here,
            "spec.schemaValidation is deprecated, and has no effect since Kyverno 1.11",
            help="Remove it.",
            fix=Fix("remove spec.schemaValidation", (RemoveKey(here),), safe=True),
            at="key",
        )
    yield from rule_field_problems(shape, document, spec, kyverno)


def _webhook_fields(shape: Shape, spec: Mapping[str, Any]) -> Iterator[Problem]:
    """Both places at once are refused, and told by the rules about that."""
    webhook = shape.mapping(spec.get(_WEBHOOK), _SPEC / _WEBHOOK)
    for old, new in _WEBHOOK_FIELDS.items():
        value = spec.get(old)
        if value is None or webhook.get(new) is not None:
            continue
        here, there = _SPEC / old, _SPEC / _WEBHOOK / new
        movable = isinstance(value, str | int) and not isinstance(value, bool)
        yield Problem(
            here,
            f"{here} is deprecated: {there} took its place in Kyverno 1.13",
            help=f"Move it to {there}.",
            fix=Fix(f"move it to {there}", (SetValue(there, value), RemoveKey(here)), safe=True) if movable else None,
            at="key",
        )


def _per_rule(shape: Shape, spec: Mapping[str, Any], moved: _PerRule) -> Iterator[Problem]:
    value = spec.get(moved.field)
    if value is None:
        return
    here = _SPEC / moved.field
    operations: list[Operation] = []
    for path, rule in shape.mappings(spec.get("rules"), _SPEC / "rules"):
        body = shape.mapping(rule.get(moved.operation), path / moved.operation)
        if value is True and body and body.get(moved.field) is None:
            here_too = path / moved.operation / moved.field
            operations.append(SetValue(here_too, value, before=key_after(body)))
    fix = Fix(f"move it to the {moved.operation} rules", (*operations, RemoveKey(here)), safe=True)
    yield Problem(
        here,
        f"{here} is deprecated: {moved.operation} has it for each rule since Kyverno 1.13",
        help=f"Move it into {moved.operation} of every rule that is meant.",
        fix=fix if isinstance(value, bool) else None,
        at="key",
    )
