"""`In` and `NotIn`: kyverno pkg/engine/variables/operator/in.go and notin.go.

Upstream has replaced them by `AnyIn` and its kin. They differ: a list as key is compared without wildcards, ranges
mean nothing, and a text as value has to be equal, match by its wildcards, or be a JSON array.
"""

from typing import Any

from policylint.engine.conditions.membership import any_in
from policylint.engine.conditions.outcome import Outcome, is_number, spelled, unlike
from policylint.engine.conditions.readings import listed
from policylint.engine.wildcard import match


def is_in(key: Any, value: Any) -> Outcome:
    """Whether the key, or every item of it, is among the values."""
    return _judge(key, value, negated=False)


def is_not_in(key: Any, value: Any) -> Outcome:
    """Whether the key, or any item of it, is not among the values."""
    return _judge(key, value, negated=True)


def _judge(key: Any, value: Any, *, negated: bool) -> Outcome:
    if isinstance(key, list):
        return _judge_items([spelled(item) for item in key], value, negated=negated)
    if not isinstance(key, str) and not is_number(key):
        return unlike(key, value)
    if isinstance(value, list):
        outcome = any_in(key, value)
        return Outcome(outcome.holds != negated, outcome.how)
    if not isinstance(value, str):
        return unlike(key, value)
    text = spelled(key)
    if match(value, text):
        return Outcome(not negated, "text with wildcards")
    members = _array(value)
    if members is None:
        return Outcome(False, "the value is no JSON array of texts")
    return Outcome((text in members) != negated, "members of a text")


def _judge_items(texts: list[str], value: Any, *, negated: bool) -> Outcome:
    if isinstance(value, list):
        if not all(isinstance(item, str) for item in value):
            return Outcome(False, "the value holds items that are not text")
        members: list[str] | None = value
    elif isinstance(value, str):
        if texts == [value]:
            # upstream answers the same for NotIn
            return Outcome(True, "the same text")
        members = _array(value)
    else:
        return unlike(texts, value)
    if members is None:
        return Outcome(False, "the value is no JSON array of texts")
    known = frozenset(members)
    return Outcome(all(text in known for text in texts) != negated, "members")


def _array(text: str) -> list[str] | None:
    members = listed(text)
    return None if members == [text] else members
