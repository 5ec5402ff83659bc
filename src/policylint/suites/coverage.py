"""What the runs of a suite reach of its policies."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from policylint.coverage import Goal, PolicyCoverage, RuleCoverage
from policylint.engine.exceptions import PolicyException
from policylint.engine.policy import Policy
from policylint.engine.request import Request
from policylint.engine.response import PolicyResponse, RuleResponse
from policylint.suites.goals import CONTAINER_LISTS, Mark, Wanted, goals_of, kind_name
from policylint.suites.policies import SuitePolicy

_VERDICTS = ("pass", "fail", "warn")


class Recorder:
    """Collects what is reached of the policies of one suite.

    `policies` are all of them; `compiled`, in the same order, those that are evaluated.
    """

    def __init__(
        self, policies: Sequence[SuitePolicy], compiled: Sequence[Policy], exceptions: Sequence[PolicyException]
    ) -> None:
        self._policies = policies
        waiting = iter(compiled)
        self._measured = [
            None if policy.unsupported or policy.invalid else _Measured(policy, next(waiting), exceptions)
            for policy in policies
        ]

    def note(self, request: Request, operations: Iterable[str], responses: Iterable[PolicyResponse]) -> None:
        """Takes in what the evaluated policies said to `request`, which to each was for one of `operations`."""
        measured = filter(None, self._measured)
        lists = [name for name in CONTAINER_LISTS if _pod_spec(request.subject).get(name)]
        kind = f"kind {kind_name(request.gvk.kind, request.subresource)}"
        for policy, operation, response in zip(measured, operations, responses, strict=True):
            policy.note(response, [Mark(fact) for fact in (kind, operation, *lists)])

    def coverage(self) -> tuple[PolicyCoverage, ...]:
        """Each policy of the suite, with what was reached of it so far."""
        found = zip(self._policies, self._measured, strict=True)
        return tuple(_unmeasured(policy) if measured is None else measured.coverage() for policy, measured in found)


class _Measured:
    """One policy that is evaluated."""

    def __init__(self, policy: SuitePolicy, compiled: Policy, exceptions: Sequence[PolicyException]) -> None:
        self._policy = policy
        self._compiled = compiled
        self._exceptions = exceptions
        self._marks: dict[int, set[Mark]] = {rule.source: set() for rule in compiled.rules}
        self._unsupported: dict[int, str] = {}

    def note(self, response: PolicyResponse, circumstances: Sequence[Mark]) -> None:
        for answer in response.rules:
            marks = self._marks[answer.source_rule]
            if answer.unsupported:
                self._unsupported[answer.source_rule] = answer.unsupported
            elif answer.status != "error":
                marks.update(_marks(answer))
                marks.update(circumstances if answer.status in _VERDICTS else ())
        for unmatched in response.unmatched:
            path = unmatched.policy_path
            if path is not None and path[:2] == ("spec", "rules") and path[3:4] == ("exclude",):
                self._marks[int(path[2])].add(Mark(path, holds=False))

    def coverage(self) -> PolicyCoverage:
        document, compiled = self._policy.document, self._compiled
        place = document.location()
        name = f"{compiled.kind}/{compiled.key}"
        excepting = self._exceptions
        goals = goals_of(
            compiled, lambda rule: any(exception.names(compiled.key, rule.name) for exception in excepting)
        )
        rules = []
        for rule, wanted in goals:
            line = document.location(rule.path).line
            marks, feature = self._marks[rule.source], self._unsupported.get(rule.source)
            if feature is not None and not marks:
                rules.append(RuleCoverage(rule.name, line, unmeasured=f"unsupported: {feature}"))
            else:
                rules.append(RuleCoverage(rule.name, line, *self._goals(wanted, marks)))
        return PolicyCoverage(place.path, place.line, name, tuple(rules))

    def _goals(self, wanted: Iterable[Wanted], marks: set[Mark]) -> tuple[tuple[Goal, ...], frozenset[Goal]]:
        line_of = self._policy.document.location
        goals = {Goal(each.sort, each.name, line_of(each.path, "key").line): each.mark in marks for each in wanted}
        return tuple(goals), frozenset(goal for goal, is_reached in goals.items() if is_reached)


def _marks(answer: RuleResponse) -> Iterator[Mark]:
    """What the evaluation of a rule left behind. Failures of policies that only warn are failures here."""
    yield Mark("fail" if answer.status == "warn" else answer.status)
    for step in answer.steps:
        if step.policy_path is not None:
            yield Mark(step.policy_path, step.holds)


def _unmeasured(policy: SuitePolicy) -> PolicyCoverage:
    place = policy.document.location()
    reason = f"unsupported: {policy.unsupported}" if policy.unsupported else f"invalid: {policy.invalid}"
    return PolicyCoverage(place.path, place.line, f"{policy.document.kind}/{policy.name}", unmeasured=reason)


def _pod_spec(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pod spec that an object is or holds, empty when it has none."""
    spec = _mapping(resource.get("spec"))
    if resource.get("kind") == "CronJob":
        spec = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
    if resource.get("kind") == "Pod":
        return spec
    return _mapping(_mapping(spec.get("template")).get("spec"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
