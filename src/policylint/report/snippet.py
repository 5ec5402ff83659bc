"""One line of a source file, cut and measured for a terminal: wide characters, tabs, and lines without end."""

from typing import NamedTuple

from policylint.report.escape import escaped, is_plain

_TAB = "    "
_CUT = "..."
_LEAST_ROOM = 40


class Shown(NamedTuple):
    """A line fit to print, and the cells of it that a region takes."""

    text: str
    offset: int
    width: int


def show(line: str, start: int, end: int, room: int) -> Shown:
    """The part of `line` around its characters [start, end), at most `room` cells wide (40, if that is less).

    Indices count from 0 and may lie outside the line; an empty region is shown as one cell. What cannot be seen is
    shown as an escape, and what is cut off as `...`.
    """
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    room = max(room, _LEAST_ROOM)
    first, last = _window(line, start, end, room)
    before = _cells(line[first : min(start, last)])
    region = _cells(line[start : min(end, last)])
    after = _cells(line[max(start, min(end, last)) : last])
    head = _CUT if first > 0 else ""
    tail = _CUT if last < len(line) else ""
    text = head + "".join(cell for cell, _ in (*before, *region, *after)) + tail
    return Shown(text.rstrip(), len(head) + _width(before), max(1, _width(region)))


def _window(line: str, start: int, end: int, room: int) -> tuple[int, int]:
    """Which characters of the line to print: all if they fit, else from a third of the room before `start`."""
    # a character outside the ones that could fit is never measured: lines can be megabytes long
    first = max(0, start - room)
    if first == 0 and len(line) <= room and _width(_cells(line)) <= room:
        return 0, len(line)
    if first > 0 or _width(_cells(line[: min(end, room)])) > room - 2 * len(_CUT):
        first = _back(line, start, room // 3)
    return first, _forth(line, first, room - 2 * len(_CUT))


def _back(line: str, start: int, room: int) -> int:
    while start > 0 and room > 0:
        room -= _width(_cells(line[start - 1]))
        start -= 1
    return start


def _forth(line: str, first: int, room: int) -> int:
    last = first
    while last < len(line):
        room -= _width(_cells(line[last]))
        if room < 0:
            break
        last += 1
    return last


def _cells(text: str) -> list[tuple[str, int]]:
    """Each character as it is printed, with the number of terminal cells it takes."""
    if text.isascii() and text.isprintable():
        return [(character, 1) for character in text]
    return [_cell(character) for character in text]


def _cell(character: str) -> tuple[str, int]:
    from unicodedata import category, east_asian_width

    if character == "\t":
        return _TAB, len(_TAB)
    if not is_plain(character):
        shown = escaped(character)
        return shown, len(shown)
    if category(character) in ("Mn", "Me", "Cf"):
        return character, 0
    return character, 2 if east_asian_width(character) in "WF" else 1


def _width(cells: list[tuple[str, int]]) -> int:
    return sum(width for _, width in cells)
