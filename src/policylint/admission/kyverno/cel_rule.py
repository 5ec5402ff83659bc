"""CEL in a rule: kyverno pkg/policy/{validate,mutate,generate}/validate.go `Validate`. Expressions are not compiled."""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED, RuleBody, Version, is_at_least, text_of
from policylint.model import Problem, YamlPath
from policylint.views.shape import Shape

_NO_CONTEXT_SINCE = (1, 15)


def precondition_problems(rule: RuleBody) -> Iterator[Problem]:
    """`celPreconditions` of a `rule` that has no `validate.cel`; an empty list of them is refused too."""
    if rule.data.get("celPreconditions") is not None:
        yield Problem(
            rule.path / "celPreconditions",
            f"celPreconditions go with validate.cel only: {REFUSED}",
            help="Write preconditions instead.",
            at="key",
        )


def cel_problems(
    shape: Shape, rule: RuleBody, validate: Mapping[str, Any], path: YamlPath, kyverno: Version
) -> Iterator[Problem]:
    """What the webhook refuses in `validate.cel`, which may be absent."""
    if validate.get("cel") is None:
        return
    here = path / "cel"
    cel = shape.mapping(validate["cel"], here)
    if rule.data.get("context") and is_at_least(kyverno, _NO_CONTEXT_SINCE):
        yield Problem(
            rule.path / "context",
            f"a rule with validate.cel takes no context: {REFUSED}",
            help="Use cel.variables or cel.paramKind instead.",
            at="key",
        )
    yield from _empty(shape, cel, here, "expressions", "expression")
    yield from _parameters(shape, cel, here)
    for key in ("key", "valueExpression"):
        yield from _empty(shape, cel, here, "auditAnnotations", key)


def _empty(shape: Shape, cel: Mapping[str, Any], path: YamlPath, section: str, key: str) -> Iterator[Problem]:
    """Texts that are there and empty; absent ones are refused by the schema."""
    for here, item in shape.mappings(cel.get(section), path / section):
        if item.get(key) == "":
            yield Problem(here / key, f"{key} is empty: {REFUSED}", help=f"Write the {key}, or remove the item.")


def _parameters(shape: Shape, cel: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    kind_path, ref_path = path / "paramKind", path / "paramRef"
    has_kind, has_ref = cel.get("paramKind") is not None, cel.get("paramRef") is not None
    if has_kind:
        kind = shape.mapping(cel["paramKind"], kind_path)
        for key in ("apiVersion", "kind"):
            if not text_of(kind.get(key)):
                yield Problem(kind_path / key, f"paramKind has no {key}: {REFUSED}", help=f"Name the {key}.")
        if not has_ref:
            yield Problem(
                ref_path,
                f"paramKind is set without paramRef: {REFUSED}",
                help="Say with paramRef which object holds the parameters.",
            )
    if has_ref:
        yield from _reference(shape.mapping(cel["paramRef"], ref_path), ref_path)
        if not has_kind:
            yield Problem(
                kind_path,
                f"paramRef is set without paramKind: {REFUSED}",
                help="Say with paramKind what kind the parameters are.",
            )


def _reference(ref: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    name, selector = bool(text_of(ref.get("name"))), ref.get("selector") is not None
    if name == selector:
        found = "both name and selector" if name else "neither name nor selector"
        yield Problem(
            path, f"paramRef has {found}, and takes exactly one: {REFUSED}", help="Set one of them.", at="key"
        )
    if ref.get("parameterNotFoundAction") is None:
        yield Problem(
            path / "parameterNotFoundAction",
            f"paramRef has no parameterNotFoundAction: {REFUSED}",
            help="Set parameterNotFoundAction: Allow or Deny.",
        )
