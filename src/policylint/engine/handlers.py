"""Which part of the engine carries out a rule. A part that is new to the engine is one import and one line here."""

from collections.abc import Mapping
from typing import Literal

from policylint.engine.generate import generate
from policylint.engine.handling import Handler, unsupported
from policylint.engine.mutate.mutate import mutate_existing, mutate_resource
from policylint.engine.podsecurity import validate_pod_security
from policylint.engine.policy import Rule
from policylint.engine.validate import validate_resource
from policylint.engine.verify_images import validate_images, verify_images

Phase = Literal["mutate", "verifyImages", "validate", "generate"]

VALIDATIONS: Mapping[str, Handler] = {
    "pattern": validate_resource,
    "anyPattern": validate_resource,
    "deny": validate_resource,
    "foreach": validate_resource,
    "podSecurity": validate_pod_security,
    "manifests": unsupported(
        "validate.manifests, whose signatures need the keys and registries of cosign", "validate", "manifests"
    ),
    "cel": unsupported("validate.cel", "validate", "cel"),
    "assert": unsupported("validate.assert", "validate", "assert"),
}


def handler_for(rule: Rule, phase: Phase) -> Handler | None:
    """What carries out `rule` in `phase`, None when the rule has no part in it.

    A rule that verifies images has one in two phases: it verifies and mutates, then validates.
    """
    if phase == "validate":
        if rule.type == "validate":
            return next(handler for key, handler in VALIDATIONS.items() if rule.validation.get(key) is not None)
        return validate_images if rule.type == "verifyImages" and rule.checks_images else None
    if phase != rule.type:
        return None
    if phase == "mutate":
        return mutate_existing if rule.mutates_existing else mutate_resource
    return verify_images if phase == "verifyImages" else generate
