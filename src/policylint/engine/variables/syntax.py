"""How variables stand in strings: `{{ query }}`, `\\{{ literally }}`, `{{- not looked into again }}`.

As kyverno pkg/engine/variables/regex/vars.go: inside a variable there may be single braces, one level deep.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from policylint.engine.references import REFERENCE_MARK
from policylint.regex import regex

MARK = "{{"
_VARIABLE = regex(r"(?:^|[^\\])(\{\{(?:\{[^{}]*\}|[^{}])*\}\})")
_ESCAPED = regex(r"\\(\{\{(?:\{[^{}]*\}|[^{}])*\}\})")


class Occurrence(NamedTuple):
    """One variable in a string: from `start` to `end`, braces included.

    `query` is the JMESPath expression; `shallow` that what it yields is not searched for further variables.
    """

    start: int
    end: int
    query: str
    shallow: bool


def occurrences(text: str) -> Iterator[Occurrence]:
    """The variables of `text` that hold no other variable, from left to right.

    A variable that begins where another ends is found when that one has been replaced, as upstream finds it.
    """
    for match in _VARIABLE.finditer(text):
        query = match[1].replace("{{", "").replace("}}", "").strip()
        shallow = query.startswith("-")
        yield Occurrence(match.start(1), match.end(1), query[1:].strip() if shallow else query, shallow)


def unescaped(text: str) -> str:
    """`text` without the backslashes that kept variables from being read."""
    return _ESCAPED.sub(r"\1", text)


def is_dynamic(document: Any) -> bool:
    """Whether any key or string of `document` holds a variable or a reference, escaped ones included."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if MARK in value or REFERENCE_MARK in value:
                return True
        elif isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False
