"""A pod held against the Pod Security Standard that a rule names: kyverno pkg/pss/evaluate.go `EvaluatePod`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.engine.errors import EvaluationError
from policylint.engine.podsecurity.controls import Standard
from policylint.engine.podsecurity.exclusions import Exclusion, without_excluded
from policylint.engine.podsecurity.pod import read_pod
from policylint.engine.podsecurity.violations import Violation
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape


class PodSecurityResult(NamedTuple):
    """Whether the pod is allowed. `checks` are what is left after exclusions, `violations` what there was before."""

    allowed: bool
    checks: tuple[Violation, ...]
    violations: tuple[Violation, ...]

    def message(self, above: YamlPath = ROOT) -> str:
        """What is wrong, in upstream's words, for a pod that is at `above` in its object (`FormatChecksPrint`)."""
        return "".join(
            f"(Forbidden reason: {check.reason}, field error list:"
            f" [{', '.join(error.described(above) for error in check.errors)}])"
            for check in self.checks
        )


def evaluate_pod_security(
    rule: Mapping[str, Any],
    pod_metadata: Any,
    pod_spec: Any,
    *,
    excepted: tuple[Mapping[str, Any], ...] = (),
    path: YamlPath = ROOT,
) -> PodSecurityResult:
    """Holds a pod against `rule`, a `podSecurity` at `path` with level, version and exclude.

    `excepted` are the entries of policy exceptions that except controls besides. Raises EvaluationError for a version
    or control that there is not, and for values of a wrong type in the rule or the pod.
    """
    shape = Shape()
    level = shape.string(rule.get("level"), path / "level") or ""
    version = shape.string(rule.get("version"), path / "version") or ""
    exclude = [Exclusion.of(item, at) for at, item in shape.mappings(rule.get("exclude"), path / "exclude")]
    if shape.problems:
        raise EvaluationError(shape.problems[0].message, shape.problems[0].path)
    standard = Standard.of(level, version)
    pod = read_pod(pod_metadata, pod_spec)
    violations = standard.violations(pod)
    # upstream applies exclusions one after the other, those of exceptions last
    exclude += [Exclusion.of(item) for item in excepted]
    left = without_excluded(standard, pod, violations, exclude)
    return PodSecurityResult(not left, tuple(left), tuple(violations))
