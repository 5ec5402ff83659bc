"""Taking controls out of the Pod Security checks: kyverno pkg/pss/evaluate.go `ApplyPodSecurityExclusion`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.engine.errors import EvaluationError
from policylint.engine.podsecurity.controls import CONTROL_IDS, Standard
from policylint.engine.podsecurity.pod import Container, Pod
from policylint.engine.podsecurity.violations import FieldError, Violation
from policylint.engine.wildcard import match
from policylint.errors import did_you_mean
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

_ANY_CONTAINER = (Container("fake"),)


class Exclusion(NamedTuple):
    """One entry of `exclude`, or of an exception's `podSecurity`.

    With `images` it is about the containers that have one of them, without about the pod. An empty `field` is every
    field of the control; without `values`, every value.
    """

    control: str
    images: tuple[str, ...]
    field: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any], path: YamlPath = ROOT) -> "Exclusion":
        """The exclusion in `data` at `path`. Raises EvaluationError for wrong types and controls that there are not."""
        shape = Shape()

        def texts(key: str) -> tuple[str, ...]:
            return tuple(text for _, text in shape.strings(data.get(key), path / key))

        control = shape.string(data.get("controlName"), path / "controlName") or ""
        field = shape.string(data.get("restrictedField"), path / "restrictedField") or ""
        exclusion = cls(control, texts("images"), field, texts("values"))
        if shape.problems:
            raise EvaluationError(shape.problems[0].message, shape.problems[0].path)
        if control not in CONTROL_IDS:
            hint = did_you_mean(control, CONTROL_IDS)
            raise EvaluationError(f"there is no Pod Security control {control!r}{hint}", path / "controlName")
        return exclusion

    def part_of(self, pod: Pod) -> Pod:
        """The pod that has only what the exclusion is about (`GetPodWithMatchingContainers`)."""
        if not self.images:
            return pod._replace(containers=_ANY_CONTAINER)
        return Pod(containers=tuple(each for each in pod.containers if _any(self.images, each.image)))

    def covers(self, error: FieldError) -> bool:
        """Whether it is about the field of `error`, and all of the values there."""
        if self.field and self.field != error.general_field:
            return False
        return not self.values or all(_any(self.values, value) for value in error.values)


def without_excluded(
    standard: Standard, pod: Pod, violations: Sequence[Violation], exclusions: Iterable[Exclusion]
) -> list[Violation]:
    """What is left of `violations`, which `standard` has against `pod`."""
    left = list(violations)
    for exclusion in exclusions:
        excluded = standard.violations(exclusion.part_of(pod))
        for check in CONTROL_IDS[exclusion.control]:
            errors = [
                error
                for violation in excluded
                if violation.check == check
                for error in violation.errors
                if exclusion.covers(error)
            ]
            left = [
                _without(violation, errors, bool(exclusion.images)) if violation.check == check else violation
                for violation in left
            ]
        left = [violation for violation in left if violation.errors]
    return left


def _without(violation: Violation, excluded: Iterable[FieldError], by_container: bool) -> Violation:
    """`violation` without the first error for each that is excluded, as upstream pairs them."""
    errors = list(violation.errors)
    for each in excluded:
        same = next((error for error in errors if _same(error, each, by_container)), None)
        if same is not None:
            errors.remove(same)
    return violation._replace(errors=tuple(errors))


def _same(error: FieldError, excluded: FieldError, by_container: bool) -> bool:
    if error.general_field != excluded.general_field:
        return False
    return not by_container or error.container is None or error.container == excluded.container


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(match(pattern, text) for pattern in patterns)
