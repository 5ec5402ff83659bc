"""A policy's metadata and spec: kyverno pkg/validation/policy/validate.go `Validate`, api/kyverno/v1/spec_types.go
`Spec.Validate`, clusterpolicy_types.go and utils.go `ValidateAutogenAnnotation`, `ValidatePolicyName`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.cel import MATCH_CONDITION_NAMES, expression_problems
from policylint.admission.kyverno.overrides import override_problems
from policylint.admission.kyverno.rule_bodies import REFUSED, RuleBody, Version, is_at_least, rules_of, text_of
from policylint.admission.kyverno.rule_types import operations
from policylint.admission.stored import Stored
from policylint.engine.autogen import ANNOTATION
from policylint.model import ROOT, Fix, Problem, RelatedPath, RemoveKey
from policylint.views.shape import Shape

_METADATA = ROOT / "metadata"
_SPEC = ROOT / "spec"
_WEBHOOK = _SPEC / "webhookConfiguration"
_ON_UPDATE = "mutateExistingOnPolicyUpdate"
LONGEST_NAME = 63
# webhooks' match conditions compile with these as well (apiserver pkg/admission/plugin/cel)
_CONDITION_NAMES = MATCH_CONDITION_NAMES | {"namespaceObject", "variables"}


class _Policy(NamedTuple):
    shape: Shape
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    webhook: Mapping[str, Any]
    rules: list[RuleBody]
    namespaced: bool


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses of a ClusterPolicy or Policy outside of its rules; timeouts are KYV003's."""
    if stored.document.group != "kyverno.io" or stored.document.kind not in ("ClusterPolicy", "Policy"):
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    policy = _Policy(
        shape,
        shape.mapping(stored.data.get("metadata"), _METADATA),
        spec,
        shape.mapping(spec.get("webhookConfiguration"), _WEBHOOK),
        list(rules_of(stored)),
        stored.document.kind == "Policy",
    )
    yield from _metadata(policy)
    if is_at_least(kyverno, (1, 17)):
        yield from _namespace(policy)
    if is_at_least(kyverno, (1, 13)):
        yield from _set_twice(policy)
        yield from _removed(policy)
    yield from _without_targets(policy, kyverno)
    if is_at_least(kyverno, (1, 11)):
        yield from _processing(policy)
    if is_at_least(kyverno, (1, 12)):
        yield from _match_conditions(policy)
    yield from _overrides(policy)


def _metadata(policy: _Policy) -> Iterator[Problem]:
    name = text_of(policy.metadata.get("name"))
    if len(name.encode()) > LONGEST_NAME:
        yield Problem(
            _METADATA / "name",
            f"the name has {len(name.encode())} characters, and a policy's may have {LONGEST_NAME}: {REFUSED}",
            help="Shorten the name: Kyverno keeps it in a label of its reports.",
        )
    annotations = policy.shape.mapping(policy.metadata.get("annotations"), _METADATA / "annotations")
    if annotations.get(ANNOTATION) == "all":
        path = _METADATA / "annotations" / ANNOTATION
        yield Problem(
            path,
            f"{ANNOTATION} no longer takes all: {REFUSED}",
            help="Remove the annotation: rules are made for all pod controllers without it.",
            fix=Fix("remove the annotation", (RemoveKey(path),), safe=True),
        )


def _namespace(policy: _Policy) -> Iterator[Problem]:
    """The API server takes the namespace away before the webhook sees it; Kyverno's CLI meets it as it is."""
    path = _METADATA / "namespace"
    if not policy.namespaced and text_of(policy.metadata.get("namespace")):
        yield Problem(
            path,
            "a ClusterPolicy is in no namespace: a cluster drops this, and Kyverno's CLI refuses the policy",
            help="Remove the namespace, or make this a Policy.",
            severity="warning",
            fix=Fix(f"remove {path}", (RemoveKey(path),), safe=True),
        )


def _set_twice(policy: _Policy) -> Iterator[Problem]:
    old, new = policy.spec.get("failurePolicy"), policy.webhook.get("failurePolicy")
    if old is None or new is None:
        return
    path = _SPEC / "failurePolicy"
    yield Problem(
        path,
        f"{path} and {_WEBHOOK / 'failurePolicy'} are both set: {REFUSED}",
        help=f"Remove the deprecated {path}.",
        related=(RelatedPath(_WEBHOOK / "failurePolicy", "the field that counts"),),
        fix=Fix(f"remove {path}", (RemoveKey(path),), safe=old == new),
    )


def _removed(policy: _Policy) -> Iterator[Problem]:
    key = "generateExistingOnPolicyUpdate"
    if policy.spec.get(key) is not None:
        yield Problem(
            _SPEC / key,
            f"{_SPEC / key} is no longer supported, whatever its value: {REFUSED}",
            help="Set generateExisting in the generate rules instead.",
            fix=Fix(f"remove {_SPEC / key}", (RemoveKey(_SPEC / key),), safe=policy.spec[key] is False),
            at="key",
        )


def _without_targets(policy: _Policy, kyverno: Version) -> Iterator[Problem]:
    for rule in policy.rules:
        mutation = policy.shape.mapping(rule.data.get("mutate"), rule.path / "mutate")
        if "mutate" not in operations(rule.data) or mutation.get("targets"):
            continue
        own = mutation.get(_ON_UPDATE) if is_at_least(kyverno, (1, 13)) else None
        if own is True or policy.spec.get(_ON_UPDATE) is True:
            path = (rule.path / "mutate" if own is True else _SPEC) / _ON_UPDATE
            yield Problem(
                rule.path / "mutate" if own is not True else path,
                f"{path} is true, but this mutate rule has no targets: {REFUSED}",
                help="Name the objects to mutate in mutate.targets, or leave mutateExistingOnPolicyUpdate out.",
                related=() if own is True else (RelatedPath(path, "asks every mutate rule for targets"),),
                at="value" if own is True else "key",
            )


def _processing(policy: _Policy) -> Iterator[Problem]:
    if policy.spec.get("admission") is not False:
        return
    path = _SPEC / "admission"
    if policy.spec.get("background") is False:
        yield Problem(
            path,
            f"admission and background are both false, so this policy would never run: {REFUSED}",
            help="Leave one of the two true.",
            related=(RelatedPath(_SPEC / "background", "background scans are off"),),
        )
        return
    for rule in policy.rules:
        other = next((kind for kind in operations(rule.data) if kind != "validate"), None)
        if other is not None:
            yield Problem(
                path,
                f"admission is false, which only policies that validate may have, and a rule has {other}: {REFUSED}",
                help="Set admission: true, or put the validate rules into a policy of their own.",
                related=(RelatedPath(rule.path / other, f"this rule has {other}"),),
            )
            return


def _match_conditions(policy: _Policy) -> Iterator[Problem]:
    conditions = policy.shape.mappings(policy.webhook.get("matchConditions"), _WEBHOOK / "matchConditions")
    for path, condition in conditions:
        expression = condition.get("expression")
        if isinstance(expression, str):
            yield from expression_problems(expression, path / "expression", "Kyverno", _CONDITION_NAMES)
        if condition.get("name") == "":
            yield Problem(path / "name", f"the match condition has an empty name: {REFUSED}", help="Name it.")


def _overrides(policy: _Policy) -> Iterator[Problem]:
    key = "validationFailureActionOverrides"
    written = policy.shape.mappings(policy.spec.get(key), _SPEC / key)
    if policy.namespaced:
        if written:
            yield Problem(
                _SPEC / key,
                f"a Policy is for one namespace and takes no {key}: {REFUSED}",
                help="Set the action itself, or use a ClusterPolicy.",
                at="key",
            )
        return
    for rule in policy.rules:
        validation = policy.shape.mapping(rule.data.get("validate"), rule.path / "validate")
        path = rule.path / "validate" / "failureActionOverrides"
        own = policy.shape.mappings(validation.get("failureActionOverrides"), path)
        yield from override_problems(policy.shape, own)
    yield from override_problems(policy.shape, written)
