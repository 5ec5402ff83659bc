"""Where in an object the things are that a query speaks of: only for telling users, so unknown is an answer."""

from collections.abc import Mapping
from typing import Any

from policylint.model import ROOT, YamlPath
from policylint.regex import regex

_ROOT = regex(r"request\.(?:object|oldObject)\b")
_STEP = regex(r"""\.(?:([A-Za-z_][A-Za-z0-9_]*)|"([^"\\]*)")|\[([0-9]+)\]""")
_MOST_NODES = 100_000


def place_of_query(text: Any, resource: Any) -> YamlPath | None:
    """The part of `resource` that the first `request.object` of `text` leads to, as far as it names plain keys that
    are there.
    """
    if not isinstance(text, str):
        return None
    root = _ROOT.search(text)
    if root is None:
        return None
    place, value, position = ROOT, resource, root.end()
    while (match := _STEP.match(text, position)) is not None:
        position = match.end()
        step: str | int = int(match[3]) if match[3] else match[1] or match[2]
        if not (step in value if isinstance(value, Mapping) else _is_index(step, value)):
            break
        value = value[step]
        place = place / step
    return place


class Places:
    """Where the collections inside one object stand, found for all of them at once."""

    def __init__(self, resource: Any) -> None:
        self._resource = resource
        self._paths: dict[int, YamlPath] = {}
        waiting: list[tuple[YamlPath, Any]] = [(ROOT, resource)]
        while waiting and len(self._paths) < _MOST_NODES:
            path, value = waiting.pop()
            self._paths[id(value)] = path
            items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            waiting.extend((path / key, item) for key, item in items if isinstance(item, dict | list))

    def of_element(self, expression: str, index: int, element: Any) -> YamlPath | None:
        """Where the element stands that `expression` yielded at `index`, if it is a part of this very object."""
        if isinstance(element, dict | list):
            return self._paths.get(id(element))
        place = place_of_query(expression, self._resource) if _ROOT.match(expression.strip()) else None
        listed = None if place is None else _at(self._resource, place)
        if place is None or not isinstance(listed, list) or index >= len(listed) or listed[index] != element:
            return None
        return place / index


def _is_index(step: str | int, value: Any) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _at(value: Any, path: YamlPath) -> Any:
    for step in path:
        value = value[step]
    return value
