"""Exclusions of Pod Security controls: kyverno api/kyverno/v1/common_types.go `PodSecurityStandard.Validate` and
rule_types.go `ValidatePSaControlNames`, the controls' levels from pkg/pss/utils/mapping.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED, Version, is_at_least, rules_of, text_of
from policylint.admission.stored import Stored
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

_FIELDS_SINCE = (1, 13)
_OF_CONTAINERS = (
    "Capabilities",
    "Privileged Containers",
    "Host Ports",
    "/proc Mount Type",
    "Privilege Escalation",
    "Host Probes / Lifecycle Hooks",
)
_OF_PODS = ("Host Namespaces", "HostPath Volumes", "Sysctls", "AppArmor", "Volume Types")
_RESTRICTED_ONLY = ("Volume Types", "Privilege Escalation", "Running as Non-root", "Running as Non-root user")


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses in the `validate.podSecurity` of each rule."""
    shape = Shape()
    for rule in rules_of(stored):
        validate = shape.mapping(rule.data.get("validate"), rule.path / "validate")
        here = rule.path / "validate" / "podSecurity"
        standard = shape.mapping(validate.get("podSecurity"), here)
        for path, exclusion in shape.mappings(standard.get("exclude"), here / "exclude"):
            yield from exclusion_problems(exclusion, path, kyverno)
            control = text_of(exclusion.get("controlName"))
            if standard.get("level") == "baseline" and control in _RESTRICTED_ONLY:
                yield Problem(
                    path / "controlName",
                    f"the level baseline has no control {control}: {REFUSED}",
                    help="Remove the exclusion, or set level: restricted.",
                    related=(RelatedPath(here / "level", "the level"),),
                )


def exclusion_problems(exclusion: Mapping[str, Any], path: YamlPath, kyverno: Version) -> Iterator[Problem]:
    """What is refused in one exclusion at `path`, of a rule or of a PolicyException."""
    control = text_of(exclusion.get("controlName"))
    images = exclusion.get("images")
    if control in _OF_CONTAINERS and not images:
        yield Problem(
            path / "controlName",
            f"{control} is a control on containers, and its exclusion names no images: Kyverno refuses it",
            help='Add images, such as ["registry.example.com/app:*"]; ["*"] for every container.',
        )
    elif control in _OF_PODS and images:
        yield Problem(
            path / "images",
            f"{control} is a control on pods, so its exclusion takes no images: Kyverno refuses it",
            help="Remove images; the exclusion holds for the whole pod.",
            at="key",
        )
    if not is_at_least(kyverno, _FIELDS_SINCE):
        return
    field, values = text_of(exclusion.get("restrictedField")), exclusion.get("values")
    if field and not values:
        yield Problem(
            path / "values",
            f"restrictedField is {field}, without the values to exclude: Kyverno refuses it",
            help="List the values, or remove restrictedField to exclude the whole control.",
        )
    elif values and not field:
        yield Problem(
            path / "restrictedField",
            "values are listed without the restrictedField that they are of: Kyverno refuses it",
            help="Set restrictedField, such as spec.containers[*].securityContext.capabilities.add.",
        )
