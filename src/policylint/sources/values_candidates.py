"""Which values keys may set a rendered value, the likeliest first. Each is only worth a try: a render decides."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from policylint.model import PathStep, YamlPath
from policylint.sources.helm_chart import template_file
from policylint.sources.helm_request import Request
from policylint.sources.template import Piece
from policylint.sources.template_values import EACH, Reference, Steps, definitions_of, references
from policylint.sources.values_files import ValuesFiles

_LEAST = 6
_MOST_ITEMS = 30
_MOST_LEAVES = 5000
_NEAR = 3  # lines of the template


class Candidates:
    """Candidates for values of the template that Helm calls `name`. `texts` are all templates by their file."""

    def __init__(self, request: Request, name: str, texts: Mapping[str, str], values: ValuesFiles) -> None:
        self._text = texts.get(template_file(request.chart, name), "")
        self._texts = texts
        self._values = values
        self._scope = _scope(name)

    @cached_property
    def _definitions(self) -> dict[str, list[Piece]]:
        return definitions_of(self._texts.values())

    def ranked(self, path: YamlPath, current: Any, line: int) -> list[YamlPath]:
        """Candidates for what sets the value at `path` of an object, now `current` (None: absent), on the template's
        `line` (0 when that is not known)."""
        scores: dict[YamlPath, int] = {}
        for reference in references(self._text, self._definitions):
            near = 0
            if line:
                near = 6 if reference.line == line else 2 if abs(reference.line - line) <= _NEAR else 0
            for base in self._expanded(reference):
                for tail in range(min(len(path), 5)):
                    score = _likeness(base, path, tail)
                    if not score and not (near == 6 and tail == 0):
                        continue
                    candidate = base / path[len(path) - tail :]
                    score += near + self._existing(candidate, current)
                    scores[candidate] = max(score, scores.get(candidate, 0))
        for candidate, matching in self._leaves(path, current):
            scores[candidate] = max(scores.get(candidate, 0), 5 + 2 * matching)
        likely = [candidate for candidate, score in scores.items() if score >= _LEAST]
        return sorted(likely, key=lambda candidate: (-scores[candidate], len(candidate), str(candidate)))

    def _existing(self, candidate: YamlPath, current: Any) -> int:
        value = self._values.get(candidate)
        if value is None or isinstance(value, dict | list):
            return 0
        return 9 if current is not None and str(value) == str(current) else 5

    def _expanded(self, reference: Reference) -> Iterator[YamlPath]:
        """The reference as paths from the values of the outermost chart, every item of a loop one of its own."""
        steps: Steps = reference.path
        shared = steps[0] == "global"
        paths = [YamlPath(() if shared else self._scope)]
        for step in steps:
            if step != EACH:
                paths = [path / step for path in paths]
                continue
            paths = [path / key for path in paths for key in _keys(self._values.get(path))][:_MOST_ITEMS]
        yield from paths

    def _leaves(self, path: YamlPath, current: Any) -> Iterator[tuple[YamlPath, int]]:
        """Values called like the last key of `path` that are what is rendered now, and how many keys they share."""
        if current is None or isinstance(current, dict | list):
            return
        count = 0
        stack: list[tuple[YamlPath, Any]] = [(YamlPath(), self._values.data)]
        while stack and count < _MOST_LEAVES:
            here, value = stack.pop()
            count += 1
            if isinstance(value, dict | list):
                pairs = value.items() if isinstance(value, dict) else enumerate(value)
                stack.extend((here / key, each) for key, each in pairs if isinstance(key, str | int))
            elif here and str(value) == str(current) and _plain(here[-1]) == _plain(path[-1]):
                shared = 0
                while shared < min(len(here), len(path)) and _plain(here[-1 - shared]) == _plain(path[-1 - shared]):
                    shared += 1
                yield here, shared


def _scope(name: str) -> Steps:
    """The keys under which the outermost chart's values hold those of the template's own chart."""
    parts = name.split("/")[1:]
    scope = []
    while len(parts) > 2 and parts[0] == "charts":
        scope.append(parts[1])
        parts = parts[2:]
    return tuple(scope)


def _keys(value: Any) -> list[PathStep]:
    if isinstance(value, dict):
        return [key for key in value if isinstance(key, str)]
    return list(range(len(value))) if isinstance(value, list) else []


def _likeness(base: YamlPath, path: YamlPath, tail: int) -> int:
    """How much the last key of `base` is called like what stands at `path` without its last `tail` steps."""
    place = path[: len(path) - tail]
    if not place or not base or isinstance(place[-1], int):
        return 0
    one, other = _plain(base[-1]), _plain(place[-1])
    if one == other:
        return 10
    return 7 if one.endswith(other) or other.endswith(one) else 0


def _plain(step: PathStep) -> str:
    return str(step).lower().replace("-", "").replace("_", "")
