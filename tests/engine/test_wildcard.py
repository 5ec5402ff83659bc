"""Wildcards against a plain restatement of what they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.wildcard import has_wildcard, match


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("", "", True),
        ("", "x", False),
        ("?", "", False),
        ("?*", "x", True),
        ("In*/Ka*/Ban", "India/Karnataka/Ban/Ban/Ban", True),
        ("In*/Ka*/Ban", "India/Karnataka/Bangalore", False),
        ("mnop*?and?", "mnopqanda", True),
        ("mnop*?and", "mnopand", False),
        ("ab?ba", "abbba", True),
        ("ab?ba", "abbbba", False),
        ("a*a", "a", False),
        ("[a-z].txt", "[a-z].txt", True),
        ("?", "é", True),
    ],
)
def test_cases(pattern: str, text: str, expected: bool) -> None:
    assert match(pattern, text) is expected


def meaning(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return meaning(pattern[1:], text) or (bool(text) and meaning(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and meaning(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=7), st.text("ab", max_size=9))
def test_the_meaning(pattern: str, text: str) -> None:
    assert match(pattern, text) == meaning(pattern, text)


def test_many_stars_do_not_backtrack() -> None:
    assert not match("a*" * 200 + "b", "a" * 20_000)
    assert match("*a?" * 200 + "*", "ab" * 20_000)


def test_which_texts_have_wildcards() -> None:
    assert [has_wildcard(text) for text in ("a*", "a?", "a")] == [True, True, False]
