"""Conditions together: `any` and `all` blocks, lists of them, and the old plain list.

Kyverno pkg/engine/variables/evaluate.go, pkg/engine/internal/preconditions.go and pkg/utils/conditions.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.engine.conditions.operators import compare, literal
from policylint.engine.conditions.outcome import shown
from policylint.engine.context import Context
from policylint.engine.errors import EvaluationError
from policylint.engine.response import Step
from policylint.engine.variables import substitute
from policylint.model import ROOT, YamlPath


class ConditionResult(NamedTuple):
    """`message` joins the messages of the conditions that decided; `steps` say what each one came to."""

    passed: bool
    message: str = ""
    steps: tuple[Step, ...] = ()


def evaluate_conditions(conditions: Any, context: Context, *, path: YamlPath = ROOT) -> ConditionResult:
    """Whether `conditions` hold: a mapping with `any` and `all`, a list of such mappings, or a plain list.

    Of `any` one has to hold, of the others every one; nothing at all holds. They are evaluated in order, `any` first,
    and only until the outcome is known: variables in the others are never asked for. `path` is the place of
    `conditions` in the policy. Raises EvaluationError for variables that cannot be resolved, operators that do not
    exist, and what is no condition.
    """
    run = _Run(context)
    if conditions is None:
        return ConditionResult(passed=True)
    if isinstance(conditions, Mapping):
        passed, messages = run.block(conditions, path)
        return ConditionResult(passed, "; ".join(messages), tuple(run.steps))
    if not isinstance(conditions, list):
        raise EvaluationError("conditions are a mapping with any and all, or a list", path)
    joined: list[str] = []
    for index, item in enumerate(conditions):
        if isinstance(item, Mapping) and ("any" in item or "all" in item):
            passed, messages = run.block(item, path / index)
            message = "; ".join(messages)
        else:
            passed, message = run.condition(item, path / index)
        if not passed:
            return ConditionResult(False, message, tuple(run.steps))
        if message:
            joined.append(message)
    return ConditionResult(True, ";".join(joined), tuple(run.steps))


class _Run:
    def __init__(self, context: Context) -> None:
        self._context = context
        self.steps: list[Step] = []

    def block(self, block: Mapping[str, Any], path: YamlPath) -> tuple[bool, list[str]]:
        unknown = next((key for key in block if key not in ("any", "all")), None)
        if unknown is not None:
            raise EvaluationError(f"{unknown} does not stand beside any and all", path / unknown)
        true_messages: list[str] = []
        false_messages: list[str] = []
        any_holds = self._any(block.get("any"), path / "any", true_messages, false_messages)
        all_hold = self._all(block.get("all"), path / "all", true_messages, false_messages)
        passed = any_holds and all_hold
        return passed, true_messages if passed else false_messages

    def _any(self, conditions: Any, path: YamlPath, true_messages: list[str], false_messages: list[str]) -> bool:
        if conditions is None:
            return True
        for index, condition in enumerate(_listed(conditions, path)):
            holds, message = self.condition(condition, path / index)
            if message:
                (true_messages if holds else false_messages).append(message)
            if holds:
                return True
        return False

    def _all(self, conditions: Any, path: YamlPath, true_messages: list[str], false_messages: list[str]) -> bool:
        for index, condition in enumerate(_listed(conditions, path)):
            holds, message = self.condition(condition, path / index)
            if message:
                (true_messages if holds else false_messages).append(message)
            if not holds:
                return False
        return True

    def condition(self, condition: Any, path: YamlPath) -> tuple[bool, str]:
        if not isinstance(condition, Mapping):
            raise EvaluationError("a condition is a mapping with key, operator and value", path)
        operator = condition.get("operator")
        key = substitute(literal(condition.get("key")), self._context, path=path / "key")
        value = substitute(literal(condition.get("value")), self._context, path=path / "value")
        if not isinstance(operator, str):
            raise EvaluationError("the condition has no operator", path)
        try:
            outcome = compare(key, operator, value)
        except EvaluationError as error:
            raise EvaluationError(error.message, path / "operator") from error
        self.steps.append(
            Step(
                f"{shown(key)} {operator} {shown(value)}",
                f"{'holds' if outcome.holds else 'does not hold'} (compared: {outcome.how})",
                path,
                holds=outcome.holds,
            )
        )
        message = condition.get("message")
        return outcome.holds, message if isinstance(message, str) else ""


def _listed(conditions: Any, path: YamlPath) -> list[Any]:
    if conditions is None:
        return []
    if not isinstance(conditions, list):
        raise EvaluationError(f"{path[-1]} is a list of conditions", path)
    return conditions
