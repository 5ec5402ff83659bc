"""`[tool.policylint]` of a pyproject.toml: its data, and the lines of its keys.

tomllib gives no positions, so headers and keys are found by a scan of the lines. A key inside an inline table has no
line of its own there; it is placed at the nearest key around it.
"""

import re
import tomllib
from typing import Any, Literal

from policylint.document.source import Source
from policylint.errors import ConfigError
from policylint.model import ROOT, Location, PathStep, YamlPath

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_LINE = re.compile(rf"^[ \t]*(?:(\[\[?)[ \t]*({_DOTTED})[ \t]*\]|({_DOTTED})[ \t]*=)", re.MULTILINE)
_ONE_KEY = re.compile(_KEY)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_TABLE = YamlPath.of("tool", "policylint")


def has_table(text: str) -> bool:
    """Whether a pyproject.toml configures policylint. A file that mentions it and cannot be read counts as such."""
    if not any(_may_open_table(line) for line in text.splitlines() if "policylint" in line):
        return False
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return True
    return "policylint" in _mapping(data.get("tool"))


def _may_open_table(line: str) -> bool:
    """A cheap sign, before TOML is parsed: the name stands in a header or in a key, not only in a value."""
    return line.lstrip().startswith("[") or "policylint" in line.partition("=")[0]


def read_table(source: Source) -> Any:
    """The data of `[tool.policylint]`. Raises ConfigError for broken TOML, and when there is no such table."""
    try:
        data = tomllib.loads(source.text)
    except ValueError as error:  # TOMLDecodeError, and a plain one for integers of thousands of digits
        raise _broken(str(error), source) from error
    except RecursionError as error:
        raise ConfigError("this is not readable TOML: values nest too deep", Location(source.path)) from error
    tool = _mapping(data.get("tool"))
    if "policylint" not in tool:
        raise ConfigError("there is no table [tool.policylint] here", Location(source.path))
    return tool["policylint"]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _broken(message: str, source: Source) -> ConfigError:
    place = _PLACE.search(message)
    location = Location(source.path)
    if place is not None and place[1] is None:
        location = source.location(len(source.text), len(source.text))
    elif place is not None:
        line, column = int(place[1]), int(place[2])
        location = Location(source.path, line, column, line, column)
    problem = message[: place.start()] if place is not None else message
    return ConfigError(f"this is not TOML: {problem[:1].lower()}{problem[1:]}", location)


class KeyPlaces:
    """Where the keys of `[tool.policylint]` stand in a pyproject.toml."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._spans = _scan(source.text)

    def locate(self, path: YamlPath, _at: Literal["value", "key"] = "value") -> Location:
        """The place of the key at `path` (which starts below the table), or of the nearest key around it."""
        place = YamlPath((*_TABLE, *path))
        while place not in self._spans and place:
            place = place.parent
        return self._source.location(*self._spans.get(place, (0, 0)))


def _scan(text: str) -> dict[YamlPath, tuple[int, int]]:
    spans: dict[YamlPath, tuple[int, int]] = {}
    items: dict[YamlPath, int] = {}
    table = ROOT
    for match in _LINE.finditer(text):
        brackets, header, key = match.groups()
        if key is not None:
            place, span = _place(table, key, items), match.span(3)
        else:
            place, span = _place(ROOT, header, items), match.span(2)
            if brackets == "[[":
                place = YamlPath(place[:-1]) if isinstance(place[-1], int) else place
                items[place] = items.get(place, -1) + 1
                spans.setdefault(place, span)
                place = place / items[place]
            table = place
        for depth in range(len(place), 0, -1):
            spans.setdefault(YamlPath(place[:depth]), span)
    return spans


def _place(base: YamlPath, dotted: str, items: dict[YamlPath, int]) -> YamlPath:
    steps: list[PathStep] = list(base)
    for key in _ONE_KEY.findall(dotted):
        steps.append(_unquoted(key))
        index = items.get(YamlPath(steps))
        if index is not None:
            steps.append(index)
    return YamlPath(steps)


def _unquoted(key: str) -> str:
    if key.startswith('"') and "\\" in key:
        try:
            return next(iter(tomllib.loads(f"{key} = 0")))
        except tomllib.TOMLDecodeError:
            return key  # a line inside a multi-line string that only looks like a key
    return key[1:-1] if key[0] in "'\"" else key
