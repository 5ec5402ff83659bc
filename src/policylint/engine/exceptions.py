"""Policy exceptions of kyverno.io: kyverno pkg/engine/exceptions.go, pkg/engine/utils/exceptions.go."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from policylint.engine.conditions import evaluate_conditions
from policylint.engine.context import Context
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.match import MatchBlock, matches_exception
from policylint.engine.request import Request
from policylint.engine.selectors import strings
from policylint.engine.wildcard import match
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"


class ExceptedRules(NamedTuple):
    """One entry of `exceptions`: rules, by name or wildcard, of one policy."""

    policy: str
    rules: tuple[str, ...]


class PolicyException(NamedTuple):
    """An exception. `key` is its `namespace/name`; `pod_security` the controls that it takes out of podSecurity rules,
    which such rules then still check for the others.
    """

    key: str
    match: MatchBlock
    conditions: Any
    exceptions: tuple[ExceptedRules, ...]
    pod_security: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "PolicyException":
        """The exception in a document (kyverno.io/v2, v2beta1, v2alpha1). Raises InvalidPolicy for wrong types."""
        shape = Shape()
        metadata = shape.mapping(data.get("metadata"), ROOT / "metadata")
        spec = shape.mapping(data.get("spec"), _SPEC)
        namespace, name = metadata.get("namespace"), metadata.get("name")
        exception = cls(
            f"{namespace}/{name}" if namespace else str(name),
            MatchBlock.of(shape, spec.get("match"), _SPEC / "match"),
            spec.get("conditions"),
            tuple(_excepted(shape, entry, path) for path, entry in _entries(shape, spec, "exceptions")),
            tuple(entry for _, entry in _entries(shape, spec, "podSecurity")),
        )
        if shape.problems:
            raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)
        return exception

    def names(self, policy: str, rule: str) -> bool:
        """Whether it is for the rule named `rule` of the policy with the key `policy`."""
        return any(
            entry.policy == policy and any(match(wanted, rule) for wanted in entry.rules) for entry in self.exceptions
        )


def matching_exceptions(
    exceptions: Iterable[PolicyException], policy: str, rule: str, request: Request, context: Context
) -> list[PolicyException]:
    """Those that except `request` from a rule. One whose conditions cannot be evaluated ends the search empty-handed,
    as upstream's does.
    """
    found = []
    for exception in exceptions:
        if not exception.names(policy, rule) or not matches_exception(exception.match, request):
            continue
        try:
            holds = evaluate_conditions(exception.conditions, context, path=_SPEC / "conditions").passed
        except EvaluationError:
            return []
        if holds:
            found.append(exception)
    return found


def _entries(shape: Shape, spec: Mapping[str, Any], key: str) -> list[tuple[YamlPath, Mapping[str, Any]]]:
    return shape.mappings(spec.get(key), _SPEC / key)


def _excepted(shape: Shape, entry: Mapping[str, Any], path: YamlPath) -> ExceptedRules:
    policy = entry.get("policyName")
    if not isinstance(policy, str):
        shape.wrong(path / "policyName", "a string", policy)
    return ExceptedRules(str(policy), strings(shape, entry.get("ruleNames"), path / "ruleNames"))
