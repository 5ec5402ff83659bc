"""`GreaterThan` and its kin: kyverno pkg/engine/variables/operator/numeric.go and duration.go."""

import operator
from collections.abc import Callable
from typing import Any

from policylint.engine.conditions.outcome import Outcome, is_number, unlike
from policylint.engine.conditions.readings import duration, durations, quantity, seconds, version
from policylint.engine.jmespath.numbers import parse_float

Relation = Callable[[Any, Any], bool]

RELATIONS: dict[str, Relation] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEquals": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEquals": operator.le,
}


def order(relation: Relation, key: Any, value: Any) -> Outcome:
    """Whether `key` stands in `relation` to `value`: as durations, quantities, numbers or semantic versions.

    The first reading that fits decides; without one the condition does not hold.
    """
    if isinstance(key, str):
        return _order_text(relation, key, value)
    return _order_number(relation, key, value) if is_number(key) else unlike(key, value)


def order_durations(relation: Relation, key: Any, value: Any) -> Outcome:
    """Whether `key` stands in `relation` to `value`, both durations; numbers count seconds."""
    times = [duration(side) if isinstance(side, str) else seconds(side) for side in (key, value)]
    if None in times:
        return Outcome(False, f"the {'key' if times[0] is None else 'value'} is not a duration")
    return Outcome(relation(*times), "durations")


def _order_text(relation: Relation, key: str, value: Any) -> Outcome:
    times = durations(key, value)
    if times is not None:
        return Outcome(relation(times.key, times.value), "durations")
    if isinstance(value, str):
        amount, other = quantity(key), quantity(value)
        if amount is not None and other is not None:
            return Outcome(relation(amount, other), "quantities")
    number = parse_float(key)
    if number is not None:
        return _order_number(relation, number, value)
    release = version(key)
    if release is None:
        return Outcome(False, "the key is no duration, quantity, number or semantic version")
    if not isinstance(value, str):
        return unlike(key, value)
    other_release = version(value)
    if other_release is None:
        return Outcome(False, "a semantic version and text that is none")
    return Outcome(relation(release, other_release), "semantic versions")


def _order_number(relation: Relation, key: int | float, value: Any) -> Outcome:
    if isinstance(value, str):
        times = durations(key, value)
        if times is not None:
            return Outcome(relation(times.key, times.value), "durations")
        number = parse_float(value)
        if number is None:
            return Outcome(False, "a number and text that is none")
        return Outcome(relation(key, number), "numbers")
    return Outcome(relation(key, value), "numbers") if is_number(value) else unlike(key, value)
