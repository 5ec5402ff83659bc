"""`AnyIn`, `AllIn`, `AnyNotIn`, `AllNotIn`: kyverno pkg/engine/variables/operator/anyin.go, allin.go and their kin.

The key is a scalar or a list of scalars. The value is a list, a text with wildcards, a range such as `1-10`, or a JSON
array in a text (config maps hold lists so). Wildcards may stand on either side, except inside a JSON array beside a
scalar key.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, NamedTuple

from policylint.engine.conditions.outcome import Outcome, is_number, spelled, unlike
from policylint.engine.conditions.readings import listed
from policylint.engine.errors import EvaluationError
from policylint.engine.leaf import matches
from policylint.engine.operators import parse_alternatives
from policylint.engine.wildcard import has_wildcard, match

_MOST_MATCHES = 5_000_000


class _Mode(NamedTuple):
    """How an operator judges: a scalar and a list from what was found, and a list from a range.

    `takes_scalar`: a list as key may meet a lone number or boolean.
    """

    scalar: Callable[[bool], bool]
    items: Callable[[Iterable[bool]], bool]
    in_range: Callable[[str, list[str]], bool]
    takes_scalar: bool


def any_in(key: Any, value: Any) -> Outcome:
    """Whether any of the key's items is among the values."""
    return _judge(key, value, _ANY_IN)


def all_in(key: Any, value: Any) -> Outcome:
    """Whether all of the key's items are among the values; of no items, all are."""
    return _judge(key, value, _ALL_IN)


def any_not_in(key: Any, value: Any) -> Outcome:
    """Whether any of the key's items is not among the values; with a range, whether any is a number outside it."""
    return _judge(key, value, _ANY_NOT_IN)


def all_not_in(key: Any, value: Any) -> Outcome:
    """Whether none of the key's items is among the values."""
    return _judge(key, value, _ALL_NOT_IN)


def _some_missing(found: Iterable[bool]) -> bool:
    return not all(found)


def _none_found(found: Iterable[bool]) -> bool:
    return not any(found)


def _any_inside(limits: str, texts: list[str]) -> bool:
    return any(matches(limits, text) for text in texts)


def _all_inside(limits: str, texts: list[str]) -> bool:
    return all(matches(limits, text) for text in texts)


def _any_outside(limits: str, texts: list[str]) -> bool:
    return _any_inside(limits.replace("-", "!-", 1), texts)


def _none_inside(limits: str, texts: list[str]) -> bool:
    return not _any_inside(limits, texts)


_ANY_IN = _Mode(bool, any, _any_inside, takes_scalar=True)
_ALL_IN = _Mode(bool, all, _all_inside, takes_scalar=False)
_ANY_NOT_IN = _Mode(lambda found: not found, _some_missing, _any_outside, takes_scalar=True)
_ALL_NOT_IN = _Mode(lambda found: not found, _none_found, _none_inside, takes_scalar=False)


def _judge(key: Any, value: Any, mode: _Mode) -> Outcome:
    if isinstance(key, list):
        return _judge_items([spelled(item) for item in key], value, mode)
    if not isinstance(key, str | bool) and not is_number(key):
        return unlike(key, value)
    text = spelled(key)
    if isinstance(value, list):
        return Outcome(mode.scalar(_among([spelled(item) for item in value], 1)(text)), "members, with wildcards")
    if not isinstance(value, str):
        return unlike(key, value)
    if match(value, text):
        return Outcome(mode.scalar(True), "text with wildcards")
    if _is_range(value):
        return Outcome(mode.scalar(matches(value, text)), "a range")
    members = listed(value)
    if members is None:
        return Outcome(False, "the value is JSON, but no array of texts")
    return Outcome(mode.scalar(text in members), "members of a text")


def _judge_items(texts: list[str], value: Any, mode: _Mode) -> Outcome:
    if isinstance(value, list):
        members: list[str] | None = [spelled(item) for item in value]
    elif mode.takes_scalar and (isinstance(value, bool) or is_number(value)):
        members = [spelled(value)]
    elif not isinstance(value, str):
        return unlike(texts, value)
    elif texts == [value]:
        return Outcome(mode.items([True]), "the same text")
    elif _is_range(value):
        return Outcome(mode.in_range(value, texts), "a range")
    else:
        members = listed(value)
    if members is None:
        return Outcome(False, "the value is JSON, but no array of texts")
    return Outcome(mode.items(map(_among(members, len(texts)), texts)), "members, with wildcards")


def _among(members: list[str], count: int) -> Callable[[str], bool]:
    """Whether a text is a member, quickly where no wildcard is in play. `count` texts will be asked about."""
    wild = [member for member in members if has_wildcard(member)]
    if len(wild) * count > _MOST_MATCHES:
        raise EvaluationError(f"{count:,} items and {len(wild):,} wildcards are too many to compare")
    return partial(_found, frozenset(members), wild, members)


def _found(exact: frozenset[str], wild: list[str], members: list[str], text: str) -> bool:
    if text in exact or any(match(member, text) for member in wild):
        return True
    return has_wildcard(text) and any(match(text, member) for member in members)


@lru_cache(maxsize=4096)
def _is_range(text: str) -> bool:
    """Whether `text` as a whole is a range such as `1-10` (pkg/engine/operator `GetOperatorFromStringPattern`)."""
    if "|" in text or "&" in text or text.startswith((">", "<", "!")) or text != text.strip(" "):
        return False
    return len(parse_alternatives(text)[0]) == 2
