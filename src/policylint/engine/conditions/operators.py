"""The operators of conditions by name."""

from collections.abc import Callable
from functools import partial
from typing import Any

from policylint.engine.conditions.deprecated_membership import is_in, is_not_in
from policylint.engine.conditions.equality import equals, not_equals
from policylint.engine.conditions.membership import all_in, all_not_in, any_in, any_not_in
from policylint.engine.conditions.ordering import RELATIONS, order, order_durations
from policylint.engine.conditions.outcome import Outcome
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath import json_numbers

Compare = Callable[[Any, Any], Outcome]

_OPERATORS: dict[str, Compare] = {
    "Equal": equals,
    "Equals": equals,
    "NotEqual": not_equals,
    "NotEquals": not_equals,
    "In": is_in,
    "NotIn": is_not_in,
    "AnyIn": any_in,
    "AllIn": all_in,
    "AnyNotIn": any_not_in,
    "AllNotIn": all_not_in,
    **{name: partial(order, relation) for name, relation in RELATIONS.items()},
    **{f"Duration{name}": partial(order_durations, relation) for name, relation in RELATIONS.items()},
}
_BY_LOWER = {name.lower(): name for name in _OPERATORS}


def compare(key: Any, operator: str, value: Any) -> Outcome:
    """Whether `key` stands to `value` as `operator` says (pkg/engine/variables/operator `CreateOperatorHandler`).

    Both are plain values, floats and ints as Go's float64 and int64. The operator's case does not matter, except that
    the orderings hold only as they are documented. Raises EvaluationError for an operator that does not exist.
    """
    name = _BY_LOWER.get(operator.lower())
    if name is None:
        raise EvaluationError(f"there is no operator {operator!r}; the operators are {', '.join(_OPERATORS)}")
    if name != operator and name.removeprefix("Duration") in RELATIONS:
        return Outcome(False, f"{operator} only holds when written {name}")
    return _OPERATORS[name](key, value)


def literal(value: Any) -> Any:
    """A key or value as the API server hands it over: its numbers are float64."""
    return json_numbers(value) if isinstance(value, int | list | dict) else value
