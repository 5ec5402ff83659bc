"""Variables in policies: kyverno pkg/validation/policy/validate.go `ValidateVariables`, `hasInvalidVariables`,
`ruleForbiddenSectionsHaveVariables`, `ValidateOnPolicyUpdate`, `validateElementInForEach`, and background.go
`containsUserVariables`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.kyverno.match_blocks import user_info_problems
from policylint.admission.kyverno.rule_bodies import REFUSED, RuleBody, Version, rules_of
from policylint.admission.kyverno.rule_types import operations
from policylint.admission.kyverno.variable_lists import Allowed, Defect, defect_in
from policylint.admission.kyverno.variable_places import Text, texts
from policylint.admission.stored import Stored
from policylint.engine.autogen import ComputedRule, compute_rules
from policylint.engine.errors import EvaluationError
from policylint.engine.references import REFERENCE_MARK, substitute_references
from policylint.engine.variables.syntax import MARK, occurrences
from policylint.model import ROOT, Problem, YamlPath
from policylint.regex import regex
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_ABOUT_USER = regex(
    r"[^.]((?:serviceAccountName|serviceAccountNamespace|request.userInfo|request.roles|request.clusterRoles)\b)"
)
_PLAIN = regex(r"\{\{[^{}]*\}\}")
_LAST_APPLIED = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
_TARGET_FIELDS = ("apiVersion", "kind", "namespace", "name", "uid", "selector")
_ON_UPDATE = "mutateExistingOnPolicyUpdate"
_NO_USER = "which background scans do not know"


class _Judged(NamedTuple):
    """A policy's rules; `scans` tells that they run in the background, `existing` that one mutates other objects."""

    stored: Stored
    rules: list[RuleBody]
    scans: bool
    existing: bool
    on_update: YamlPath | None


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What is refused of the variables and references in a policy, each place once."""
    rules = list(rules_of(stored))
    if not rules:
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    judged = _Judged(
        stored,
        rules,
        spec.get("background") is not False,
        any(isinstance(shape.mapping(rule.data.get("mutate"), ROOT).get("targets"), list) for rule in rules),
        _on_update(shape, spec, rules),
    )
    seen: set[YamlPath] = set()
    for problem in (*_of_users(judged), *_of_rules(judged)):
        if problem.path not in seen:
            seen.add(problem.path)
            yield problem


def _on_update(shape: Shape, spec: Mapping[str, Any], rules: list[RuleBody]) -> YamlPath | None:
    """The place that makes the policy mutate existing objects when it changes, if any does."""
    for rule in rules:
        if "mutate" in operations(rule.data):
            own = shape.mapping(rule.data.get("mutate"), ROOT).get(_ON_UPDATE)
            if own is True or (own is None and spec.get(_ON_UPDATE) is True):
                return (rule.path / "mutate" if own else _SPEC) / _ON_UPDATE
    return None


def _of_users(judged: _Judged) -> Iterator[Problem]:
    """Who asked is known to requests only: not to background scans, nor to a policy that changed."""
    used = [text for text in texts(judged.stored.data, ROOT, MARK) if _counts(text)]
    if not judged.scans and (judged.on_update is None or not used):
        return
    why = _NO_USER if judged.scans else f"which is not known when the policy itself changes ({judged.on_update})"
    remedy = "Set spec.background: false." if judged.scans else f"Set {judged.on_update}: false."
    shape = Shape()
    for rule in judged.rules:
        for name in ("match", "exclude"):
            block = shape.mapping(rule.data.get(name), rule.path / name)
            for problem in user_info_problems(shape, block, rule.path / name, why):
                yield problem._replace(message=f"{problem.message}: {REFUSED}", help=remedy)
    if judged.existing:
        return
    for text in used:
        for found in occurrences(text.value):
            match = _ABOUT_USER.search(text.value[found.start : found.end])
            if match is not None:
                yield text.problem(f"the variable {{{{ {found.query} }}}} uses {match[1]}, {why}: {REFUSED}", remedy)
                break


def _counts(text: Text) -> bool:
    return text.path != _LAST_APPLIED and text.path[:2] != ("status", "autogen")


def _of_rules(judged: _Judged) -> Iterator[Problem]:
    shape = Shape()
    for rule in judged.rules:
        yield from _of_rule(judged, rule, rule.data)
    if any(not isinstance(_foreach(rule.data), list | None) for rule in judged.rules):
        return  # of what is no list, no rules are made
    annotations = shape.mapping(shape.mapping(judged.stored.data.get("metadata"), ROOT).get("annotations"), ROOT)
    if not all(isinstance(value, str) for value in annotations.values()):
        return
    for computed in compute_rules([rule.data for rule in judged.rules], annotations):
        if computed.wrap:
            for problem in _of_rule(judged, judged.rules[computed.source], computed.data):
                place = _source_of(problem.path, computed)
                yield problem._replace(path=place, message=f"in the rule for pod controllers, {problem.message}")


def _source_of(path: YamlPath, computed: ComputedRule) -> YamlPath:
    from policylint.engine.policy import Rule  # it brings in all of evaluation

    return Rule(computed, Shape()).original(path) or path


def _foreach(rule: Mapping[str, Any]) -> Any:
    mutation = rule.get("mutate")
    return mutation.get("foreach") if isinstance(mutation, Mapping) else None


def _of_rule(judged: _Judged, rule: RuleBody, data: Mapping[str, Any]) -> Iterator[Problem]:
    """`data` is the rule itself or one made of it."""
    found = texts(data, rule.path, MARK, REFERENCE_MARK)
    if not found:
        return
    yield from _forbidden(rule, data, found)
    yield from _references(data, rule.path)
    checked = [text for text in found if MARK in text.value and not _is_exempt(text.path[len(rule.path) :])]
    mutation = data.get("mutate")
    targets = mutation.get("targets") if isinstance(mutation, Mapping) else None
    if targets is not None:
        yield from _before_targets(judged, rule, data, checked)
    background = judged.scans or judged.on_update is not None
    allowed = Allowed.of(data, background=background, target=targets is not None)
    foreground = Allowed.of(data, background=False, target=targets is not None)
    for text in checked:
        defect = defect_in(text.value, allowed)
        if defect is not None:
            hidden = defect.unknown and foreground.has(defect.query)
            yield text.problem(f"{_said(defect, hidden)}: {REFUSED}", _remedy(defect, allowed, hidden))
    for text in found:
        yield from _outside_foreach(text, rule.path)


def _said(defect: Defect, hidden: bool) -> str:
    if hidden:
        return f"the variable {{{{ {defect.query} }}}} is not known to background scans"
    if defect.unknown:
        return f"the variable {{{{ {defect.query} }}}} is not known here"
    return f"a variable cannot be read: {defect.reason}"


def _remedy(defect: Defect, allowed: Allowed, hidden: bool) -> str:
    if hidden:
        return "Set spec.background: false, or begin the variable with request."
    if not defect.unknown:
        return "Correct the JMESPath expression."
    names = f", here {allowed.named}" if allowed.named else ""
    return f"Known are request, images, element in a foreach, and the names of context entries{names}."


def _is_exempt(below: tuple[str | int, ...]) -> bool:
    """Attestations bring their own variables; image references take none at all, which KYV119 says."""
    if below[:1] != ("verifyImages",):
        return False
    return below[2:3] in (("imageReferences",), ("image",)) or (below[2:3], below[4:5]) == (
        ("attestations",),
        ("conditions",),
    )


def _before_targets(judged: _Judged, rule: RuleBody, data: Mapping[str, Any], checked: list[Text]) -> Iterator[Problem]:
    """The context, the preconditions and the targets' own names are read before there is a target."""
    known = Allowed.of({"context": data.get("context")}, background=judged.scans, target=False)
    for text in checked:
        below = text.path[len(rule.path) :]
        early = below[:1] in (("context",), ("preconditions",)) or (
            below[:2] == ("mutate", "targets") and below[3:4] and below[3] in _TARGET_FIELDS
        )
        defect = defect_in(text.value, known) if early else None
        if defect is not None and defect.unknown:
            yield text.problem(
                f"the variable {{{{ {defect.query} }}}} is not known before there is a target: {REFUSED}",
                "Use variables of target in the targets' own context and preconditions, and in the patches.",
            )


def _forbidden(rule: RuleBody, data: Mapping[str, Any], found: list[Text]) -> Iterator[Problem]:
    for text in found:
        below = text.path[len(rule.path) :]
        if below[:1] in (("match",), ("exclude",)) and _PLAIN.search(text.value):
            yield text.problem(
                f"{below[0]} takes no variables: {REFUSED}",
                "Use wildcards here, or compare the variable in preconditions.",
            )
        elif below == ("mutate", "patchesJson6902") and _has_dynamic_path(text.value):
            yield text.problem(
                f"the path of an operation of a JSON patch takes no variables: {REFUSED}",
                "Use a foreach, or patchStrategicMerge.",
            )


def _has_dynamic_path(patch: str) -> bool:
    from policylint.engine.mutate.json_patch import read_patch

    try:
        operations_ = read_patch(patch)
    except EvaluationError:
        return False  # upstream says that elsewhere
    return any(next(occurrences(str(operation.get("path"))), None) is not None for operation in operations_)


def _references(data: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    try:
        substitute_references(data, path=path)
    except EvaluationError as error:
        place = error.path or path
        yield Problem(place, f"{error.message}: {REFUSED}", help="Name a place in the same rule.")


def _outside_foreach(text: Text, path: YamlPath) -> Iterator[Problem]:
    below = text.path[len(path) : -1]
    if "foreach" in below:
        return
    for found in occurrences(text.value):
        if found.query.startswith("element"):
            yield text.problem(
                f"the variable {{{{ {found.query} }}}} is only known inside a foreach: {REFUSED}",
                "Put this into a foreach, or give the variable another name.",
            )
            return
