"""Texts read as something to compare: durations, quantities, versions, lists."""

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from policylint.engine.conditions.outcome import is_number
from policylint.engine.durations import parse_duration
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath.marshal import unmarshal
from policylint.regex import regex

if TYPE_CHECKING:
    from fractions import Fraction

_SECOND = 1_000_000_000
_NUMBER = r"(0|[1-9][0-9]{0,18})"
_VERSION = regex(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)
_LONGEST_TEXT = 1 << 20


class Durations(NamedTuple):
    """A key and a value in nanoseconds."""

    key: int
    value: int


@lru_cache(maxsize=4096)
def duration(text: str) -> int | None:
    """The nanoseconds that `text` means; None when it is no Go duration."""
    try:
        return parse_duration(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def quantity(text: str) -> "Fraction | None":
    """The value of a resource quantity; None when `text` is none."""
    from policylint.views.quantities import parse_quantity  # fractions are slow to import, most conditions need none

    try:
        return parse_quantity(text)
    except ValueError:
        return None


def durations(key: Any, value: Any) -> Durations | None:
    """Both as durations when one of them is text that says so; a number beside it counts seconds.

    `0` alone says nothing. None when neither is a duration or the other is neither duration nor number
    (operator/operator.go `parseDuration`).
    """
    key_time, value_time = _stated(key), _stated(value)
    if key_time is None and value_time is None:
        return None
    key_time = seconds(key) if key_time is None else key_time
    value_time = seconds(value) if value_time is None else value_time
    return None if key_time is None or value_time is None else Durations(key_time, value_time)


def seconds(number: Any) -> int | None:
    """The nanoseconds of a number of whole seconds, the fraction cut off; None for what is no finite number."""
    if not is_number(number) or not math.isfinite(number):
        return None
    return int(number) * _SECOND


def _stated(value: Any) -> int | None:
    return duration(value) if isinstance(value, str) and value != "0" else None


def version(text: str) -> tuple[Any, ...] | None:
    """A key that sorts as the semantic version `text` does; None when it is none (github.com/blang/semver)."""
    match = _VERSION.match(text)
    if match is None:
        return None
    release = tuple(int(part) for part in match.groups()[:3])
    if match[4] is None:
        return (*release, (1,))
    identifiers = []
    for part in match[4].split("."):
        if not part.isdecimal():
            identifiers.append((1, 0, part))
        elif len(part) > 1 and part.startswith("0"):
            return None
        else:
            # digits compare as numbers: by length, then as text
            identifiers.append((0, len(part), part))
    return (*release, (0, tuple(identifiers)))


def listed(text: str) -> list[str] | None:
    """The texts of a JSON array that `text` holds, or `text` alone when it is no JSON.

    None for JSON of any other kind, which upstream takes for a mistake. A null in the array is an empty text.
    """
    if len(text) > _LONGEST_TEXT:
        raise EvaluationError(f"the value has {len(text):,} characters, too many to be looked through")
    if not text.lstrip(" \t\n\r"):
        return [text]
    try:
        value = unmarshal(text)
    except ValueError:
        return [text]
    if value is None:
        return []
    if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
        return None
    return [item or "" for item in value]
