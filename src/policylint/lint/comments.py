"""The real comments of a YAML text, and which lines a comment speaks for.

Both are asked only of texts that hold a marker, so a second parse there costs nothing elsewhere.
"""

from bisect import bisect_right
from typing import NamedTuple

import yaml

from policylint.document.compose import ComposedDocument, Node, compose
from policylint.document.source import Source


class Comment(NamedTuple):
    """A comment from its `#` at `start` to the end of its line; `alone` when nothing else is on the line."""

    start: int
    end: int
    text: str
    line: int
    alone: bool


class CommentMap:
    """Where scalars, keys and items lie in the text of `source`. What does not parse has none of them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scalars: list[tuple[int, int]] = []
        self._below_key: dict[int, int] = {}
        self._whole: dict[int, int] = {}
        # the lines from the first to before the second hold nothing: one comment after another asks the same
        self._blank = (0, 0)
        for composed in compose(source.text):
            if isinstance(composed, ComposedDocument):
                _Reader(source, composed.base, self._scalars, self._below_key, self._whole).visit(composed.node)
        self._scalars.sort()

    def comments(self, marker: str) -> list[Comment]:
        """The comments that hold `marker`, in order."""
        text, found = self._source.text, []
        index = text.find(marker)
        while index >= 0:
            line, column = self._source.line_and_column(index)
            start = index - column + 1
            content = self._source.line_text(line)
            comment = self._comment_start(start, content)
            if comment is not None and marker in text[comment : start + len(content)]:
                end = start + len(content)
                alone = not text[start:comment].strip()
                found.append(Comment(comment, end, text[comment:end], line, alone))
            index = text.find(marker, start + len(content))
        return found

    def governed(self, comment: Comment) -> tuple[int, int]:
        """The first and last line that the comment speaks for.

        After a value that is its line, after a key with a block below that block, alone on its line the whole of the
        next key or list item. Nothing following: only its own line, where nothing can be found.
        """
        if not comment.alone:
            return comment.line, max(comment.line, self._below_key.get(comment.line, 0))
        line = self._next_content(comment.line + 1)
        return (comment.line, comment.line) if line is None else (line, max(line, self._whole.get(line, 0)))

    def _next_content(self, first: int) -> int | None:
        """The first line from `first` on that holds more than a comment, or None at the end."""
        blank_from, blank_to = self._blank
        line = blank_to if blank_from <= first <= blank_to else first
        while line <= self._source.line_count:
            content = self._source.line_text(line).strip()
            if content and not content.startswith("#") and content != "---":
                break
            line += 1
        self._blank = first, line
        return line if line <= self._source.line_count else None

    def _comment_start(self, line_start: int, content: str) -> int | None:
        """Where the line's comment begins: the first `#` after a blank that is inside no scalar."""
        column = content.find("#")
        while column >= 0:
            index = line_start + column
            if (column == 0 or content[column - 1] in " \t") and not self._in_scalar(index):
                return index
            column = content.find("#", column + 1)
        return None

    def _in_scalar(self, index: int) -> bool:
        place = bisect_right(self._scalars, (index, len(self._source.text))) - 1
        return place >= 0 and self._scalars[place][0] <= index < self._scalars[place][1]


class _Reader:
    """Notes where the nodes of one document lie. An alias has no place of its own and is passed over."""

    def __init__(
        self,
        source: Source,
        base: int,
        scalars: list[tuple[int, int]],
        below_key: dict[int, int],
        whole: dict[int, int],
    ) -> None:
        self._source = source
        self._base = base
        self._scalars = scalars
        self._below_key = below_key
        self._whole = whole
        self._seen: set[int] = set()

    def visit(self, node: Node) -> int:
        """Notes `node` and returns the index after it in the whole text, or -1 for an alias."""
        if id(node) in self._seen:
            return -1
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        below = self._pairs(node) if isinstance(node, yaml.MappingNode) else self._items(node)
        flow = isinstance(node, yaml.CollectionNode) and node.flow_style
        # the end mark of a block collection lies beyond the comments that follow it
        return max(below, self._base + (node.end_mark.index if flow else node.start_mark.index))

    def _scalar(self, node: yaml.ScalarNode) -> int:
        start, end = self._base + node.start_mark.index, self._base + node.end_mark.index
        text = self._source.text
        if node.style in ("|", ">"):
            # a comment may stand after the header; the body begins on the next line
            body = text.find("\n", start, end) + 1 or end
            self._scalars.append((body, end))
            return start + len(text[start:end].rstrip())
        self._scalars.append((start, end))
        return end

    def _pairs(self, node: yaml.MappingNode) -> int:
        last = -1
        for key, value in node.value:
            key_end, value_end = self.visit(key), self.visit(value)
            if key_end >= 0:
                self._note(key, max(key_end, value_end), self._below_key, self._whole)
            last = max(last, key_end, value_end)
        return last

    def _items(self, node: Node) -> int:
        last = -1
        for item in node.value:
            end = self.visit(item)
            if end >= 0:
                # a comment after `- name: x` is about the name, not about the item
                inline = isinstance(item, yaml.ScalarNode) or item.flow_style
                self._note(item, end, *((self._below_key, self._whole) if inline else (self._whole,)))
            last = max(last, end)
        return last

    def _note(self, node: Node, end: int, *places: dict[int, int]) -> None:
        start = self._base + node.start_mark.index
        first, _ = self._source.line_and_column(start)
        last, _ = self._source.line_and_column(max(start, end - 1))
        for place in places:
            place[first] = max(last, place.get(first, 0))
