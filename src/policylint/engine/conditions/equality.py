"""`Equals` and `NotEquals`: kyverno pkg/engine/variables/operator/equal.go and notequal.go."""

import math
from typing import Any

from policylint.engine.conditions.outcome import Outcome, is_number, unlike
from policylint.engine.conditions.readings import durations, quantity
from policylint.engine.jmespath.numbers import parse_float
from policylint.engine.jmespath.values import equal
from policylint.engine.wildcard import match
from policylint.regex import regex

_INTEGER = regex(r"[+-]?[0-9]{1,400}\Z")
_INT64 = range(-(1 << 63), 1 << 63)


def equals(key: Any, value: Any) -> Outcome:
    """Whether `key` equals `value`, which may be a pattern with wildcards. A null key equals nothing."""
    return _compare(key, value, negated=False)


def not_equals(key: Any, value: Any) -> Outcome:
    """Whether `key` differs from `value`. What cannot be compared differs, except that a null key never does, nor a
    quantity from text that is none.
    """
    return _compare(key, value, negated=True)


def _compare(key: Any, value: Any, *, negated: bool) -> Outcome:
    if key is None:
        return Outcome(False, "a null key satisfies neither Equals nor NotEquals")
    if isinstance(key, str):
        return _compare_text(key, value, negated=negated)
    if is_number(key):
        return _compare_number(key, value, negated=negated)
    if type(key) is not type(value):
        return unlike(key, value, holds=negated)
    how = "booleans" if isinstance(key, bool) else "whole objects" if isinstance(key, dict) else "whole lists"
    return Outcome(equal(key, value) != negated, how)


def _compare_text(key: str, value: Any, *, negated: bool) -> Outcome:
    times = durations(key, value)
    if times is not None:
        return Outcome((times.key == times.value) != negated, "durations")
    if not isinstance(value, str):
        return unlike(key, value, holds=negated)
    amount = quantity(key)
    if amount is not None and value:
        other = quantity(value)
        if other is None:
            return Outcome(False, "a quantity and text that is none")
        return Outcome((amount == other) != negated, "quantities")
    return Outcome(match(value, key) != negated, "text with wildcards")


def _compare_number(key: int | float, value: Any, *, negated: bool) -> Outcome:
    if isinstance(value, str):
        other = _integer(value) if isinstance(key, int) else parse_float(value)
        if other is None:
            return Outcome(negated, "a number and text that is none")
        return Outcome((other == key) != negated, "numbers")
    if not is_number(value):
        return unlike(key, value, holds=negated)
    if isinstance(key, int) and isinstance(value, float) and value != math.trunc(value):
        # upstream's NotEquals does not hold here either
        return Outcome(False, "a whole number and a fraction")
    return Outcome((key == value) != negated, "numbers")


def _integer(text: str) -> int | None:
    number = int(text) if _INTEGER.match(text) else None
    return number if number is not None and number in _INT64 else None
