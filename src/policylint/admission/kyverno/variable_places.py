"""Every text of a document with its place."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from policylint.model import Problem, YamlPath


class Text(NamedTuple):
    """A string value or a key; `path` is the place of the value, or of the value that the key has."""

    path: YamlPath
    value: str
    is_key: bool = False

    def problem(self, message: str, remedy: str) -> Problem:
        return Problem(self.path, message, remedy, at="key" if self.is_key else "value")


def texts(value: Any, path: YamlPath) -> Iterator[Text]:
    """The keys and strings of `value`, in its order."""
    if isinstance(value, str):
        yield Text(path, value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str):
                yield Text(path / key, key, is_key=True)
            yield from texts(item, path / key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, path / index)
