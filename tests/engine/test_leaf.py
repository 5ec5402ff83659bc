"""Scalars: coercions, operators, ranges, quantities and durations."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.leaf import matches


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (True, True, True),
        (True, False, False),
        (True, "true", False),
        ("true", True, True),
        ("!true", True, False),
        (1, True, False),
        (7, 7.0, True),
        (7, 7.5, False),
        (7, "7", True),
        (7, "+7", True),
        (7, " 7", False),
        (7, "7.0", False),
        (7.0, 7, True),
        (7.5, 7, False),
        (7.5, "7.5", True),
        (7.0, "7_0e-1", True),
        (0.5, "0x1p-1", True),
        (None, None, True),
        (None, "", True),
        (None, 0, True),
        (None, 0.0, True),
        (None, False, True),
        (None, "x", False),
        (None, {}, False),
        (None, [], False),
        ("", "", True),
        ("", None, False),
        ("*", None, False),
        ("?*", None, False),
        ("?*", "", False),
        ("?*", 0, True),
        ("*", {}, False),
        ("0", None, True),
        ("<5", None, True),
        (">5", None, False),
    ],
)
def test_what_types_mean_beside_each_other(pattern: Any, value: Any, expected: bool) -> None:
    assert matches(pattern, value) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (">= 3", 4, True),
        ("192.168.88.1 | 10.100.11.*", "10.100.11.54", True),
        (">1 & <20", "10", True),
        (">1 & <20 | >31 & <33", "32", True),
        (">1 & <20 | >31 & <33", "21", False),
        ("0-2", 2, True),
        ("0-2", 3, False),
        ("10!-20", 15, False),
        ("10!-20", 25, True),
        ("0.00001-2.00001", 0, False),
        ("0.00001-2.00001", 2.0001, False),
        ("2.99998!-3", 3.00001, True),
        ("-5--1", -3, True),
        ("128Mi-512Mi", "256Mi", True),
        ("128Mi-512Mi", "1024Mi", False),
        ("128Mi!-512Mi", "64Mi", True),
        ("7.000001", 7.00001, False),
        ("!7", 7.00001, True),
        ("<6", 6.000000001, False),
        ("1Gi", "1024Mi", True),
        ("200m", "0.2", True),
        (">1000Mi", "1Gi", True),
        ("<1Gi", "1G", True),
        (">=0.5", "500m", True),
        ("<=.5", "0.5", True),
        (">1h", "61m", True),
        ("1h-2h", "90m", True),
        ("60s", "1m", True),
        (">1h", "x", False),
        ("!5.10.84-1 & !5.15.2-1", "5.16.5-arch1-1", True),
        ("!5.10.84-1 & !5.15.2-1", "5.15.2-1", False),
        ("!*:latest", "nginx:1", True),
        ("!*:latest", "nginx:latest", False),
        ("a|b", "a|b", True),
        (">", ">", True),
        ("!", "!", True),
        ("1E+01x | 1*", 10.0, True),
        ("?E+01", 12.0, False),
        ("1.2E+01", 12.0, True),
        (">1", [1], False),
    ],
)
def test_string_patterns(pattern: str, value: Any, expected: bool) -> None:
    assert matches(pattern, value) is expected


def test_ordering_means_nothing_for_text() -> None:
    assert not matches(">a", "b")
    assert not matches("<=true", True)


numbers = st.integers(-(10**6), 10**6)


@given(numbers, numbers)
def test_comparisons_of_integers(value: int, bound: int) -> None:
    assert matches(f">{bound}", value) == (value > bound)
    assert matches(f">={bound}", value) == (value >= bound)
    assert matches(f"<{bound}", value) == (value < bound)
    assert matches(f"<={bound}", value) == (value <= bound)
    assert matches(f"!{bound}", value) == (value != bound)
    assert matches(f"{bound}", value) == (value == bound)


@given(numbers, numbers, numbers)
def test_ranges_hold_both_ends_and_their_negation_is_exact(value: int, low: int, high: int) -> None:
    assert matches(f"{low}-{high}", value) == (low <= value <= high)
    assert matches(f"{low}!-{high}", value) == (value < low or value > high)


@given(st.integers(0, 10**6), st.sampled_from(["m", "", "k", "M", "Ki", "Mi"]), st.integers(0, 10**6))
def test_quantities_compare_by_what_they_are_worth(value: int, suffix: str, bound: int) -> None:
    worth = {"m": Fraction(1, 1000), "": 1, "k": 10**3, "M": 10**6, "Ki": 2**10, "Mi": 2**20}[suffix]
    # a bare `m` is a duration of minutes on both sides only when the bound has a unit too
    assert matches(f">{bound}k", f"{value}{suffix}") == (value * worth > bound * 1000)


@given(st.text(), st.text())
def test_any_text_is_judged_without_an_error(pattern: str, value: str) -> None:
    assert isinstance(matches(pattern, value), bool)
    assert matches(value, value)
