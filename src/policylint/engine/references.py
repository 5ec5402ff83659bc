"""References inside a rule: `$(./../limits/memory)` stands for the value at another place of the same rule.

A reference may carry a comparison that goes before the value: `$(<=/spec/limit)`. Kyverno pkg/engine/variables/vars.go
`substituteReferences` and `resolveReference`.
"""

import posixpath
from typing import Any, NamedTuple

from policylint.engine.anchors import parse_anchor
from policylint.engine.errors import EvaluationError
from policylint.model import ROOT, YamlPath
from policylint.regex import regex

REFERENCE_MARK = "$("
_REFERENCE = regex(r"^\$\(.[^ ]*\)|[^\\]\$\(.[^ ]*\)")
_ESCAPED = regex(r"\\(\$\(.[^ ]*\))")
_COMPARISONS = (">=", "<=", ">", "<", "!")
_LONGEST = 1 << 20
# the expression looks from every `$(` to the end of its word, so their number times the length is what a text costs
_MOST_WORK = 20_000_000


class _Found(NamedTuple):
    """What stands at a place; `whole` tells of a mapping, which has no single value."""

    value: Any
    whole: bool = False


def substitute_references(document: Any, *, path: YamlPath = ROOT) -> Any:
    """`document` with its references replaced by the values that they name in `document` itself.

    `path` is the place of `document` in its policy, for errors. Returns `document` itself when it has none. Raises
    EvaluationError for a reference to nothing or to something that is not text; a comparison also takes a number.
    """
    return _References(document, path).replaced(document, "", path)


class _References:
    def __init__(self, document: Any, path: YamlPath) -> None:
        self._document = document
        self._path = path
        self._places: dict[str, _Found] | None = None

    def replaced(self, value: Any, pointer: str, path: YamlPath) -> Any:
        if isinstance(value, str):
            return self._text(value, pointer, path) if REFERENCE_MARK in value else value
        if isinstance(value, list):
            items = []
            for index, item in enumerate(value):
                items.append(self.replaced(item, f"{pointer}/{index}", path / index))
            return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
        if isinstance(value, dict):
            return self._mapping(value, pointer, path)
        return value

    def _mapping(self, mapping: dict[str, Any], pointer: str, path: YamlPath) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        changed = False
        for key, item in mapping.items():
            name = self._text(key, pointer, path / key) if REFERENCE_MARK in key else key
            entries[name] = self.replaced(item, _below(pointer, key), path / key)
            changed = changed or name is not key or entries[name] is not item
        return entries if changed else mapping

    def _text(self, text: str, pointer: str, path: YamlPath) -> str:
        if text.count(REFERENCE_MARK) * len(text) > _MOST_WORK:
            raise EvaluationError("the text holds too many references", path)
        for match in _REFERENCE.findall(text):
            before, reference = ("", match) if match.startswith(REFERENCE_MARK) else (match[0], match[1:])
            text = text.replace(match, before + self._resolved(reference, pointer, path), 1)
            if len(text) > _LONGEST:
                raise EvaluationError("the text becomes too long when its references are replaced", path)
        return _ESCAPED.sub(r"\1", text)

    def _resolved(self, reference: str, pointer: str, path: YamlPath) -> str:
        named = reference.strip("$()")
        comparison = next((sign for sign in _COMPARISONS if named.startswith(sign)), "")
        named = named.removeprefix(comparison)
        if not named:
            raise EvaluationError(f"the reference {reference} names no place", path)
        target = posixpath.normpath(named if named.startswith("/") else posixpath.join(pointer or "/", named))
        if target.startswith("//"):
            target = target[1:]
        found = self._at(target)
        if found is None or found.value is None:
            raise EvaluationError(f"the reference {reference} names {target}, where the rule has no value", path)
        value = found.value
        if isinstance(value, str) and not found.whole:
            return comparison + value
        if comparison and isinstance(value, int | float) and not isinstance(value, bool):
            return f"{comparison}{value:f}"
        raise EvaluationError(f"the reference {reference} names {target}, which is not text", path)

    def _at(self, target: str) -> _Found | None:
        if self._places is None:
            self._places = {}
            _collect(self._document, "", self._places)
        return self._places.get(target)


def _collect(value: Any, pointer: str, places: dict[str, _Found]) -> None:
    """Every place of the document under its pointer without anchors; of several, the last counts."""
    if isinstance(value, dict):
        places[_without_anchors(pointer)] = _Found(value, whole=True)
        for key, item in value.items():
            _collect(item, _below(pointer, key), places)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, f"{pointer}/{index}", places)
    else:
        places[_without_anchors(pointer)] = _Found(value)


def _below(pointer: str, key: str) -> str:
    return f"{pointer}/" + key.replace("/", "\\/")


def _without_anchors(pointer: str) -> str:
    steps = [anchor.key if (anchor := parse_anchor(step)) else step for step in pointer.split("/")]
    return posixpath.normpath("/".join(steps)) if pointer else "/"
