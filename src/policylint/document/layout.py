"""Where a document's nodes and lines lie in its text: what splicing needs to know beyond the nodes' own marks.

Indices are those of the nodes' marks. What leaves no exact mark (aliases, merged keys) is declined.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from policylint.document.compose import PLAIN, Node
from policylint.document.construct import key_text
from policylint.document.quoting import DOUBLE, PLAIN_STYLE
from policylint.document.scalars import Dialect
from policylint.model import PathStep, YamlPath

_REST_OF_LINE = re.compile(r"(?:[ \t]+#[^\r\n]*|[ \t]*)(?=\r?\n|\Z)")
_COMMENT_LINE = re.compile(r"([ \t]*)#[^\n]*(?:\n|\Z)")
_BLANK_LINE = re.compile(r"[ \t]*\r?\n")


class Declined(Exception):  # noqa: N818 -- an outcome, not an error
    """The operation cannot be carried out by splicing text."""


class Splice(NamedTuple):
    """Replace the characters [start, end) by `text`."""

    start: int
    end: int
    text: str


class Place(NamedTuple):
    """An element of a collection: the pair or item at `position` of `parent`, and where its text lies."""

    parent: yaml.CollectionNode
    position: int
    start: int
    end: int


class Layout:
    """The document `root` of `text`, read by `dialect`."""

    def __init__(self, text: str, root: Node, dialect: Dialect) -> None:
        self.text = text
        self.root = root
        self.dialect = dialect
        self._seen: set[int] = set()
        self.shared: set[int] = set()
        self._aliases: set[tuple[int, int]] = set()
        self._note_aliases(root)
        first = text.find("\n")
        self.line_break = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"

    def _note_aliases(self, root: Node) -> None:
        """Where an anchored node is met again in the order of the text, an alias stands."""
        stack: list[tuple[Node | None, int, Node]] = [(None, 0, root)]
        while stack:
            parent, index, node = stack.pop()
            if id(node) in self._seen:
                self.shared.add(id(node))
                self._aliases.add((id(parent), index))
                continue
            self._seen.add(id(node))
            below: list[tuple[Node | None, int, Node]] = []
            for position, item in enumerate(node.value) if isinstance(node, yaml.CollectionNode) else ():
                below.extend((node, position, part) for part in (item if isinstance(item, tuple) else (item,)))
            stack.extend(reversed(below))

    def resolve(self, path: YamlPath) -> tuple[yaml.CollectionNode | None, int, YamlPath]:
        """The element at `path` as collection and index, and the steps of it that are missing below it."""
        parent, index, node = None, 0, self.root
        for depth, step in enumerate(path):
            if not isinstance(node, yaml.CollectionNode):
                raise Declined  # a null or another scalar where the path wants a collection
            found = self.index(node, step)
            if found is None:
                return parent, index, YamlPath(path[depth:])
            parent, index, node = node, found, self.child(node, found)
            if id(node) in self.shared:
                raise Declined
        return parent, index, YamlPath()

    def index(self, node: yaml.CollectionNode, step: PathStep) -> int | None:
        """Which element of `node` is at `step`; None when a mapping has no such key."""
        if isinstance(node, yaml.SequenceNode):
            if not isinstance(step, int) or not 0 <= step < len(node.value):
                raise Declined
            return step
        found = [place for place, pair in enumerate(node.value) if key_text(pair[0], self.dialect) == str(step)]
        if len(found) > 1 or (found and self._is_merge(node.value[found[0]][0])):
            raise Declined
        return found[0] if found else None

    def _is_merge(self, key: Node) -> bool:
        return self.dialect.merges and key.tag == PLAIN and key.value == "<<"

    def child(self, parent: yaml.CollectionNode | None, index: int) -> Node:
        if parent is None:
            return self.root
        item: Node = parent.value[index][1] if isinstance(parent, yaml.MappingNode) else parent.value[index]
        return item

    def place(self, parent: yaml.CollectionNode, index: int) -> Place:
        first = parent.value[index][0] if isinstance(parent, yaml.MappingNode) else parent.value[index]
        return Place(parent, index, first.start_mark.index, self.end(parent, index))

    def end(self, parent: yaml.CollectionNode | None, index: int) -> int:
        """The index after the content of an element. A kept block scalar's content includes its last line break."""
        node = self.child(parent, index)
        while True:
            if (id(parent), index) in self._aliases:
                raise Declined  # an alias leaves no mark of its own
            if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
                break
            parent, index = node, len(node.value) - 1
            node = self.child(parent, index)
        start, end = node.start_mark.index, int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            header = self.text[start : self.text.find("\n", start, end)]
            if "+" not in header.partition("#")[0]:
                end = start + len(self.text[start:end].rstrip("\r\n"))
        return end

    def is_bare(self, index: int) -> bool:
        """Whether no anchor, tag or alias stands at `index`."""
        return self.text[index] not in "&!*"

    def line_end(self, index: int) -> tuple[int, int]:
        """Where the line that ends after `index` has its break, and where the next one starts."""
        if index and self.text[index - 1] == "\n":
            return index, index
        match = _REST_OF_LINE.match(self.text, index)
        if match is None:
            raise Declined
        stop = match.end()
        return stop, stop + (2 if self.text.startswith("\r\n", stop) else 1 if stop < len(self.text) else 0)

    def line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def break_before(self, line_start: int) -> int:
        """Where the line break before the line at `line_start` begins."""
        return line_start - 2 if self.text.startswith("\r\n", line_start - 2) else max(0, line_start - 1)

    def break_at(self, stop: int) -> str:
        if self.text.startswith("\r\n", stop):
            return "\r\n"
        return "\n" if stop < len(self.text) else self.line_break

    def past_deeper_comments(self, index: int, column: int) -> int:
        """The start of the first line from `index` on that is no comment indented deeper than `column`."""
        reached = index
        while index < len(self.text):
            comment = _COMMENT_LINE.match(self.text, index)
            if comment is not None and len(comment[1]) > column:
                index = reached = comment.end()
                continue
            blank = _BLANK_LINE.match(self.text, index)
            if blank is None:
                break
            index = blank.end()
        return reached

    def indentation_step(self) -> int:
        """By how much this document indents a mapping in a mapping; 2 where it has none."""
        return next((step for step in self._steps(yaml.MappingNode) if step > 0), 2)

    def list_step(self) -> int:
        """By how much this document indents a list's dashes below their key; 0 where it has none."""
        return next((step for step in self._steps(yaml.SequenceNode) if step >= 0), 0)

    def _steps(self, wanted: type[yaml.CollectionNode]) -> Iterator[int]:
        """The columns between a key and its block collection of the `wanted` type, in the order of the text."""
        stack: list[Node] = [self.root]
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            if not isinstance(node, yaml.CollectionNode) or node.flow_style or id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if isinstance(value, wanted) and not value.flow_style and value.value:
                        yield value.start_mark.column - key.start_mark.column
                stack.extend(value for _, value in reversed(node.value))
            else:
                stack.extend(reversed(node.value))

    def default_style(self) -> str:
        """Double quotes in what is written as JSON, where plain strings are none."""
        root = self.root
        quoted = isinstance(root, yaml.MappingNode) and root.flow_style and root.value
        return DOUBLE if quoted and root.value[0][0].style == DOUBLE else PLAIN_STYLE
