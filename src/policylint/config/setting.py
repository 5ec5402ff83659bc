"""One value of a configuration file with its place, and its conversion to a type, or an error that names the place."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple, Self

from policylint.errors import ConfigError, did_you_mean
from policylint.model import Location, YamlPath

Locate = Callable[[YamlPath, Literal["value", "key"]], Location]

_LONGEST = 80  # characters of a value that a message repeats
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class Setting(NamedTuple):
    """`data` is plain YAML or TOML data, `path` where it stands, `locate` what turns a path into a place.

    Every conversion raises ConfigError when the data is not what it takes. An empty value is never taken: a key that
    is written is meant to say something.
    """

    data: Any
    path: YamlPath
    locate: Locate

    def error(self, message: str, at: Literal["value", "key"] = "value") -> ConfigError:
        return ConfigError(message, self.locate(self.path, at))

    def wrong(self, expected: str) -> ConfigError:
        """The error for data that is not `expected`."""
        label = str(self.path) or "the configuration"
        if self.data is None:
            return self.error(f"{label} has no value: it takes {expected}", "key")
        return self.error(f"{label} takes {expected}, but is {_described(self.data)}")

    def below(self, step: str | int, data: Any) -> Self:
        return type(self)(data, self.path / step, self.locate)

    def text(self) -> str:
        """A string with something in it."""
        if not isinstance(self.data, str):
            quoted = isinstance(self.data, int | float | date)
            raise self.wrong("a string in quotes" if quoted else "a string")
        if not self.data.strip():
            raise self.error(f"{self.path} is empty: it takes a string with something in it")
        return self.data

    def matching(self, pattern: re.Pattern[str], expected: str) -> str:
        """A string that `pattern` matches; `expected` says so in words."""
        text = self.text()
        if pattern.match(text) is None:
            raise self.wrong(expected)
        return text

    def choice(self, options: Iterable[str]) -> str:
        known = tuple(options)
        if not isinstance(self.data, str):
            raise self.wrong(f"one of {', '.join(known)}")
        if self.data not in known:
            hint = did_you_mean(self.data, known)
            raise self.error(f"{self.path} takes one of {', '.join(known)}, but is {_short(repr(self.data))}{hint}")
        return self.data

    def integer(self) -> int:
        """An integer from 1."""
        value = self.data
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON Schema calls 2.0 an integer too
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong("an integer from 1")
        return value

    def flag(self) -> bool:
        if not isinstance(self.data, bool):
            raise self.wrong("true or false")
        return self.data

    def day(self) -> date:
        """A date: TOML's own, or a string `YYYY-MM-DD`."""
        if type(self.data) is date:
            return self.data
        if not isinstance(self.data, str) or _DATE.match(self.data) is None:
            raise self.wrong("a date as YYYY-MM-DD")
        try:
            return date.fromisoformat(self.data)
        except ValueError as error:
            raise self.error(f"{self.path} takes a date, but {self.data} is none: {error}") from error

    def items(self, what: str = "a list") -> list[Self]:
        if not isinstance(self.data, list):
            raise self.wrong(what)
        return [self.below(index, item) for index, item in enumerate(self.data)]

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items("a list of strings"))

    def some_texts(self) -> tuple[str, ...]:
        """A list of at least one string."""
        texts = self.texts()
        if not texts:
            raise self.error(f"{self.path} is empty: name something, or remove the key", "key")
        return texts

    def text_or_texts(self) -> tuple[str, ...]:
        if isinstance(self.data, str):
            return (self.text(),)
        return tuple(item.text() for item in self.items("a string or a list of strings"))

    def entries(self) -> dict[str, Self]:
        """The entries of a mapping whose keys are the user's own."""
        if not isinstance(self.data, dict):
            raise self.wrong("a mapping")
        for key in self.data:
            if not key.strip():
                raise self.below(key, None).error(f"{self.path} has an empty key", "key")
        return {key: self.below(key, value) for key, value in self.data.items()}

    def fields(self, known: Mapping[str, Callable[[Self], Any]], required: Iterable[str] = ()) -> dict[str, Any]:
        """The converted entries of a mapping with fixed keys, under the keys' names in Python (`-` becomes `_`)."""
        entries = self.entries()
        place = f" in {self.path}" if self.path else ""
        for key, entry in entries.items():
            if key not in known:
                hint = did_you_mean(key, known) or f"; known are {', '.join(known)}"
                raise entry.error(f"unknown key {_short(repr(key))}{place}{hint}", "key")
        for key in required:
            if key not in entries:
                raise self.error(f"{self.path} lacks the key {key!r}")
        return {key.replace("-", "_"): known[key](entry) for key, entry in entries.items()}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _described(value: object) -> str:
    """How a user would call a value of a configuration file, scalars with what they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {_short(str(value))}"
    if isinstance(value, str):
        return _short(repr(value))
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    return f"the {type(value).__name__} {value}"
