"""The lines of a report for people: colours, notes beside a gutter, and source lines with a region underlined."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from policylint.model import Location
from policylint.report.escape import visible, visible_lines
from policylint.report.options import RenderOptions
from policylint.report.snippet import show

Ink = Literal["error", "warning", "info", "gutter", "strong", "clean"]

_CODES: dict[Ink, str] = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "gutter": "1;34",
    "strong": "1",
    "clean": "1;32",
}


class Page(NamedTuple):
    """How the lines about one thing are laid out: `gutter` is the width of its line numbers, `ink` marks regions."""

    options: RenderOptions
    gutter: int
    ink: Ink

    def paint(self, ink: Ink, text: str) -> str:
        return f"\x1b[{_CODES[ink]}m{text}\x1b[0m" if self.options.color and text else text

    def bar(self, number: int | None = None, mark: str = " ") -> str:
        label = f"{'' if number is None else number:>{self.gutter}}"
        return self.paint("gutter", f"{mark}{label} |")

    def source(self, number: int, text: str, mark: str = " ") -> str:
        return f"{self.bar(number, mark)} {text}".rstrip()

    def note(self, label: str, text: str) -> Iterator[str]:
        """`= label: text`, each further line of `text` under the first."""
        first, *others = visible_lines(text)
        start = f"{' ' * (self.gutter + 2)}"
        yield f"{start}{self.paint('gutter', '=')} {self.paint('strong', f'{label}:')} {first}".rstrip()
        for line in others:
            yield f"{start}{self.paint('gutter', '|')} {' ' * (len(label) + 1)} {line}".rstrip()

    @property
    def room(self) -> int:
        return self.options.width - self.gutter - 4

    def snippet(self, location: Location, context: int) -> Iterator[str]:
        """The line of `location` with its region underlined, after `context` lines; nothing when it cannot be read."""
        read_line, number = self.options.read_line, location.line
        line = read_line(location.path, number)
        if line is None:
            return
        yield self.bar()
        for earlier in range(max(1, number - context), number):
            yield self.source(earlier, show(read_line(location.path, earlier) or "", 0, 0, self.room).text)
        goes_on = location.end_line > number
        start = location.column - 1
        shown = show(line, start, len(line) if goes_on else location.end_column - 1, self.room)
        yield self.source(number, shown.text)
        carets = "^" * shown.width + (f" to line {location.end_line}" if goes_on else "")
        yield f"{self.bar()} {' ' * shown.offset}{self.paint(self.ink, carets)}"


def place(location: Location) -> str:
    """`path:line:column`."""
    return f"{shown_path(location.path)}:{location.line}:{location.column}"


def shown_path(path: str) -> str:
    """A path fit to begin a line with."""
    shown = visible(path)
    # a file named "::error::" must not become a command of the CI that reads our output
    return f"./{shown}" if shown.lstrip().startswith(":") else shown
