"""What the engine hands to the part that carries out a rule, and what it gets back."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from policylint.engine.backends import Backends
from policylint.engine.conditions.blocks import ConditionResult
from policylint.engine.context import Context
from policylint.engine.errors import EvaluationError, Unsupported
from policylint.engine.exceptions import PolicyException
from policylint.engine.policy import Policy, Rule
from policylint.engine.request import Request
from policylint.engine.response import RuleResponse, Status, Step
from policylint.model import YamlPath


class RuleRun(NamedTuple):
    """A rule that is for the request: its context entries are in `context`, its preconditions hold.

    `exceptions` are the policy exceptions that except the request from the rule; each kind of rule has its own way
    with them. `request.resource` is the object as the rules before left it. Between two rules the engine takes
    `context` back to where it was.
    """

    policy: Policy
    rule: Rule
    request: Request
    context: Context
    backends: Backends
    exceptions: tuple[PolicyException, ...] = ()

    def response(
        self,
        status: Status,
        message: str,
        *,
        policy_path: YamlPath | None = None,
        resource_path: YamlPath | None = None,
        steps: Iterable[Step] = (),
        patched: Any = None,
    ) -> RuleResponse:
        """The rule's verdict. Paths are those of the rule as evaluated; the verdict has them as in the document."""
        place = self.rule.original
        return RuleResponse(
            self.rule.name,
            self.rule.type,
            status,
            message,
            self.rule.source,
            place(policy_path or self.rule.path),
            resource_path,
            patched=patched,
            steps=tuple(step._replace(policy_path=place(step.policy_path)) for step in steps),
        )

    def error(self, what: str, error: EvaluationError, steps: Iterable[Step] = ()) -> RuleResponse:
        """The verdict when `what` went wrong because of `error`."""
        if isinstance(error, Unsupported):
            return self.response("error", error.message, policy_path=error.path, steps=steps)._replace(
                unsupported=error.feature
            )
        return self.response("error", f"{what}: {error.message}", policy_path=error.path, steps=steps)

    def excepted(self) -> RuleResponse | None:
        """The verdict of a rule that its policy exceptions turn off, None without any."""
        if not self.exceptions:
            return None
        keys = tuple(exception.key for exception in self.exceptions)
        message = f"rule is skipped due to policy exceptions {', '.join(keys)}"
        return self.response("skip", message)._replace(exceptions=keys)


def summed_up(what: str, outcome: str, result: ConditionResult, path: YamlPath) -> tuple[Step, ...]:
    """The steps of the conditions at `path`, after one that says what they come to; none without conditions."""
    if not result.steps:
        return ()
    return (Step(what, outcome, path, holds=result.passed), *result.steps)


class NotApplied(NamedTuple):
    """A rule that had nothing to judge, so that there is no verdict. `path` is that of the rule as evaluated."""

    reason: str
    path: YamlPath | None = None


Answer = Sequence[RuleResponse] | NotApplied
Handler = Callable[[RuleRun], Answer]


def unsupported(feature: str, *steps: str) -> Handler:
    """A handler for what is not evaluated yet: an error that names `feature`, at `steps` in the rule."""

    def handle(run: RuleRun) -> Answer:
        return [run.error("", Unsupported(feature, run.rule.path / steps))]

    return handle
