"""Policies of policies.kyverno.io that Kyverno's webhook refuses for their structure: kyverno pkg/cel/policies/*
/validate.go, pkg/imageverification/evaluator/validate.go and the compilers beside them.

Of expressions the syntax is judged here, names and results in `cel_names`; functions and fields are not.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.cel import expression_problems
from policylint.admission.kyverno.cel_names import name_problems
from policylint.admission.kyverno.cel_schedule import schedule_defect
from policylint.admission.kyverno.rule_bodies import REFUSED, Version, is_at_least, text_of
from policylint.admission.stored import Stored
from policylint.engine.cel import CelSyntaxError, Identifier, parse, walk
from policylint.model import ROOT, Problem, YamlPath
from policylint.views.shape import Shape

GROUP = "policies.kyverno.io"
KINDS = ("ValidatingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "GeneratingPolicy", "DeletingPolicy")
_SPEC = ROOT / "spec"
_HTTP_SINCE = (1, 18)
_IMAGE_CONSTRAINTS_SINCE = (1, 19)

# per kind: where expressions are, as list field and key, or list field, mapping and key
_EXPRESSIONS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "ValidatingPolicy": (
        ("matchConditions", "expression"),
        ("variables", "expression"),
        ("validations", "expression"),
        ("validations", "messageExpression"),
        ("auditAnnotations", "valueExpression"),
    ),
    "ImageValidatingPolicy": (
        ("matchConditions", "expression"),
        ("matchImageReferences", "expression"),
        ("images", "expression"),
        ("variables", "expression"),
        ("validations", "expression"),
        ("validations", "messageExpression"),
        ("auditAnnotations", "valueExpression"),
    ),
    "MutatingPolicy": (
        ("matchConditions", "expression"),
        ("variables", "expression"),
        ("mutations", "jsonPatch", "expression"),
        ("mutations", "applyConfiguration", "expression"),
    ),
    "GeneratingPolicy": (
        ("matchConditions", "expression"),
        ("variables", "expression"),
        ("generate", "expression"),
    ),
    "DeletingPolicy": (("conditions", "expression"), ("variables", "expression")),
}
# left out by the compilers when empty
_MAY_BE_EMPTY = ("messageExpression",)
# a MutatingPolicy with these wrong is admitted: upstream's conformance tests apply one
_ADMITTED = (("MutatingPolicy", "variables"), ("MutatingPolicy", "mutations"))
_PATCH_TYPES = {"JSONPatch": "jsonPatch", "ApplyConfiguration": "applyConfiguration"}


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses in a policy of policies.kyverno.io."""
    kind = stored.document.kind.removeprefix("Namespaced")
    if stored.document.group != GROUP or kind not in KINDS:
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    yield from _constraints(shape, spec, kind, kyverno)
    expressions = list(_expressions(shape, spec, kind))
    yield from _syntax(expressions, kind)
    if _in_cluster(shape, spec):
        yield from _names(shape, spec, kind, expressions)
    if kind != stored.document.kind and is_at_least(kyverno, _HTTP_SINCE):
        yield from _http(expressions)
    if kind == "MutatingPolicy":
        yield from _modes(shape, spec)
    if kind == "DeletingPolicy":
        yield from _schedule(spec)
    if kind == "ImageValidatingPolicy":
        yield from _globs(shape, spec)


def _constraints(shape: Shape, spec: Mapping[str, Any], kind: str, kyverno: Version) -> Iterator[Problem]:
    """Only for policies on Kubernetes objects; those in other modes are evaluated outside of a cluster."""
    if not _in_cluster(shape, spec):
        return
    if kind == "ImageValidatingPolicy" and not is_at_least(kyverno, _IMAGE_CONSTRAINTS_SINCE):
        return
    here = _SPEC / "matchConstraints"
    constraints = shape.mapping(spec.get("matchConstraints"), here)
    if not constraints.get("resourceRules"):
        yield Problem(
            here / "resourceRules",
            f"matchConstraints has no resourceRules, so the policy is for no resource: {REFUSED}",
            help="Add a resource rule with apiGroups, apiVersions, operations and resources.",
        )


def _in_cluster(shape: Shape, spec: Mapping[str, Any]) -> bool:
    evaluation = shape.mapping(spec.get("evaluation"), _SPEC / "evaluation")
    return text_of(evaluation.get("mode")) in ("", "Kubernetes")


def _expressions(shape: Shape, spec: Mapping[str, Any], kind: str) -> Iterator[tuple[YamlPath, str]]:
    for section, *keys in _EXPRESSIONS[kind]:
        for path, item in shape.mappings(spec.get(section), _SPEC / section):
            if section == "mutations" and _PATCH_TYPES.get(text_of(item.get("patchType"))) != keys[0]:
                continue
            here, owner = path, item
            for key in keys[:-1]:
                here, owner = here / key, shape.mapping(owner.get(key), here / key)
            if isinstance(owner.get(keys[-1]), str):
                yield here / keys[-1], owner[keys[-1]]


def _syntax(expressions: list[tuple[YamlPath, str]], kind: str) -> Iterator[Problem]:
    for path, expression in expressions:
        if not expression and _may_be_empty(path):
            continue
        if (kind, path[1]) in _ADMITTED:
            yield from _fails_later(path, expression)
        else:
            yield from expression_problems(expression, path, "Kyverno")


def _names(
    shape: Shape, spec: Mapping[str, Any], kind: str, expressions: list[tuple[YamlPath, str]]
) -> Iterator[Problem]:
    names = [text_of(item.get("name")) for _, item in shape.mappings(spec.get("variables"), _SPEC / "variables")]
    yield from name_problems(kind, names, [each for each in expressions if (kind, each[0][1]) not in _ADMITTED])


def _fails_later(path: YamlPath, expression: str) -> Iterator[Problem]:
    try:
        parse(expression)
    except CelSyntaxError as error:
        yield Problem(
            path,
            f"this is not a CEL expression: {error}, at character {error.at + 1}; Kyverno may take the policy,"
            " and nothing is mutated by it",
            help="Correct the expression.",
            severity="warning",
        )


def _may_be_empty(path: YamlPath) -> bool:
    return path[-1] in _MAY_BE_EMPTY or path[1] in ("matchImageReferences", "generate")


def _http(expressions: list[tuple[YamlPath, str]]) -> Iterator[Problem]:
    for path, expression in expressions:
        if _names_http(expression):
            yield Problem(
                path,
                f"a namespaced policy may not use http: {REFUSED}",
                help="Use a cluster-scoped policy, or run Kyverno with --allowHTTPInNamespacedPolicies.",
            )


def _names_http(expression: str) -> bool:
    """pkg/cel/compiler `ExpressionsUseHTTP`: any identifier of that name, and nothing of what cannot be read."""
    try:
        return any(isinstance(node, Identifier) and node.name == "http" for node in walk(parse(expression)))
    except CelSyntaxError:
        return False


def _modes(shape: Shape, spec: Mapping[str, Any]) -> Iterator[Problem]:
    here = _SPEC / "evaluation"
    evaluation = shape.mapping(spec.get("evaluation"), here)
    admission = shape.mapping(evaluation.get("admission"), here / "admission")
    existing = shape.mapping(evaluation.get("mutateExisting"), here / "mutateExisting")
    if admission.get("enabled") is False and existing.get("enabled") is not True:
        yield Problem(
            here / "admission" / "enabled",
            f"neither admission nor mutateExisting is enabled, so the policy never runs: {REFUSED}",
            help="Enable evaluation.admission or evaluation.mutateExisting.",
        )


def _schedule(spec: Mapping[str, Any]) -> Iterator[Problem]:
    schedule = spec.get("schedule")
    defect = schedule_defect(schedule) if isinstance(schedule, str) else ""
    if defect:
        yield Problem(
            _SPEC / "schedule",
            f"the schedule {schedule!r} is no cron schedule: {defect}: {REFUSED}",
            help="Write minute, hour, day of the month, month and day of the week, such as 0 3 * * *.",
        )


def _globs(shape: Shape, spec: Mapping[str, Any]) -> Iterator[Problem]:
    here = _SPEC / "matchImageReferences"
    for path, item in shape.mappings(spec.get("matchImageReferences"), here):
        glob = text_of(item.get("glob"))
        if _is_unclosed(glob):
            yield Problem(
                path / "glob",
                f"a bracket of the glob {glob} is not closed: {REFUSED}",
                help="Close it, or write the reference without brackets.",
            )


def _is_unclosed(glob: str) -> bool:
    """Whether a `[` or `{` of `glob` has no end (github.com/gobwas/glob)."""
    depth = position = 0
    while position < len(glob):
        character = glob[position]
        if character == "[":
            position = glob.find("]", position + 1)
            if position < 0:
                return True
        elif character == "\\":
            position += 1
        elif character in "{}":
            depth = max(0, depth + (1 if character == "{" else -1))
        position += 1
    return depth > 0
