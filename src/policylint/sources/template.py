"""A Go template as a graph of what it can print: literal text, line breaks, and holes that actions fill.

Only the shape is read (text/template/parse/lex.go: delimiters, trim markers, comments, strings; parse.go: if, range,
with, define, block, break, continue). Nothing is evaluated: every branch may be taken and every loop may run any
number of times, so the graph allows at least what the template can print.
"""

import re
from enum import IntEnum
from typing import NamedTuple

_STOP = re.compile(r"[\"`']|\}\}")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_RAW_STRING = re.compile(r"`[^`]*`")
_CHARACTER = re.compile(r"'(?:[^'\\\n]|\\.)*'")
_STRINGS = {'"': _STRING, "`": _RAW_STRING, "'": _CHARACTER}
_COMMENT = re.compile(r"\{\{(?:-[ \t\r\n]+)?/\*")
_SPACES = " \t\r\n"
_KEYWORD = re.compile(r"(if|with|range|else|end|define|block|break|continue)\b")
_ASSIGNMENT = re.compile(r"\$\w*(?:\s*,\s*\$\w*)?\s*:?=")
_INDENT = re.compile(r"\b(n?)indent\s+(\d+)\s*\)?\s*\Z")


class Kind(IntEnum):
    JOIN = 0  # prints nothing
    TEXT = 1  # literal text within a line
    BREAK = 2  # the end of a line
    HOLE = 3  # what an action prints, within a line
    BLOCK = 4  # what an action prints, over any number of lines
    END = 5  # the end of the output


class Node(NamedTuple):
    """A part of the output. `line` and `column` (from 1) say where its first visible character, or its action, is.

    A BLOCK's lines after its first are indented by at least `indent`; its first line is empty when it is `below`, as
    `nindent` does.
    """

    kind: Kind
    text: str = ""
    line: int = 0
    column: int = 0
    indent: int = 0
    below: bool = False


class Graph(NamedTuple):
    """What may follow what. Node 0 is where the output starts, node 1 where it ends."""

    nodes: list[Node]
    next: list[list[int]]


class Piece(NamedTuple):
    """A stretch of literal text (`action` False) or the inside of one action, at an offset of the template."""

    action: bool
    text: str
    offset: int
    end: int


class _Frame(NamedTuple):
    keyword: str
    head: int
    after: int
    resumed: int  # where the output goes on after a definition


START, FINISH = 0, 1


def parse_template(text: str) -> Graph | None:
    """The graph of `text`, or None when its actions do not fit together (the tool would refuse it too)."""
    pieces = pieces_of(text)
    return None if pieces is None else _Builder(text).build(pieces)


def pieces_of(text: str) -> list[Piece] | None:
    """The literal text and the actions of a template, in turns; None when an action does not end."""
    pieces: list[Piece] = []
    position = 0
    trim_left = False
    while True:
        opening = text.find("{{", position)
        literal_end = opening if opening >= 0 else len(text)
        close = _action_end(text, opening) if opening >= 0 else literal_end
        if close is None:
            return None
        trims_before = (
            opening >= 0 and text[opening + 2 : opening + 3] == "-" and text[opening + 3 : opening + 4] in _SPACES
        )
        pieces.append(_literal(text, position, literal_end, trim_left, trims_before))
        if opening < 0:
            return pieces
        inside = text[opening + 2 : close - 2]
        trim_left = inside.endswith("-") and inside[-2:-1] in _SPACES and len(inside) > 1
        body = inside[1 if trims_before else 0 : -1 if trim_left else None].strip()
        pieces.append(Piece(True, body, opening, close))
        position = close


def _literal(text: str, start: int, end: int, trim_left: bool, trim_right: bool) -> Piece:
    literal = text[start:end]
    if trim_left:
        stripped = literal.lstrip(_SPACES)
        start += len(literal) - len(stripped)
        literal = stripped
    return Piece(False, literal.rstrip(_SPACES) if trim_right else literal, start, end)


def _action_end(text: str, opening: int) -> int | None:
    """The index after the `}}` that closes the action at `opening`."""
    comment = _COMMENT.match(text, opening)
    if comment is not None:
        closing = text.find("*/", comment.end())
        end = text.find("}}", closing) if closing >= 0 else -1
        return end + 2 if end >= 0 else None
    position = opening + 2
    while (stop := _STOP.search(text, position)) is not None:
        if stop.group() == "}}":
            return stop.end()
        string = _STRINGS[stop.group()].match(text, stop.start())
        if string is None:
            return None
        position = string.end()
    return None


class _Builder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._nodes = [Node(Kind.JOIN), Node(Kind.END)]
        self._next: list[list[int]] = [[], []]
        self._tail = START
        self._frames: list[_Frame] = []
        self._line = 1
        self._line_start = 0
        self._counted = 0

    def build(self, pieces: list[Piece]) -> Graph | None:
        for piece in pieces:
            if not piece.action:
                self._literal(piece)
            elif not self._action(piece):
                return None
        if self._frames:
            return None
        self._link(self._tail, FINISH)
        return Graph(self._nodes, self._next)

    def _new(self, node: Node) -> int:
        self._nodes.append(node)
        self._next.append([])
        return len(self._nodes) - 1

    def _link(self, source: int, target: int) -> None:
        if target not in self._next[source]:
            self._next[source].append(target)

    def _print(self, node: Node) -> None:
        new = self._new(node)
        self._link(self._tail, new)
        self._tail = new

    def _place(self, offset: int) -> tuple[int, int]:
        """The line and column of `offset`; offsets are asked for in order."""
        breaks = self._text.count("\n", self._counted, offset)
        if breaks:
            self._line += breaks
            self._line_start = self._text.rfind("\n", self._counted, offset) + 1
        self._counted = offset
        return self._line, offset - self._line_start + 1

    def _literal(self, piece: Piece) -> None:
        offset = piece.offset
        for index, part in enumerate(piece.text.split("\n")):
            if index:
                self._print(Node(Kind.BREAK))
            content = part.removesuffix("\r")
            if content:
                blank = len(content) - len(content.lstrip())
                line, column = self._place(offset + (blank if blank < len(content) else 0))
                self._print(Node(Kind.TEXT, content, line, column))
            offset += len(part) + 1

    def _action(self, piece: Piece) -> bool:
        body = piece.text
        if body.startswith("/*") or _ASSIGNMENT.match(body):
            return True
        keyword = _KEYWORD.match(body)
        if keyword is None:
            self._hole(piece)
            return True
        word = keyword.group()
        if word in ("if", "with", "range", "define", "block"):
            self._open(word, piece)
            return True
        if word == "else":
            return self._else(conditional=body != "else")
        return self._end() if word == "end" else self._jump(word)

    def _open(self, word: str, piece: Piece) -> None:
        if word == "block":
            line, column = self._place(piece.offset)
            self._print(Node(Kind.BLOCK, line=line, column=column))
        resumed = self._tail
        head, after = self._new(Node(Kind.JOIN)), self._new(Node(Kind.JOIN))
        if word not in ("define", "block"):
            self._link(self._tail, head)
            self._link(head, after)
        self._frames.append(_Frame(word, head, after, resumed))
        self._tail = head

    def _else(self, conditional: bool) -> bool:
        if not self._frames or self._frames[-1].keyword in ("define", "block", "else"):
            return False
        frame = self._frames[-1]
        self._link(self._tail, frame.head if frame.keyword == "range" else frame.after)
        if not conditional:
            if frame.keyword != "range":
                self._next[frame.head].remove(frame.after)  # one of the branches is taken
            self._frames[-1] = frame._replace(keyword="else")
        self._tail = frame.head
        return True

    def _end(self) -> bool:
        if not self._frames:
            return False
        frame = self._frames.pop()
        if frame.keyword in ("define", "block"):
            self._tail = frame.resumed
            return True
        self._link(self._tail, frame.head if frame.keyword == "range" else frame.after)
        self._tail = frame.after
        return True

    def _jump(self, word: str) -> bool:
        loop = next((frame for frame in reversed(self._frames) if frame.keyword == "range"), None)
        if loop is None:
            return False
        self._link(self._tail, loop.after if word == "break" else loop.head)
        return True

    def _hole(self, piece: Piece) -> None:
        line, column = self._place(piece.offset)
        indent = _INDENT.search(piece.text)
        if indent is not None:
            node = Node(Kind.BLOCK, "", line, column, int(indent.group(2)[:4]), below=bool(indent.group(1)))
        elif "indent" in piece.text or self._is_alone(piece):
            node = Node(Kind.BLOCK, "", line, column)
        else:
            node = Node(Kind.HOLE, "", line, column)
        self._print(node)

    def _is_alone(self, piece: Piece) -> bool:
        """Whether the action has its line of the template to itself: what it prints may have several lines.

        Within a line, several lines could hardly be YAML.
        """
        start = self._text.rfind("\n", 0, piece.offset) + 1
        end = self._text.find("\n", piece.end)
        before, after = self._text[start : piece.offset], self._text[piece.end : end if end >= 0 else None]
        return not _without_actions(before).strip() and not _without_actions(after).strip()


def _without_actions(text: str) -> str:
    return re.sub(r"\{\{.*?\}\}", "", text)
