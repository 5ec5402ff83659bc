"""Reading untyped data without surprises: wrong types become shape problems with a path, never exceptions."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.model import YamlPath

_EMPTY: Mapping[str, Any] = {}


class ShapeProblem(NamedTuple):
    """A value whose type is not what its field takes; the API server would refuse the object."""

    path: YamlPath
    message: str


def type_name(value: object) -> str:
    """How a user would call the type of a YAML value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "a mapping"


class Shape:
    """Typed access to fields of one document. Absent and null fields read as empty; wrong types are noted once."""

    def __init__(self) -> None:
        self._problems: dict[YamlPath, ShapeProblem] = {}

    @property
    def problems(self) -> tuple[ShapeProblem, ...]:
        return tuple(self._problems.values())

    def wrong(self, path: YamlPath, expected: str, value: object) -> None:
        message = f"{path} takes {expected}, but is {type_name(value)}"
        self._problems.setdefault(path, ShapeProblem(path, message))

    def mapping(self, value: object, path: YamlPath) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        if value is not None:
            self.wrong(path, "a mapping", value)
        return _EMPTY

    def sequence(self, value: object, path: YamlPath) -> list[Any]:
        if isinstance(value, list):
            return value
        if value is not None:
            self.wrong(path, "a list", value)
        return []

    def mappings(self, value: object, path: YamlPath) -> list[tuple[YamlPath, Mapping[str, Any]]]:
        """The items of a list of mappings, each with its path."""
        items = self.sequence(value, path)
        return [(path / index, self.mapping(item, path / index)) for index, item in enumerate(items)]

    def string(self, value: object, path: YamlPath) -> str | None:
        if isinstance(value, str):
            return value
        if value is not None:
            self.wrong(path, "a string", value)
        return None

    def strings(self, value: object, path: YamlPath) -> list[tuple[YamlPath, str]]:
        """The items of a list of strings, each with its path."""
        found = [
            (path / index, self.string(item, path / index)) for index, item in enumerate(self.sequence(value, path))
        ]
        return [(where, text) for where, text in found if text is not None]

    def integer(self, value: object, path: YamlPath) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self.wrong(path, "an integer", value)
        return None

    def boolean(self, value: object, path: YamlPath) -> bool | None:
        if isinstance(value, bool):
            return value
        if value is not None:
            self.wrong(path, "true or false", value)
        return None
