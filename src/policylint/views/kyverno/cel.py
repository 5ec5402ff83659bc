"""The policies.kyverno.io kinds that are served by a webhook."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from policylint.document.document import Document
from policylint.model import ROOT, YamlPath
from policylint.regex import regex
from policylint.views import fields
from policylint.views.fields import Field
from policylint.views.kyverno.context import Called, CallOut
from policylint.views.kyverno.timeout import Timeout, read_timeout
from policylint.views.shape import Shape, ShapeProblem

# DeletingPolicy and NamespacedDeletingPolicy run on a schedule: they have no webhook and no webhookConfiguration.
_KINDS = ("ValidatingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "GeneratingPolicy")
_VERSIONS = ("v1", "v1beta1", "v1alpha1")
_SPEC = ROOT / "spec"
_EXPRESSIONS = (("variables", "expression"), ("validations", "expression"), ("validations", "messageExpression"))
_AUDIT_ANNOTATIONS = ("auditAnnotations", "valueExpression")
_MUTATIONS = ("applyConfiguration", "jsonPatch")

_STRING = regex(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
# pkg/cel/libs/http and pkg/cel/libs/imagedata; pkg/cel/libs/resource talks to the API server
_CALLS: tuple[tuple[re.Pattern[str], Called], ...] = (
    (regex(r"\bhttp\s*\.\s*(?:Get|Post|Client)\s*\("), "service"),
    (regex(r"\bimage\s*\.\s*GetMetadata\s*\("), "registry"),
)


class CelPolicy(NamedTuple):
    """One policy of a served version; `kind` without `Namespaced`. Expressions are judged by the names they call."""

    kind: str
    namespaced: bool
    timeout: Timeout
    failure_policy: Field[str]
    admission: Field[bool]
    mode: Field[str]
    validation_actions: tuple[str, ...]
    expression_calls: tuple[CallOut, ...]
    shape_problems: tuple[ShapeProblem, ...]

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when it is such a policy, else nothing."""
        kind = document.kind.removeprefix("Namespaced")
        if document.group != "policies.kyverno.io" or kind not in _KINDS or document.version not in _VERSIONS:
            return
        shape = Shape()
        spec = shape.mapping(document.mapping.get("spec"), _SPEC)
        evaluation = shape.mapping(spec.get("evaluation"), _SPEC / "evaluation")
        admission = shape.mapping(evaluation.get("admission"), _SPEC / "evaluation" / "admission")
        actions = shape.strings(spec.get("validationActions"), _SPEC / "validationActions")
        yield cls(
            kind,
            kind != document.kind,
            read_timeout(shape, spec, _SPEC, deprecated=False),
            fields.string(shape, spec, _SPEC, "failurePolicy", default="Fail"),
            fields.boolean(shape, admission, _SPEC / "evaluation" / "admission", "enabled", default=True),
            fields.string(shape, evaluation, _SPEC / "evaluation", "mode", default="Kubernetes"),
            tuple(text for _, text in actions),
            tuple(_expression_calls(shape, spec)),
            shape.problems,
        )

    @property
    def only_audits(self) -> bool:
        """Whether it denies nothing by itself; without `validationActions` it denies (`Deny` is the default)."""
        validates = self.kind in ("ValidatingPolicy", "ImageValidatingPolicy")
        return validates and bool(self.validation_actions) and "Deny" not in self.validation_actions

    @property
    def judges_admission(self) -> bool:
        return self.admission.value is not False and self.mode.value == "Kubernetes"

    def calls_out(self) -> tuple[CallOut, ...]:
        """What is called while a request waits. A GeneratingPolicy only queues its work then."""
        if not self.judges_admission or self.kind == "GeneratingPolicy":
            return ()
        registry = (CallOut(_SPEC / "attestors", "registry"),) if self.kind == "ImageValidatingPolicy" else ()
        return tuple(call._replace(audits=self.only_audits) for call in (*registry, *self.expression_calls))


def _expression_calls(shape: Shape, spec: Mapping[str, Any]) -> Iterator[CallOut]:
    for path, expression in _expressions(shape, spec):
        code = _STRING.sub('""', expression)
        for pattern, what in _CALLS:
            if pattern.search(code):
                yield CallOut(path, what)


def _expressions(shape: Shape, spec: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str]]:
    for section, key in (*_EXPRESSIONS, _AUDIT_ANNOTATIONS):
        for path, item in shape.mappings(spec.get(section), _SPEC / section):
            yield path / key, fields.text(shape, item, path, key)
    for path, item in shape.mappings(spec.get("mutations"), _SPEC / "mutations"):
        for part in _MUTATIONS:
            mutation = shape.mapping(item.get(part), path / part)
            yield path / part / "expression", fields.text(shape, mutation, path / part, "expression")
