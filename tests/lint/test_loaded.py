"""The documentation in docstrings."""

from policylint.lint.loaded import Documentation, parse_docstring

TEXT = """A policy does
too much.

What it does
------------
Reports it.

Twice.

Why is this bad
---------------
It is.

Notes
-----
This belongs to the section before.

Example
-------
    spec:
      a: 1

Use instead
-----------
Less.

References
----------
- https://example.com/a
https://example.com/b
"""


def test_sections() -> None:
    assert parse_docstring(TEXT) == Documentation(
        summary="A policy does too much.",
        what="Reports it.\n\nTwice.",
        why="It is.\n\nNotes\n-----\nThis belongs to the section before.",
        example="    spec:\n      a: 1",
        instead="Less.",
        references=("https://example.com/a", "https://example.com/b"),
    )


def test_missing_sections_are_empty() -> None:
    assert parse_docstring("") == Documentation()
    assert parse_docstring("One line.") == Documentation(summary="One line.")
