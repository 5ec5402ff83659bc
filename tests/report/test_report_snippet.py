"""A source line on a terminal: what is shown, and where the carets stand."""

from unicodedata import category, east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.report.escape import is_plain
from policylint.report.snippet import Shown, show


@pytest.mark.parametrize(
    ("line", "start", "end", "expected"),
    [
        ("image: nginx", 7, 12, Shown("image: nginx", 7, 5)),
        ("\timage: x", 1, 6, Shown("    image: x", 4, 5)),
        ("名前: 日本", 4, 6, Shown("名前: 日本", 6, 4)),
        ("e\u0301: x", 4, 5, Shown("e\u0301: x", 3, 1)),
        ("a: \x1b[0m", 3, 4, Shown("a: \\x1b[0m", 3, 4)),
        ("a:\u00a0b", 2, 3, Shown("a:\\xa0b", 2, 4)),
        ("abc", 3, 3, Shown("abc", 3, 1)),
        ("abc", 9, 12, Shown("abc", 3, 1)),
        ("abc", 2, 1, Shown("abc", 2, 1)),
        ("", 0, 0, Shown("", 0, 1)),
        ("abc   ", 0, 3, Shown("abc", 0, 3)),
    ],
)
def test_short_lines_are_shown_whole(line: str, start: int, end: int, expected: Shown) -> None:
    assert show(line, start, end, 80) == expected


def test_a_long_line_is_cut_around_its_region() -> None:
    line = "a" * 1_000_000 + "REGION" + "b" * 1_000_000
    assert show(line, 1_000_000, 1_000_006, 40) == Shown("..." + "a" * 13 + "REGION" + "b" * 15 + "...", 16, 6)


def test_a_region_that_does_not_fit_is_cut() -> None:
    assert show("key: " + "x" * 100, 5, 105, 40) == Shown("key: " + "x" * 29 + "...", 5, 29)


@given(st.text(st.characters(exclude_categories=())), st.integers(-2, 200), st.integers(-2, 200), st.integers(0, 90))
def test_any_line_fits_its_room_and_is_plain(line: str, start: int, end: int, room: int) -> None:
    shown = show(line * 20, start, end, room)
    assert all(is_plain(character) for character in shown.text)
    assert sum(_cells(character) for character in shown.text) <= max(room, 40)
    assert shown.width >= 1
    assert shown.offset + shown.width <= max(room, 40) + 1


def _cells(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
