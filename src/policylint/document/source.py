"""Where text came from, and how a place in it maps back to a file that a person can open."""

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from policylint.model import Location, Rendered

if TYPE_CHECKING:
    from array import array

_EXCERPT_BEFORE = 2
_EXCERPT_AFTER = 2


class Source:
    """Text and where it came from. This one is a file (or stdin): its places are their own answer.

    `path` is what the user is shown: posix, relative to the directory the command runs in where possible. `varying`
    has the lines of the text that come out differently each time it is made, which is for charts to say.
    """

    varying: Mapping[int, bool] = {}

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def _line_starts(self) -> "array[int]":
        from array import array  # a list would be larger than the text

        # split only where editors do: libyaml also breaks lines at U+0085, U+2028 and U+2029
        starts = array("L", [0])
        find = self.text.find
        position = find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = find("\n", position + 1)
        return starts

    def line_and_column(self, index: int) -> tuple[int, int]:
        """The 1-based line and column of the character at `index`."""
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def line_start(self, line: int) -> int:
        return self._line_starts[min(line, len(self._line_starts)) - 1]

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def line_text(self, line: int) -> str:
        """Line `line` without its line break; empty beyond the end."""
        if not 1 <= line <= len(self._line_starts):
            return ""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] if line < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def location(self, start: int, end: int) -> Location:
        """Where the characters [start, end) are, for a person."""
        return Location(self.path, *self.line_and_column(start), *self.line_and_column(max(start, end)))

    def editable_span(self, start: int, end: int) -> tuple[int, int] | None:
        """The span of the file at `path` that holds these characters letter for letter, or None."""
        return start, end

    @property
    def file_text(self) -> str | None:
        """The whole text of the file at `path`, when spans of this source can be edited there."""
        return self.text

    def describe(self) -> str:
        """How to name this source in a sentence."""
        return self.path


class EmbeddedSource(Source):
    """A manifest inside a string of another document, such as a ConfigMap's data.

    In a literal block (`|`) every inner line is a line of the outer text, shifted by the block's indentation, so
    places are exact; any other way of writing a string maps to the whole string.
    """

    def __init__(self, parent: Source, text: str, start: int, end: int, literal: bool) -> None:
        super().__init__(parent.path, text)
        self._parent = parent
        self._start = start
        self._end = end
        self._shift = self._literal_shift() if literal else None

    def _literal_shift(self) -> tuple[int, int] | None:
        """The outer line of inner line 1, and the columns by which inner lines are indented."""
        first_line = self._parent.line_and_column(self._start)[0] + 1
        for number, line in enumerate(self.text.split("\n")):
            if line.strip():
                outer = self._parent.line_text(first_line + number)
                indent = len(outer) - len(line.rstrip("\r"))
                if indent >= 0 and outer[indent:] == line.rstrip("\r"):
                    return first_line, indent
                return None
        return None

    def _outer(self, index: int) -> int | None:
        if self._shift is None:
            return None
        line, column = self.line_and_column(index)
        first_line, indent = self._shift
        outer_line = first_line + line - 1
        outer_text = self._parent.line_text(outer_line)
        return self._parent.line_start(outer_line) + min(indent + column - 1, len(outer_text))

    def location(self, start: int, end: int) -> Location:
        outer_start, outer_end = self._outer(start), self._outer(end)
        if outer_start is None or outer_end is None:
            return self._parent.location(self._start, self._end)
        return self._parent.location(outer_start, outer_end)

    def editable_span(self, start: int, end: int) -> tuple[int, int] | None:
        return None  # an edit could add lines, which would need the block's indentation

    @property
    def file_text(self) -> str | None:
        return None

    def describe(self) -> str:
        line = self._parent.line_and_column(self._start)[0]
        return f"a string in {self._parent.path} at line {line}"


class TemplatePlace(NamedTuple):
    """The place in the user's own file that produced a rendered line; `exact` when more than the file is known."""

    path: str
    line: int
    column: int
    end_column: int
    exact: bool


class RenderedSource(Source):
    """Text that a tool rendered from the file at `path`, such as a chart's template.

    `places` maps 1-based rendered lines to the template; a line that is not in it is known by its file alone.
    """

    def __init__(self, path: str, text: str, by: str, places: dict[int, TemplatePlace]) -> None:
        super().__init__(path, text)
        self.by = by
        self._places = places

    def location(self, start: int, end: int) -> Location:
        first, _ = self.line_and_column(start)
        last, _ = self.line_and_column(max(start, end))
        place = self._places.get(first, TemplatePlace(self.path, 1, 1, 1, exact=False))
        top = max(1, first - _EXCERPT_BEFORE)
        bottom = min(self.line_count, max(first, min(last, first + _EXCERPT_AFTER)) + _EXCERPT_AFTER)
        excerpt = tuple(self.line_text(line) for line in range(top, bottom + 1))
        rendered = Rendered(self.by, first, excerpt, top, place.exact)
        return Location(place.path, place.line, place.column, place.line, place.end_column, rendered)

    def editable_span(self, start: int, end: int) -> tuple[int, int] | None:
        return None  # the text is not the user's: the template or a value must change

    @property
    def file_text(self) -> str | None:
        return None

    def describe(self) -> str:
        return f"{self.path} as rendered by {self.by}"
