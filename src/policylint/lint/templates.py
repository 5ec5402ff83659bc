"""Messages of declarative rules: text with `{placeholders}`."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from policylint.engine.pattern import PatternResult
from policylint.model import YamlPath
from policylint.regex import regex
from policylint.views.shape import type_name

_TOKEN = regex(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_OPTION = "options."
_LONGEST = 120


class Scene(NamedTuple):
    """What placeholders are filled from: the judged item and its place, what the pattern said, the rule's options."""

    item: Any
    path: YamlPath
    result: PatternResult
    options: Mapping[str, Any]


Placeholder = Callable[[Scene], str]


class Template(NamedTuple):
    """A message. `{value}` is the value that failed, `{reason}` the pattern's own words, `{path}` the item's path,
    `{options.name}` an option, and any other `{field.path}` a value of the judged item; `{.value}` is always a field.
    Braces are written twice.
    """

    parts: tuple[str | Placeholder, ...]

    @classmethod
    def parse(cls, text: str, options: Mapping[str, Any]) -> Self:
        """Raises ValueError for a lone brace, a placeholder that is no path, and an option the rule does not have."""
        parts: list[str | Placeholder] = []
        position = 0
        for match in _TOKEN.finditer(text):
            parts.append(text[position : match.start()])
            position = match.end()
            if match[1] is not None:
                parts.append(_placeholder(match[1].strip(), options))
            elif len(match[0]) == 1:
                raise ValueError(f"a lone {match[0]!r} at character {match.start() + 1}: write it twice to mean itself")
            else:
                parts.append(match[0][0])
        return cls((*parts, text[position:]))

    def fill(self, scene: Scene) -> str:
        return "".join(part if isinstance(part, str) else part(scene) for part in self.parts)


def value_at(data: Any, path: YamlPath) -> Any:
    """The value at `path` in plain data, or None when there is none."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def option_name(placeholder: str, options: Mapping[str, Any]) -> str | None:
    """The option that `options.name` names, None for other placeholders. Raises ValueError for an unknown option."""
    if not placeholder.startswith(_OPTION):
        return None
    name = placeholder.removeprefix(_OPTION)
    if name not in options:
        known = f"; it has {', '.join(options)}" if options else ""
        raise ValueError(f"the rule has no option {name!r}{known}")
    return name


def _placeholder(text: str, options: Mapping[str, Any]) -> Placeholder:
    if text == "value":
        return lambda scene: _shown(value_at(scene.item, scene.result.path))
    if text == "reason":
        return lambda scene: scene.result.reason
    if text == "path":
        return lambda scene: str(scene.path) or "the document"
    option = option_name(text, options)
    if option is not None:
        return lambda scene: _shown(scene.options[option])
    path = YamlPath.parse(text)
    if not path:
        raise ValueError("an empty placeholder: write braces twice to mean themselves")
    return lambda scene: _shown(value_at(scene.item, path))


def _shown(value: Any) -> str:
    if value is None:
        return "(unset)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and value and not any(isinstance(item, dict | list) for item in value):
        value = ", ".join(map(_shown, value))
    text = str(value) if isinstance(value, str | int | float) else type_name(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
