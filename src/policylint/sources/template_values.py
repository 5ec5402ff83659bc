"""Which values a template speaks of, and where: what `.Values.x`, `with`, `range`, variables and `include` come to.

Nothing is evaluated. A reference is a candidate for what sets a rendered value, and only that: it counts once a render
with another value has shown it. So what is not understood here is left out, and costs no more than a key not found.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from policylint.sources.template import Piece, pieces_of

EACH = "*"
"""The step of a reference that stands for every key or item that a `range` goes through."""

Steps = tuple[str, ...]

_TERM = re.compile(r'(?P<head>\$\w*|)(?P<steps>(?:\.[A-Za-z_]\w*)+)|(?P<dot>(?<![\w."$)])\.(?![\w.]))|(?P<var>\$\w*)')
_INDEX = re.compile(r'\b(?:index|get|dig)\s+(?P<of>\$?[\w.]*)((?:\s+"[^"\s]+")+)')
_INCLUDE = re.compile(
    r'\b(?:include|template)\s+"(?P<name>[^"]+)"\s*(?P<argument>\([^()]*(?:\([^()]*\)[^()]*)*\)|[$.\w]+)?'
)
_DICT_ITEM = re.compile(r'"(?P<key>\w+)"\s+(?P<value>\$?[.\w]+)')
_ASSIGNMENT = re.compile(r"(?P<names>\$\w+(?:\s*,\s*\$\w+)?)\s*:?=\s*(?P<value>.*)", re.DOTALL)
_BLOCK = re.compile(r"(if|with|range|else|end|define|block)\b(.*)", re.DOTALL)
_NAME = re.compile(r'\s*"([^"]+)"')
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_MAX_DEPTH = 6
_MAX_REFERENCES = 3000


class Reference(NamedTuple):
    """Values at `path` are spoken of on `line` of the template itself, wherever an `include` led from there."""

    path: Steps
    line: int


class _Values(NamedTuple):
    """What an expression stands for: the values at `path`, or with `root` everything that a template is given."""

    path: Steps = ()
    root: bool = False


class _Dict(NamedTuple):
    items: Mapping[str, "_Values"]


_Meaning = _Values | _Dict | None
_ROOT = _Values(root=True)


def definitions_of(texts: Iterable[str]) -> dict[str, list[Piece]]:
    """The bodies of all `define` blocks in the texts, by name; of two with one name the last counts, as in Helm."""
    found: dict[str, list[Piece]] = {}
    for text in texts:
        depth, name, body = 0, "", list[Piece]()
        for piece in pieces_of(text) or ():
            block = _BLOCK.match(piece.text) if piece.action else None
            if block is not None and block[1] in ("if", "with", "range", "define", "block"):
                depth += 1
                given = _NAME.match(block[2])
                if depth == 1 and block[1] == "define" and given is not None:
                    name, body = given[1], []
                    continue
            elif block is not None and block[1] == "end":
                depth -= 1
                if depth == 0 and name:
                    found[name] = body
                    name = ""
                    continue
            if name:
                body.append(piece)
    return found


def references(text: str, definitions: Mapping[str, list[Piece]]) -> list[Reference]:
    """Every reference to values that the template makes, itself or by what it includes, in order of place."""
    reader = _Reader(definitions)
    breaks = [match.start() for match in re.finditer("\n", text)]
    reader.read(pieces_of(text) or [], _ROOT, {}, lambda offset: bisect_left(breaks, offset) + 1, 0)
    return list(dict.fromkeys(reader.found))


class _Reader:
    def __init__(self, definitions: Mapping[str, list[Piece]]) -> None:
        self._definitions = definitions
        self.found: list[Reference] = []

    def read(
        self,
        pieces: list[Piece],
        dot: _Meaning,
        variables: dict[str, _Meaning],
        line_of: Callable[[int], int],
        depth: int,
    ) -> None:
        """Follows `pieces` with `.` meaning `dot`. `line_of` gives the line of the template for a piece's offset."""
        dots, kinds = [dot], list[str]()
        variables = {"$": dot, **variables}
        for piece in pieces:
            if not piece.action or len(self.found) >= _MAX_REFERENCES:
                continue
            here, block = line_of(piece.offset), _BLOCK.match(piece.text)
            word, expression = (block[1], block[2]) if block is not None else ("", piece.text)
            if word == "end":
                if kinds and kinds.pop() in ("with", "range", "define"):
                    dots.pop()
                continue
            self._note(expression, dots[-1], variables, here, depth)
            if word == "else":
                continue
            assignment = _ASSIGNMENT.match(expression.strip())
            value = assignment["value"] if assignment is not None else expression
            meaning = self._meaning(value, dots[-1], variables)
            if word == "range":
                meaning = _each(meaning)
            if assignment is not None:
                variables[assignment["names"].split(",")[-1].strip()] = meaning
            if word:
                kinds.append(word)
            if word in ("with", "range", "define"):
                dots.append(None if word == "define" else meaning)

    def _note(self, expression: str, dot: _Meaning, variables: Mapping[str, _Meaning], line: int, depth: int) -> None:
        for meaning in self._meanings(expression, dot, variables):
            if isinstance(meaning, _Values) and meaning.path:
                self.found.append(Reference(meaning.path, line))
        for include in _INCLUDE.finditer(expression) if depth < _MAX_DEPTH else ():
            body = self._definitions.get(include["name"])
            if body is not None:
                argument = self._argument(include["argument"] or "", dot, variables)
                self.read(body, argument, {}, lambda _: line, depth + 1)

    def _argument(self, text: str, dot: _Meaning, variables: Mapping[str, _Meaning]) -> _Meaning:
        if text.startswith("(") and re.match(r"\(\s*(?:dict|merge)\b", text):
            items = {}
            for item in _DICT_ITEM.finditer(text):
                meaning = self._meaning(item["value"], dot, variables)
                if isinstance(meaning, _Values):
                    items[item["key"]] = meaning
            return _Dict(items)
        return self._meaning(text, dot, variables)

    def _meaning(self, expression: str, dot: _Meaning, variables: Mapping[str, _Meaning]) -> _Meaning:
        """What a whole expression most likely stands for: the first thing in it that is known."""
        return next(self._meanings(expression, dot, variables), None)

    def _meanings(self, expression: str, dot: _Meaning, variables: Mapping[str, _Meaning]) -> Iterator[_Meaning]:
        for found in _INDEX.finditer(expression):
            base = self._meaning(found["of"], dot, variables)
            keys = tuple(re.findall(r'"([^"]+)"', found[2]))
            below = _below(base, keys)
            if below is not None:
                yield below
        for term in _TERM.finditer(_STRING.sub('""', expression)):
            if term["dot"]:
                meaning = dot
            elif term["var"]:
                meaning = variables.get(term["var"])
            else:
                base = variables.get(term["head"]) if term["head"] else dot
                meaning = _below(base, tuple(term["steps"][1:].split(".")))
            if meaning is not None:
                yield meaning


def _below(base: _Meaning, steps: Steps) -> _Meaning:
    if isinstance(base, _Dict):
        inner = base.items.get(steps[0])
        return _below(inner, steps[1:]) if inner is not None and len(steps) > 1 else inner
    if base is None:
        return None
    if not base.root:
        return _Values((*base.path, *steps))
    return _Values(steps[1:]) if steps[0] == "Values" else None


def _each(meaning: _Meaning) -> _Meaning:
    return _Values((*meaning.path, EACH)) if isinstance(meaning, _Values) and not meaning.root else None
