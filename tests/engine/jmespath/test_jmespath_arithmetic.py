"""Arithmetic of numbers, quantities and durations; the tables restate upstream's own cases."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine import jmespath
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath.quantity import Quantity
from policylint.views.quantities import parse_quantity


def search(expression: str) -> Any:
    return jmespath.compile(expression).search("")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("add(`12`, `13`)", 25.0),
        ("add('12Ki', '13Ki')", "25Ki"),
        ("add('12Ki', '13')", "12301"),
        ("add('0', '1Gi')", "1Gi"),
        ("add('1.5Gi', '512Mi')", "2Gi"),
        ("add('100m', '900m')", "1"),
        ("add('1e3', '1')", "1001"),
        ("add('1e3', '1e3')", "2e3"),
        ("add('12s', '13s')", "25s"),
        ("add('1h', '30m0s')", "1h30m0s"),
        ("subtract(`12`, `13`)", -1.0),
        ("subtract('12Ki', '13Ki')", "-1Ki"),
        ("subtract('12Ki', '13')", "12275"),
        ("subtract('12s', '13s')", "-1s"),
        ("subtract('1Ki', '1023')", "1"),
        ("multiply('12Ki', `2`)", "24Ki"),
        ("multiply(`2.5`, '12Ki')", "30Ki"),
        ("multiply(`2.5`, '12')", "30"),
        ("multiply('12s', `2`)", "24s"),
        ("multiply(`2.5`, '40s')", "1m40s"),
        ("multiply(`2.5`, `2.5`)", 6.25),
        ("multiply('100m', `1000000`)", "100k"),
        ("multiply('1Ki', `0.5`)", "512"),
        ("divide('12Ki', `3`)", "4Ki"),
        ("divide('1', `3`)", "0"),
        ("divide('100m', `3`)", "33m"),
        ("divide('-100m', `3`)", "-33m"),
        ("divide('1.5Gi', `3`)", "512Mi"),
        ("divide('12Ki', '2Ki')", 6.0),
        ("divide('12Ki', '200')", 61.44),
        ("divide('800m', '100m')", 8.0),
        ("divide('12s', `3`)", "4s"),
        ("divide('12s', '5s')", 2.4),
        ("divide(`14`, `3`)", 4.666666666666667),
        ("modulo('12Ki', '5Ki')", "2Ki"),
        ("modulo('13s', '2s')", "1s"),
        ("modulo(`13`, `5`)", 3.0),
        ("modulo(`-13`, `5`)", -3.0),
        ("round(`9.875`, `2`)", 9.88),
        ("round(`-2.5`, `0`)", -3.0),
        ("round(`0.49999999999999994`, `0`)", 0.0),
        ("round(`4.5`, `400`)", pytest.approx(float("nan"), nan_ok=True)),
        ("sum([`1`, `2`, `4`])", 7.0),
        ("sum(['1Gi', '512Mi'])", "1536Mi"),
        ("sum(['1m0s', '30s'])", "1m30s"),
        ("sum(['1.0Gi'])", "1.0Gi"),
    ],
)
def test_results(expression: str, expected: Any) -> None:
    assert search(expression) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("add('12', '13s')", "JMESPath function 'add': Types mismatch"),
        ("add(`12`, '13Ki')", "JMESPath function 'add': Types mismatch"),
        # 30m is thirty thousandths before it is half an hour
        ("add('1h', '30m')", "JMESPath function 'add': Types mismatch"),
        ("add('x', `1`)", "JMESPath function 'add': invalid operands"),
        ("add(`true`, `1`)", "JMESPath function 'add': invalid operands"),
        ("subtract('12s', `13`)", "JMESPath function 'subtract': Types mismatch"),
        ("multiply('12Ki', '12Ki')", "JMESPath function 'multiply': Types mismatch"),
        ("multiply('2000000h', `2`)", "JMESPath function 'multiply': the duration is out of range"),
        ("divide(`14`, '5Ki')", "JMESPath function 'divide': Types mismatch"),
        ("divide(`14`, `0`)", "JMESPath function 'divide': Zero divisor passed"),
        ("divide('4Ki', '0Ki')", "JMESPath function 'divide': Zero divisor passed"),
        ("divide('4s', '0s')", "JMESPath function 'divide': Zero divisor passed"),
        ("modulo(`1.5`, `1`)", "JMESPath function 'modulo': Non-integer argument(s) passed for modulo"),
        ("modulo('4', '0')", "JMESPath function 'modulo': Zero divisor passed"),
        ("modulo('4s', '0s')", "JMESPath function 'modulo': Zero divisor passed"),
        ("round(`1`, `1.5`)", "JMESPath function 'round': Non-integer argument(s) passed for round off"),
        ("round(`1`, `-1`)", "JMESPath function 'round': argument #2 is out of bounds (-1)"),
        ("sum(`[]`)", "JMESPath function 'sum': at least one element in the array is required"),
        ("sum([`1`, '1Gi'])", "JMESPath function 'sum': Types mismatch"),
    ],
)
def test_errors(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        search(expression)
    assert caught.value.message == message


_quantities = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "-", "+"]),
    st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True),
    st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2", "n"]),
)


def _value(quantity: Quantity) -> Fraction:
    return Fraction(quantity.unscaled) / Fraction(10) ** quantity.scale


@given(_quantities)
def test_a_quantity_keeps_its_value_through_its_canonical_form(text: str) -> None:
    quantity = Quantity.parse(text)
    assert _value(quantity) == parse_quantity(text)
    assert parse_quantity(str(quantity)) == parse_quantity(text)


@given(_quantities, _quantities)
def test_sums_and_differences_are_exact(left: str, right: str) -> None:
    a, b = Quantity.parse(left), Quantity.parse(right)
    assert _value(a.plus(b)) == _value(a) + _value(b)
    assert _value(a.plus(b, -1)) == _value(a) - _value(b)
    assert _value(a.times(b)) == _value(a) * _value(b)


@given(_quantities, _quantities.filter(lambda text: parse_quantity(text) != 0))
def test_a_quotient_is_cut_off_towards_zero(left: str, right: str) -> None:
    a, b = Quantity.parse(left), Quantity.parse(right)
    exact, cut = _value(a) / _value(b), _value(a.over(b))
    assert abs(cut) <= abs(exact)
    assert abs(exact - cut) < Fraction(10) ** -a.over(b).scale
