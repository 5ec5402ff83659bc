"""`ClusterPolicy` and `Policy` of kyverno.io."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from policylint.document.document import Document
from policylint.model import ROOT, YamlPath
from policylint.views import fields
from policylint.views.fields import Action, EffectiveAction, Field
from policylint.views.kyverno.context import CallOut, ContextEntry, read_context, read_foreach
from policylint.views.kyverno.timeout import Timeout, read_timeout
from policylint.views.shape import Shape, ShapeProblem

if TYPE_CHECKING:
    from policylint.views.kyverno.verify_images import VerifyImages

_KINDS = ("ClusterPolicy", "Policy")
_VERSIONS = ("v1", "v2beta1")
_SPEC = ROOT / "spec"


class Override(NamedTuple):
    """One of `validationFailureActionOverrides` or `failureActionOverrides`: another action in some namespaces."""

    path: YamlPath
    action: Field[Action]
    namespaces: tuple[str, ...]
    has_selector: bool


class PolicyRule(NamedTuple):
    """One rule. `action` and `overrides` are what counts for its `validate`; `registry_paths` are manifest bundles."""

    path: YamlPath
    name: str
    validates: bool
    mutates: bool
    mutates_existing: bool
    generates: bool
    action: EffectiveAction
    overrides: tuple[Override, ...]
    verify_images: "tuple[VerifyImages, ...]"
    context: tuple[ContextEntry, ...]
    manifest_repositories: tuple[YamlPath, ...]

    @property
    def may_enforce(self) -> bool:
        """Whether a failure of this rule can deny a request, in some namespace."""
        if self.validates and not (self.action.audits and all(o.action.value == "Audit" for o in self.overrides)):
            return True
        return any(not entry.action.audits for entry in self.verify_images)

    @property
    def enforces_validation(self) -> bool:
        """Whether its `validate` enforces for certain, in some namespace."""
        actions = (self.action.action, *(override.action.value for override in self.overrides))
        return self.validates and "Enforce" in actions


class KyvernoPolicy(NamedTuple):
    """One policy of a version that upstream serves (v1, v2beta1)."""

    kind: str
    version: str
    action: EffectiveAction
    overrides: tuple[Override, ...]
    timeout: Timeout
    failure_policy: Field[str]
    deprecated_failure_policy: Field[str]
    admission: Field[bool]
    background: Field[bool]
    emit_warning: Field[bool]
    has_match_conditions: bool
    rules: tuple[PolicyRule, ...]
    shape_problems: tuple[ShapeProblem, ...]

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when it is such a policy, else nothing."""
        if document.group != "kyverno.io" or document.kind not in _KINDS or document.version not in _VERSIONS:
            return
        shape = Shape()
        spec = shape.mapping(document.mapping.get("spec"), _SPEC)
        webhook = shape.mapping(spec.get("webhookConfiguration"), _SPEC / "webhookConfiguration")
        written = fields.action(shape, spec, _SPEC, "validationFailureAction")
        action = EffectiveAction(written.value, "spec", written.path)
        if not written.explicit:
            action = EffectiveAction("Audit", "default", written.path)
        overrides = tuple(_overrides(shape, spec, _SPEC, "validationFailureActionOverrides"))
        conditions = shape.sequence(webhook.get("matchConditions"), _SPEC / "webhookConfiguration" / "matchConditions")
        yield cls(
            document.kind,
            document.version,
            action,
            overrides,
            read_timeout(shape, spec, _SPEC, deprecated=True),
            fields.string(shape, webhook, _SPEC / "webhookConfiguration", "failurePolicy", default="Fail"),
            fields.string(shape, spec, _SPEC, "failurePolicy", default="Fail"),
            fields.boolean(shape, spec, _SPEC, "admission", default=True),
            fields.boolean(shape, spec, _SPEC, "background", default=True),
            fields.boolean(shape, spec, _SPEC, "emitWarning", default=False),
            bool(conditions),
            tuple(
                _rule(shape, rule, path, action, overrides, document.version)
                for path, rule in shape.mappings(spec.get("rules"), _SPEC / "rules")
            ),
            shape.problems,
        )

    @property
    def effective_failure_policy(self) -> Field[str]:
        """The new field where it is set, else the old one (api/kyverno/v1 `Spec.GetFailurePolicy`)."""
        new, old = self.failure_policy, self.deprecated_failure_policy
        return old if old.explicit and not new.explicit else new

    @property
    def only_audits(self) -> bool:
        """Whether nothing in this policy is meant to deny or change a request while it is admitted."""
        if any(override.action.value != "Audit" for override in self.overrides):
            return False
        if any(rule.may_enforce or (rule.mutates and not rule.mutates_existing) for rule in self.rules):
            return False
        return any(rule.validates or rule.verify_images for rule in self.rules)

    def calls_out(self) -> tuple[CallOut, ...]:
        """What is called while a request waits, in the order of the file.

        Image verification and mutation always run then, `generate` rules and mutations of existing resources never do
        (they become update requests). A `validate` rule that audits runs after the answer was given, unless the policy
        emits warnings or has match conditions, whose webhook runs every rule
        (pkg/webhooks/resource/handlers.go `Validate`, `retrieveAndCategorizePolicies`).
        """
        if self.admission.value is False:
            return ()
        validates_all = self.has_match_conditions or self.emit_warning.value is True
        return tuple(call for rule in self.rules for call in _calls(rule, validates_all))


def _calls(rule: PolicyRule, validates_all: bool) -> Iterator[CallOut]:
    audits = not rule.may_enforce and not rule.mutates
    waits = (
        bool(rule.verify_images)
        or (rule.mutates and not rule.mutates_existing)
        or (rule.validates and (validates_all or rule.enforces_validation))
    )
    if not waits:
        return
    for entry in rule.context:
        if entry.calls is not None:
            yield CallOut(entry.source_path, entry.calls, audits)
    for path in rule.manifest_repositories:
        yield CallOut(path, "registry", audits)
    for image in rule.verify_images:
        if image.calls_registry:
            yield CallOut(image.path, "registry", image.action.audits)


def _rule(
    shape: Shape,
    rule: Mapping[str, Any],
    path: YamlPath,
    policy_action: EffectiveAction,
    policy_overrides: tuple[Override, ...],
    version: str,
) -> PolicyRule:
    from policylint.views.kyverno.verify_images import read_verify_images

    validate = shape.mapping(rule.get("validate"), path / "validate")
    mutate = shape.mapping(rule.get("mutate"), path / "mutate")
    own = fields.action(shape, validate, path / "validate", "failureAction")
    own_overrides = tuple(_overrides(shape, validate, path / "validate", "failureActionOverrides"))
    context = (
        *read_context(shape, rule, path),
        *read_foreach(shape, validate, path / "validate"),
        *read_foreach(shape, mutate, path / "mutate"),
    )
    return PolicyRule(
        path,
        fields.text(shape, rule, path, "name"),
        validates=bool(validate),
        mutates=bool(mutate),
        mutates_existing=isinstance(mutate.get("targets"), list),
        generates=bool(shape.mapping(rule.get("generate"), path / "generate")),
        action=EffectiveAction(own.value, "rule", own.path) if own.explicit else policy_action,
        overrides=own_overrides or policy_overrides,
        verify_images=tuple(read_verify_images(shape, rule, path, policy_action, version)),
        context=context,
        manifest_repositories=tuple(_manifest_repositories(shape, validate, path / "validate")),
    )


def _overrides(shape: Shape, owner: Mapping[str, Any], path: YamlPath, key: str) -> Iterator[Override]:
    for here, item in shape.mappings(owner.get(key), path / key):
        namespaces = shape.strings(item.get("namespaces"), here / "namespaces")
        action = fields.action(shape, item, here, "action")
        selector = bool(shape.mapping(item.get("namespaceSelector"), here / "namespaceSelector"))
        yield Override(here, action, tuple(name for _, name in namespaces), selector)


def _manifest_repositories(shape: Shape, validate: Mapping[str, Any], path: YamlPath) -> Iterator[YamlPath]:
    """Where a signed manifest's bundle is fetched from (pkg/engine/handlers/validation/validate_manifest.go)."""
    here = path / "manifests"
    manifests = shape.mapping(validate.get("manifests"), here)
    if not shape.sequence(manifests.get("attestors"), here / "attestors"):
        return
    if fields.text(shape, manifests, here, "repository"):
        yield here / "repository"
    for set_path, attestors in shape.mappings(manifests.get("attestors"), here / "attestors"):
        for entry_path, entry in shape.mappings(attestors.get("entries"), set_path / "entries"):
            if fields.text(shape, entry, entry_path, "repository"):
                yield entry_path / "repository"
