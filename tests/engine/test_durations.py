"""Go's duration grammar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.durations import parse_duration

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("5s", 5 * SECOND),
        ("1h15m30.918s", 4530_918_000_000),
        ("-1.5h", -5400 * SECOND),
        ("+.5s", SECOND // 2),
        ("1.s", SECOND),
        ("10ns", 10),
        ("11us", 11_000),
        ("12µs", 12_000),
        ("12\u03bcs", 12_000),
        ("2562047h47m16.854775807s", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
        ("0.3333333333333333333h", 20 * 60 * SECOND),
    ],
)
def test_durations(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "-",
        "s",
        ".",
        "-.s",
        ".s",
        "1 s",
        "1d",
        "1hh",
        "1S",
        "\uff19s",
        "9223372036854775808ns",
        "3000000h",
        "9" * 5000 + "s",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_parts_add_up(hours: int, minutes: int, seconds: int, millis: int) -> None:
    expected = ((hours * 60 + minutes) * 60 + seconds) * SECOND + millis * 1_000_000
    assert parse_duration(f"{hours}h{minutes}m{seconds}s{millis}ms") == expected
    assert parse_duration(f"-{hours}h{minutes}m{seconds}s{millis}ms") == -expected


@given(st.text("0123456789.hmsnuµ+-", max_size=12))
def test_any_text_ends_in_a_number_or_a_value_error(text: str) -> None:
    try:
        value = parse_duration(text)
    except ValueError:
        return
    assert -(2**63) <= value < 2**63
