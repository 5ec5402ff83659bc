"""Every text of a document with its place."""

from typing import Any, NamedTuple

from policylint.model import Problem, YamlPath


class Text(NamedTuple):
    """A string value or a key; `path` is the place of the value, or of the value that the key has."""

    path: YamlPath
    value: str
    is_key: bool = False

    def problem(self, message: str, remedy: str) -> Problem:
        return Problem(self.path, message, remedy, at="key" if self.is_key else "value")


def texts(value: Any, path: YamlPath, *marks: str) -> list[Text]:
    """The keys and strings of `value` that have one of `marks` in them (all, when there are none), in its order."""
    found: list[Text] = []
    _collect(value, [*path], marks, found)
    return found


def _collect(value: Any, steps: list[str | int], marks: tuple[str, ...], found: list[Text]) -> None:
    # few texts have a mark, so paths are made for those alone
    if isinstance(value, str):
        if _is_marked(value, marks):
            found.append(Text(YamlPath(steps), value))
    elif isinstance(value, dict):
        for key, item in value.items():
            steps.append(key)
            if isinstance(key, str) and _is_marked(key, marks):
                found.append(Text(YamlPath(steps), key, is_key=True))
            _collect(item, steps, marks, found)
            steps.pop()
    elif isinstance(value, list):
        for index, item in enumerate(value):
            steps.append(index)
            _collect(item, steps, marks, found)
            steps.pop()


def _is_marked(text: str, marks: tuple[str, ...]) -> bool:
    return not marks or any(mark in text for mark in marks)
