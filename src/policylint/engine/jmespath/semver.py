"""`semver_compare`: versions and ranges as github.com/blang/semver v4 (semver.go, range.go) has them."""

from collections.abc import Callable
from typing import NamedTuple

from policylint.engine.jmespath.signature import STRING, Function
from policylint.regex import regex

_IDENTIFIERS = r"(?:[0-9A-Za-z-]+)(?:\.[0-9A-Za-z-]+)*"
_NUMBER = r"(0|[1-9][0-9]*)"
_VERSION = regex(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_IDENTIFIERS}))?(?:\+{_IDENTIFIERS})?\Z")
_COMPARISON = regex(r"([^0-9]*)(.*)\Z")
_UINT64 = 1 << 64
_LONGEST = 1000

_HOLDS: dict[str, Callable[[int], bool]] = {
    "": lambda order: order == 0,
    "=": lambda order: order == 0,
    "==": lambda order: order == 0,
    "!": lambda order: order != 0,
    "!=": lambda order: order != 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
}


class Version(NamedTuple):
    """A semantic version; build metadata does not count."""

    numbers: tuple[int, int, int]
    pre_release: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Version":
        """The version that `text` is. Raises ValueError for anything else, also for a missing patch number."""
        match = _VERSION.match(text) if len(text) <= _LONGEST else None
        pre = tuple(match[4].split(".")) if match and match[4] else ()
        if match is None or any(part.isdigit() and part[0] == "0" and len(part) > 1 for part in pre):
            raise ValueError(f"{text!r} is not a semantic version")
        major, minor, patch = (int(match[group]) for group in (1, 2, 3))
        if max(major, minor, patch) >= _UINT64:
            raise ValueError(f"{text!r} has a number that is too large")
        return cls((major, minor, patch), pre)

    def order(self, other: "Version") -> int:
        """Negative, 0 or positive as this version is before, at or after the other."""
        mine, others = self._key(), other._key()
        return (mine > others) - (mine < others)

    def _key(self) -> tuple[object, ...]:
        # identifiers of digits come before others and are compared as numbers; no pre-release comes after any
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre_release)
        return self.numbers, not self.pre_release, parts


def in_range(version: Version, text: str) -> bool:
    """Whether `version` is in a range such as `>=1.2.x <2.0.0 || 3.x`. Raises ValueError for what is no range."""
    alternatives: list[list[str]] = [[]]
    for part in _parts(text):
        if part == "||":
            alternatives.append([])
        else:
            alternatives[-1].append(part)
    if not all(alternatives):
        raise ValueError(f"{text!r} is not a range: there is nothing on one side of ||, or nothing at all")
    judged = [[_holds(version, single) for part in each for single in _without_wildcard(part)] for each in alternatives]
    return any(all(each) for each in judged)


def _parts(text: str) -> list[str]:
    """The comparisons of a range; spaces may follow an operator, and pieces of one character are lost."""
    parts, start, last = [], 0, ""
    for index, character in enumerate(text):
        if character != " ":
            last = character
        elif last not in (">", "<", "="):
            if start < index - 1:
                parts.append(text[start:index])
            start = index + 1
    if start < len(text) - 1:
        parts.append(text[start:])
    return [part.replace(" ", "") for part in parts]


def _split(part: str) -> tuple[str, str]:
    match = _COMPARISON.match(part)
    if match is None or not match[2]:
        raise ValueError(f"could not get version from string: {part!r}")
    return match[1].strip(), match[2]


def _holds(version: Version, part: str) -> bool:
    operator, text = _split(part)
    if operator not in _HOLDS:
        raise ValueError(f"could not parse comparator {operator!r} in {part!r}")
    return _HOLDS[operator](version.order(Version.parse(text)))


def _without_wildcard(part: str) -> list[str]:
    """`1.2.x` is from 1.2.0 to before 1.3.0, and operators go by its ends."""
    if "x" not in part:
        return [part]
    operator, text = _split(part)
    numbers = text.split(".")
    flat = text.replace(".x.x", ".x", 1).replace(".x", ".0", 1)
    if flat.count(".") == 1:
        flat += ".0"
    following = _following(flat, len(numbers)) if numbers[-1] == "x" else ""
    expanded = {
        ">": [f">={following}"],
        ">=": [f">={flat}"],
        "<": [f"<{flat}"],
        "<=": [f"<{following}"],
        "!": [f"<{flat}", f">={following}"],
        "!=": [f"<{flat}", f">={following}"],
    }
    return expanded.get(operator, [f">={flat}", f"<{following}"])


def _following(flat: str, count: int) -> str:
    """The first version after those that the wildcard in the place `count` stands for."""
    numbers = flat.split(".")
    place = {3: 1, 2: 0}.get(count)
    if place is None or not numbers[place].isdigit():
        return ""
    numbers[place] = str(int(numbers[place]) + 1)
    return ".".join(numbers)


def _compare(version: str, wanted: str) -> bool:
    if len(wanted) > _LONGEST:
        raise ValueError("the range is too long")
    try:
        parsed = Version.parse(version)
    except ValueError:
        parsed = Version((0, 0, 0))  # upstream goes on with the zero version
    return in_range(parsed, wanted)


FUNCTIONS = (Function("semver_compare", (STRING, STRING), _compare),)
