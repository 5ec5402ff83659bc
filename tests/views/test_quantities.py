import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.views.quantities import IntOrPercent, parse_quantity

DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Fraction(0)),
        ("500m", Fraction(1, 2)),
        ("1.5Gi", Fraction(1536 * 2**20)),
        ("1.", Fraction(1)),
        (".5", Fraction(1, 2)),
        ("+1k", Fraction(1000)),
        ("-1Ki", Fraction(-1024)),
        ("1E", Fraction(10**18)),
        ("1E3", Fraction(1000)),
        ("1e-3", Fraction(1, 1000)),
        ("12e+2", Fraction(1200)),
        ("100u", Fraction(1, 10_000)),
        ("0.9n", Fraction(1, 10**9)),
        ("-0.9n", Fraction(-1, 10**9)),
        ("1e-400", Fraction(1, 10**9)),
        ("8Ei", Fraction(2**63 - 1)),
        ("-9Ei", Fraction(1 - 2**63)),
        ("18446744073709551616", Fraction(2**64)),
        ("00128Mi", Fraction(128 * 2**20)),
        ("m", Fraction(0)),
        (2, Fraction(2)),
        (0.1, Fraction(1, 10)),
        (1e-07, Fraction(1, 10**7)),
        (1e22, Fraction(10**22)),
    ],
)
def test_quantities_have_exact_values(text: str | float, value: Fraction) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " 1", "1 ", "1\n", "1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i", "-3.01i", "-3.01e-", "1e",
        "1KB", "1kb", "1Mi5", "1e5m", "1e1.5", "--1", "1,000", "\uff11", "1e9999999999", "9" * 1001, "NaN", "nan",
        "inf", float("nan"), float("inf"), True,
    ],
)  # fmt: skip
def test_other_texts_are_not_quantities(text: str | float) -> None:
    with pytest.raises(ValueError, match="quantity"):
        parse_quantity(text)


@given(
    st.sampled_from(["", "+", "-"]),
    st.integers(0, 10**12),
    st.sampled_from([*DECIMAL, *BINARY]),
)
def test_a_whole_number_is_scaled_by_its_suffix(sign: str, number: int, suffix: str) -> None:
    scale = Fraction(10) ** DECIMAL[suffix] if suffix in DECIMAL else Fraction(1024) ** BINARY[suffix]
    value = number * scale
    if suffix in BINARY:
        value = min(value, Fraction(2**63 - 1))
    assert parse_quantity(f"{sign}{number}{suffix}") == (-value if sign == "-" else value)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=9))
def test_nine_decimals_are_kept(number: object) -> None:
    assert parse_quantity(f"{number:f}") == Fraction(str(number))


@given(st.text(alphabet="0123456789.+-eEinumkKMGTP", max_size=12))
def test_every_text_is_a_whole_number_of_nanos_or_a_value_error(text: str) -> None:
    nanos = Fraction(0)
    with contextlib.suppress(ValueError):
        nanos = parse_quantity(text) * 10**9
    assert nanos.denominator == 1


@pytest.mark.parametrize(
    ("raw", "parsed"), [(0, (0, False)), (3, (3, False)), ("0%", (0, True)), ("250%", (250, True))]
)
def test_int_or_percent_takes_counts_and_percentages(raw: object, parsed: tuple[int, bool]) -> None:
    assert IntOrPercent.parse(raw) == parsed


@pytest.mark.parametrize(
    "raw",
    ["1", "-5%", "2.5%", "%", "", "25 %", "25%\n", "\uff15%", -1, 1.0, True, None, [], {}, 2**31, "9" * 5000 + "%"],
)
def test_int_or_percent_refuses_what_the_api_server_refuses(raw: object) -> None:
    with pytest.raises(ValueError, match="neither a whole number"):
        IntOrPercent.parse(raw)


def test_more_than_100_percent_is_refused_where_asked() -> None:
    assert IntOrPercent.parse("100%", at_most_100_percent=True) == (100, True)
    with pytest.raises(ValueError, match="101% is more than 100%"):
        IntOrPercent.parse("101%", at_most_100_percent=True)


@pytest.mark.parametrize(("total", "up", "down"), [(0, 0, 0), (1, 1, 0), (3, 1, 0), (4, 1, 1), (5, 2, 1), (8, 2, 2)])
def test_a_quarter_rounds_as_asked(total: int, up: int, down: int) -> None:
    quarter = IntOrPercent(25, percent=True)
    assert (quarter.resolve(total, round_up=True), quarter.resolve(total, round_up=False)) == (up, down)
    assert str(quarter) == "25%"


@given(st.integers(0, 1000), st.integers(0, 10**6))
def test_rounding_stays_within_one_of_the_exact_share(percent: int, total: int) -> None:
    share = Fraction(percent * total, 100)
    up = IntOrPercent(percent, percent=True).resolve(total, round_up=True)
    down = IntOrPercent(percent, percent=True).resolve(total, round_up=False)
    assert down <= share <= up
    assert up - down == (share.denominator != 1)


@given(st.integers(0, 2**31 - 1), st.integers(0, 100), st.booleans())
def test_a_count_does_not_depend_on_the_total(count: int, total: int, round_up: bool) -> None:
    assert IntOrPercent(count).resolve(total, round_up=round_up) == count
    assert str(IntOrPercent(count)) == str(count)
