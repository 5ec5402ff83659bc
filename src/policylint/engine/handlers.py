"""Which part of the engine carries out a rule. A part that is new to the engine is one import and one line here."""

from collections.abc import Mapping
from typing import Literal

from policylint.engine.handling import Handler, unsupported
from policylint.engine.policy import Rule
from policylint.engine.validate import validate_resource

Phase = Literal["mutate", "verifyImages", "validate", "generate"]

_VALIDATIONS: Mapping[str, Handler] = {
    "pattern": validate_resource,
    "anyPattern": validate_resource,
    "deny": validate_resource,
    "foreach": validate_resource,
    "podSecurity": unsupported("validate.podSecurity", "validate", "podSecurity"),
    "manifests": unsupported("validate.manifests", "validate", "manifests"),
    "cel": unsupported("validate.cel", "validate", "cel"),
    "assert": unsupported("validate.assert", "validate", "assert"),
}
_MUTATE = unsupported("mutate", "mutate")
_MUTATE_EXISTING = unsupported("mutate.targets", "mutate", "targets")
_VERIFY_IMAGES = unsupported("verifyImages", "verifyImages")
_VALIDATE_IMAGES = unsupported("verifyImages", "verifyImages")
_GENERATE = unsupported("generate", "generate")


def handler_for(rule: Rule, phase: Phase) -> Handler | None:
    """What carries out `rule` in `phase`, None when the rule has no part in it.

    A rule that verifies images has one in two phases: it verifies and mutates, then validates.
    """
    if phase == "validate":
        if rule.type == "validate":
            return next(handler for key, handler in _VALIDATIONS.items() if rule.validation.get(key) is not None)
        return _VALIDATE_IMAGES if rule.type == "verifyImages" and rule.checks_images else None
    if phase != rule.type:
        return None
    if phase == "mutate":
        return _MUTATE_EXISTING if rule.mutates_existing else _MUTATE
    return _VERIFY_IMAGES if phase == "verifyImages" else _GENERATE
