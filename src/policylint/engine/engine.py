"""Policies evaluated against requests: kyverno pkg/engine, in the order of upstream's command line
(cmd/cli/kubectl-kyverno/processor/policy_processor.go).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from policylint.engine.backends import Backends
from policylint.engine.conditions import evaluate_conditions
from policylint.engine.context import Context, request_context
from policylint.engine.entries import load_entries
from policylint.engine.errors import EvaluationError
from policylint.engine.exceptions import PolicyException, matching_exceptions
from policylint.engine.handlers import Phase, handler_for
from policylint.engine.handling import Handler, NotApplied, RuleRun, summed_up, unsupported
from policylint.engine.jmespath import json_numbers
from policylint.engine.match import matches
from policylint.engine.policy import Policy, Rule
from policylint.engine.request import Object, Request
from policylint.engine.response import PolicyResponse, RuleResponse, Step, Unmatched

_PHASES: tuple[Phase, ...] = ("mutate", "verifyImages", "validate", "generate")
_NO_VALUES: Mapping[str, Any] = {}
_NO_BACKENDS = Backends()


def evaluate(
    policy: Policy,
    request: Request,
    *,
    backends: Backends = _NO_BACKENDS,
    exceptions: Sequence[PolicyException] = (),
    variables: Mapping[str, Any] = _NO_VALUES,
) -> PolicyResponse:
    """What `policy` makes of `request`: the verdict of each rule that is for it, and why the others are not.

    `variables` are values by dotted name that are put into the context first, as suites declare them; those below
    `request.object` change the object, and `request.operation` the operation.
    """
    return evaluate_all(
        [policy], request, backends=backends, exceptions=exceptions, variables={policy.name: variables}
    )[0]


def evaluate_all(
    policies: Sequence[Policy],
    request: Request,
    *,
    backends: Backends = _NO_BACKENDS,
    exceptions: Sequence[PolicyException] = (),
    variables: Mapping[str, Mapping[str, Any]] = {},
) -> list[PolicyResponse]:
    """What each of `policies` makes of `request`, in their order.

    First every policy mutates, each the object as the one before left it, then images are verified, then the object is
    validated, then generate rules run. `variables` by policy name.
    """
    numbers = _JsonNumbers()
    runs = [
        _PolicyRun(policy, backends, exceptions, variables.get(policy.name, _NO_VALUES), numbers) for policy in policies
    ]
    for phase in _PHASES:
        for run in runs:
            if run.has(phase):
                request = run.carry_out(phase, request)
    return [run.response() for run in runs]


class _PolicyRun:
    """One policy on its way through the phases."""

    def __init__(
        self,
        policy: Policy,
        backends: Backends,
        exceptions: Iterable[PolicyException],
        variables: Mapping[str, Any],
        numbers: "_JsonNumbers",
    ) -> None:
        self._numbers = numbers
        self._policy = policy
        self._backends = backends
        self._exceptions = [each for each in exceptions if any(one.policy == policy.key for one in each.exceptions)]
        self._variables = variables
        self._responses: list[RuleResponse] = []
        self._unmatched: list[Unmatched] = []
        self._patched: Object | None = None

    def has(self, phase: Phase) -> bool:
        """Whether any rule of the policy's own has a part in `phase`."""
        return any(handler_for(rule, phase) is not None for rule in self._policy.rules)

    def response(self) -> PolicyResponse:
        return PolicyResponse(self._policy.name, tuple(self._responses), tuple(self._unmatched), self._patched)

    def carry_out(self, phase: Phase, request: Request) -> Request:
        """Runs the rules of `phase`; the request that the next policy gets, its object perhaps changed."""
        request, context = self._prepared(request)
        applied = 0
        for rule in self._policy.rules_for(request.gvk.kind):
            handler = handler_for(rule, phase)
            if handler is None:
                continue
            answers = self._rule(rule, handler, request, context)
            for answer in answers:
                if answer.patched is not None and answer.target is None:
                    request = request._replace(resource=answer.patched)
                    context.add_resource(self._numbers.of(answer.patched))
            applied += sum(answer.status in ("pass", "fail") for answer in answers)
            if self._policy.applies_one_rule and applied:
                break
        if phase in ("mutate", "verifyImages"):
            self._patched = request.resource
        return request

    def _prepared(self, request: Request) -> tuple[Request, Context]:
        """The request and its context with the variables in them (`makePolicyContext`)."""
        operation = self._variables.get("request.operation", request.operation)
        if operation != request.operation:
            request = _with_operation(request, operation)
        context = request_context(
            request._replace(
                resource=self._numbers.of(request.resource), old_resource=self._numbers.of(request.old_resource)
            )
        )
        if not self._variables:
            return request, context
        for name, value in self._variables.items():
            context.add_variable(name, json_numbers(value))
        if any(name.startswith("request.") for name in self._variables):
            request = request._replace(
                resource=_object(context, "object", request.resource),
                old_resource=_object(context, "oldObject", request.old_resource),
            )
        return request, context

    def _rule(self, rule: Rule, handler: Handler, request: Request, context: Context) -> Sequence[RuleResponse]:
        matched = matches(rule, request, self._policy.namespace)
        if not matched.matched:
            self._leave(rule, matched.reason, matched.policy_path)
            return ()
        if self._policy.match_conditions:
            handler = unsupported("spec.webhookConfiguration.matchConditions")
        context.checkpoint()
        try:
            answer = self._matched(rule, handler, request, context)
        finally:
            context.restore()
        if isinstance(answer, NotApplied):
            self._leave(rule, answer.reason, answer.path)
            return ()
        first = Step("match", matched.reason, rule.original(matched.policy_path), holds=True)
        answers = [each._replace(steps=(first, *each.steps)) for each in answer]
        self._responses += answers
        return answers

    def _matched(
        self, rule: Rule, handler: Handler, request: Request, context: Context
    ) -> Sequence[RuleResponse] | NotApplied:
        """A rule that is for the request: its context entries, preconditions and exceptions, then the rule itself."""
        run = RuleRun(self._policy, rule, request, context, self._backends)
        entries = rule.data.get("context") or ()
        try:
            load_entries(
                entries,
                context,
                self._backends,
                policy=self._policy.name,
                rule=rule.name,
                path=rule.path / "context",
            )
        except EvaluationError as error:
            return [run.error("failed to load context", error)]
        path = rule.path / "preconditions"
        try:
            result = evaluate_conditions(rule.data.get("preconditions"), context, path=path)
        except EvaluationError as error:
            return [run.error("failed to evaluate preconditions", error)]
        steps = summed_up("preconditions", "met" if result.passed else "not met", result, path)
        if not result.passed:
            message = "; ".join(filter(None, ("preconditions not met", result.message)))
            decisive = next((step.policy_path for step in reversed(result.steps) if step.policy_path), path)
            return [run.response("skip", message, policy_path=decisive, steps=steps)]
        excepting = matching_exceptions(self._exceptions, self._policy.key, rule.name, request, context)
        answer = handler(run._replace(exceptions=tuple(excepting)))
        if isinstance(answer, NotApplied) or not result.steps:
            return answer
        placed = tuple(step._replace(policy_path=rule.original(step.policy_path)) for step in steps)
        return [each._replace(steps=(*placed, *each.steps)) for each in answer]

    def _leave(self, rule: Rule, reason: str, path: Any) -> None:
        self._unmatched.append(Unmatched(rule.name, reason, rule.original(path)))


class _JsonNumbers:
    """Objects with the numbers that contexts hold, each converted once however many policies look at it."""

    def __init__(self) -> None:
        self._converted: dict[int, tuple[Object, Object]] = {}

    def of(self, value: Object) -> Object:
        known = self._converted.get(id(value))
        if known is None:
            known = self._converted[id(value)] = (value, json_numbers(value))
        return known[1]


def _with_operation(request: Request, operation: Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]) -> Request:
    """The request for another operation on the same object: an update changes nothing, a deletion has no new one."""
    subject = request.subject
    if operation == "DELETE":
        return request._replace(operation=operation, resource={}, old_resource=subject)
    if operation == "UPDATE":
        return request._replace(operation=operation, resource=subject, old_resource=subject)
    return request._replace(operation=operation, resource=subject, old_resource={})


def _object(context: Context, key: str, present: Object) -> Object:
    """What has become of one of the request's objects in the context."""
    if not present:
        return present
    found = context.query(f"request.{key}")
    return found if isinstance(found, Mapping) else present
