"""Conditions: every operator, in which order values are read, any and all, and what the steps tell."""

from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.conditions import compare, evaluate_conditions
from policylint.engine.context import Context
from policylint.engine.errors import EvaluationError, MissingVariable
from policylint.model import YamlPath

DURATIONS = "durations"
QUANTITIES = "quantities"
NUMBERS = "numbers"


@pytest.mark.parametrize(
    ("key", "value", "equal", "how"),
    [
        ("nginx:1.25", "nginx:*", True, "text with wildcards"),
        ("nginx:*", "nginx:1.25", False, "text with wildcards"),
        ("abc", "a?c", True, "text with wildcards"),
        ("", "", True, "text with wildcards"),
        ("1h", "60m", True, DURATIONS),
        ("1h", 3600.0, True, DURATIONS),
        ("0", "0", True, QUANTITIES),
        ("1024Mi", "1Gi", True, QUANTITIES),
        ("1.0", "1", True, QUANTITIES),
        (1.0, "1.00", True, NUMBERS),
        (1, "1", True, NUMBERS),
        (1, 1.0, True, NUMBERS),
        (1.5, 1, False, NUMBERS),
        (True, True, True, "booleans"),
        (False, True, False, "booleans"),
        ({"a": [1.0]}, {"a": [1.0]}, True, "whole objects"),
        (["a", "b"], ["b", "a"], False, "whole lists"),
    ],
)
def test_equality(key: Any, value: Any, *, equal: bool, how: str) -> None:
    assert compare(key, "Equals", value) == (equal, how)
    assert compare(key, "Equal", value).holds is equal
    assert compare(key, "NotEquals", value) == (not equal, how)
    assert compare(key, "notequal", value).holds is not equal


@pytest.mark.parametrize(
    ("key", "value"),
    [(1.0, "x"), (1.0, [1.0]), ("a", 1.0), ("a", None), (True, "true"), ({}, []), ([], {}), (1, True), ("1", True)],
)
def test_what_is_not_comparable_differs(key: Any, value: Any) -> None:
    assert compare(key, "Equals", value).holds is False
    assert compare(key, "NotEquals", value).holds is True


@pytest.mark.parametrize(("key", "value"), [(None, None), (None, "a"), ("5", "x"), (1, 1.5)])
def test_what_satisfies_neither_equality(key: Any, value: Any) -> None:
    assert compare(key, "Equals", value).holds is False
    assert compare(key, "NotEquals", value).holds is False


@pytest.mark.parametrize(
    ("key", "value", "order", "how"),
    [
        (2.0, 1.0, 1, NUMBERS),
        (1, 1.5, -1, NUMBERS),
        (1.5, "1.5", 0, NUMBERS),
        ("1.5", 1.0, 1, NUMBERS),
        ("10", "9", 1, QUANTITIES),
        ("500m", "1", -1, QUANTITIES),
        ("1Gi", "1000Mi", 1, QUANTITIES),
        ("1h", "30m", 1, DURATIONS),
        ("1h", 7200.0, -1, DURATIONS),
        (60.9, "1m", 0, DURATIONS),
        ("1.10.0", "1.9.0", 1, "semantic versions"),
        ("1.2.3", "1.2.3+build", 0, "semantic versions"),
        ("1.2.3-alpha.10", "1.2.3-alpha.9", 1, "semantic versions"),
        ("1.2.3-alpha", "1.2.3-1", 1, "semantic versions"),
        ("1.2.3-rc.1", "1.2.3", -1, "semantic versions"),
        ("1.2.3-a", "1.2.3-a.b", -1, "semantic versions"),
    ],
)
def test_orders(key: Any, value: Any, order: int, how: str) -> None:
    assert compare(key, "GreaterThan", value) == (order > 0, how)
    assert compare(key, "GreaterThanOrEquals", value) == (order >= 0, how)
    assert compare(key, "LessThan", value) == (order < 0, how)
    assert compare(key, "LessThanOrEquals", value) == (order <= 0, how)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("x", 1.0),
        (None, 1.0),
        (True, 0.0),
        ([1.0], 0.0),
        (1.0, "x"),
        ("1.2.3", 1.0),
        ("1.2.3", "1.2"),
        ("1.02.3", "1.0.0"),
    ],
)
@pytest.mark.parametrize("operator", ["GreaterThan", "GreaterThanOrEquals", "LessThan", "LessThanOrEquals"])
def test_what_has_no_order(key: Any, value: Any, operator: str) -> None:
    assert compare(key, operator, value).holds is False


def test_an_ordering_in_another_case_never_holds() -> None:
    assert compare(2.0, "greaterthan", 1.0) == (False, "greaterthan only holds when written GreaterThan")


@pytest.mark.parametrize(("key", "value", "order"), [("1h", "30m", 1), ("1m", 60.0, 0), (60.0, 120, -1), (2, "1s", 1)])
def test_duration_orders(key: Any, value: Any, order: int) -> None:
    assert compare(key, "DurationGreaterThan", value).holds is (order > 0)
    assert compare(key, "DurationGreaterThanOrEquals", value).holds is (order >= 0)
    assert compare(key, "DurationLessThan", value).holds is (order < 0)
    assert compare(key, "DurationLessThanOrEquals", value).holds is (order <= 0)


def test_durations_only() -> None:
    assert compare("1Gi", "DurationLessThan", "1h") == (False, "the key is not a duration")
    assert compare("1h", "DurationLessThan", []) == (False, "the value is not a duration")


# key, value, and whether AnyIn, AllIn, AnyNotIn and AllNotIn hold
@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("kyverno", "kyverno", "TTFF"),
        ("kube-system", ["default", "kube-*"], "TTFF"),
        ("kube-*", ["default", "kube-system"], "TTFF"),
        ("kyverno", "default", "FFTT"),
        ("", ["default"], "FFTT"),
        (64.0, "64", "TTFF"),
        (65.0, "64", "FFFF"),  # the text is JSON, but no list
        (1.0, [1.0, 2.0], "TTFF"),
        (1_000_000.0, ["1e+06"], "TTFF"),
        (2.2, [1.1, 3.3], "FFTT"),
        (True, "true", "TTFF"),
        (True, [True], "TTFF"),
        ("5", "1-10", "TTFF"),
        ("0", "1-10", "FFTT"),
        ("x", "1-10", "FFTT"),
        ("500m", "100m-1", "TTFF"),
        ("apple", '["apple", "banana"]', "TTFF"),
        ("cherry", '["apple", "banana"]', "FFTT"),
        ("cherry", '["apple", 1]', "FFFF"),
        ("cherry", '{"apple": 1}', "FFFF"),
        ("a", 1.0, "FFFF"),
        (None, ["<nil>"], "FFFF"),
        ({"a": 1.0}, "a", "FFFF"),
        (["kube-system", "kube-public"], "kube-*", "TTFF"),
        (["kube-system", "default"], "kube-system", "TFTF"),
        (["default", "kyverno"], "kube-*", "FFTT"),
        (["default", "kyverno"], ["kube-*", "ky*"], "TFTF"),
        (["default", "kyverno"], ["kube-*", "kube-system"], "FFTT"),
        ([], ["default"], "FTFT"),
        (["a"], "a", "TTFF"),
        (["1", "5"], "1-10", "TTFF"),
        (["0", "5"], "1-10", "TFTF"),
        (["0", "20"], "1-10", "FFTT"),
        (["apple", "cherry"], '["apple", "banana"]', "TFTF"),
        ([1.0, 2.0], 2.0, "TFTF"),
        ([True, False], True, "TFTF"),
        ([None], ["<nil>"], "TTFF"),
        (["a"], None, "FFFF"),
    ],
)
def test_membership(key: Any, value: Any, expected: str) -> None:
    lone = isinstance(key, list) and isinstance(value, bool | float)
    operators = ["AnyIn", "AllIn", "AnyNotIn", "AllNotIn"]
    held = "".join("T" if compare(key, operator, value).holds else "F" for operator in operators)
    # only the two operators for any take a lone number or boolean as value
    assert held == (expected[0] + "F" + expected[2] + "F" if lone else expected)


@pytest.mark.parametrize(
    ("key", "value", "is_in", "not_in"),
    [
        ("a", ["a", "b"], True, False),
        ("ab", ["a*"], True, False),
        ("c", ["a", "b"], False, True),
        ("a", '["a"]', True, False),
        ("c", '["a"]', False, True),
        ("c", "a", False, False),
        ("ab", "a*", True, False),
        (["a"], ["a", "b"], True, False),
        (["ab"], ["a*"], False, True),
        (["a", "c"], ["a", "b"], False, True),
        (["a"], '["a"]', True, False),
        (["a"], "a", True, True),
        (["a"], ["a", 1.0], False, False),
        (True, [True], False, False),
    ],
)
def test_deprecated_membership(key: Any, value: Any, *, is_in: bool, not_in: bool) -> None:
    assert compare(key, "In", value).holds is is_in
    assert compare(key, "NotIn", value).holds is not_in


def test_numbers_beyond_json_are_an_error() -> None:
    with pytest.raises(EvaluationError, match="too many digits"):
        evaluate_conditions([condition("a", "Equals", 10**400)], Context())


def test_an_unknown_operator_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="there is no operator 'Equalz'; the operators are Equal, "):
        compare("a", "Equalz", "a")


def test_giant_lists_are_fast_and_giant_wildcards_an_error() -> None:
    many = [str(number) for number in range(50_000)]
    assert compare(many, "AllIn", many).holds is True
    assert compare(many, "AnyNotIn", [*many, "x*"]).holds is False
    with pytest.raises(EvaluationError, match="50,000 items and 50,000 wildcards are too many"):
        compare(many, "AllIn", [f"{text}*" for text in many])


CONTEXT = {"name": "web", "count": 3.0, "tags": ["a", "b"]}


def condition(key: Any, operator: str, value: Any, message: str = "") -> dict[str, Any]:
    return {"key": key, "operator": operator, "value": value} | ({"message": message} if message else {})


TRUE = condition("{{ name }}", "Equals", "web", "named web")
FALSE = condition("{{ name }}", "Equals", "db", "not named db")
MISSING = condition("{{ missing }}", "Equals", "x")


@pytest.mark.parametrize(
    ("conditions", "passed", "message"),
    [
        (None, True, ""),
        ({}, True, ""),
        ([], True, ""),
        ({"any": None, "all": None}, True, ""),
        ({"any": []}, False, ""),
        ({"all": []}, True, ""),
        ({"all": [TRUE, TRUE]}, True, "named web; named web"),
        ({"all": [TRUE, FALSE, MISSING]}, False, "not named db"),
        ({"any": [FALSE, TRUE, MISSING]}, True, "named web"),
        ({"any": [FALSE, FALSE]}, False, "not named db; not named db"),
        ({"any": [TRUE, MISSING], "all": [FALSE]}, False, "not named db"),
        ({"any": [TRUE], "all": [TRUE]}, True, "named web; named web"),
        ([TRUE, TRUE], True, "named web;named web"),
        ([TRUE, FALSE, MISSING], False, "not named db"),
        ([{"all": [TRUE]}, {"any": [FALSE, TRUE]}], True, "named web;named web"),
        ([{"all": [TRUE]}, {"any": [FALSE]}, MISSING], False, "not named db"),
    ],
)
def test_blocks(conditions: Any, *, passed: bool, message: str) -> None:
    result = evaluate_conditions(conditions, Context(CONTEXT))
    assert (result.passed, result.message) == (passed, message)


def test_steps_say_what_was_compared_and_where() -> None:
    conditions = {"any": [FALSE, condition("{{ count }}", "GreaterThan", 2)]}
    result = evaluate_conditions(conditions, Context(CONTEXT), path=YamlPath.of("spec", "rules", 0, "preconditions"))
    assert [(step.what, step.outcome, str(step.policy_path)) for step in result.steps] == [
        (
            '"web" Equals "db"',
            "does not hold (compared: text with wildcards)",
            "spec.rules[0].preconditions.any[0]",
        ),
        ("3 GreaterThan 2", "holds (compared: numbers)", "spec.rules[0].preconditions.any[1]"),
    ]


def test_steps_stay_short() -> None:
    result = evaluate_conditions([condition(["x" * 50] * 1000, "AnyIn", {"k": list(range(1000))})], Context())
    assert len(result.steps[0].what) < 300
    assert result.steps[0].outcome == "does not hold (compared: array and object are not comparable)"


def test_numbers_of_the_policy_are_floats() -> None:
    assert evaluate_conditions([condition(1000000, "AnyIn", ["1e+06"])], Context()).passed
    assert evaluate_conditions([condition("{{ count }}", "Equals", 3)], Context(CONTEXT)).passed
    assert evaluate_conditions([condition({"a": [1]}, "Equals", "{{ x }}")], Context({"x": {"a": [1.0]}})).passed


@pytest.mark.parametrize(
    ("conditions", "reason", "path"),
    [
        ({"any": [MISSING]}, "missing", "any[0].key"),
        ({"all": [TRUE, condition("a", "Equals", ["{{ nope }}"])]}, "nope", "all[1].value[0]"),
        ({"all": [condition("a", "Like", "a")]}, "no operator 'Like'", "all[0].operator"),
        ({"all": [{"key": "a"}]}, "the condition has no operator", "all[0]"),
        ({"all": "x"}, "all is a list of conditions", "all"),
        ({"any": [1]}, "a condition is a mapping", "any[0]"),
        ({"some": []}, "some does not stand beside any and all", "some"),
        ("x", "conditions are a mapping", ""),
        ([["x"]], "a condition is a mapping", "[0]"),
    ],
)
def test_errors_have_a_place(conditions: Any, reason: str, path: str) -> None:
    with pytest.raises(EvaluationError, match=reason) as error:
        evaluate_conditions(conditions, Context(CONTEXT))
    assert str(error.value.path) == path
    assert isinstance(error.value, MissingVariable) is (reason in ("missing", "nope"))


# restatements of the documented rules

words = st.text(st.sampled_from("abc*?"), max_size=4)
plain_words = st.text(st.sampled_from("abc"), max_size=4)


def fits(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


@given(st.lists(words, max_size=4), st.lists(words, max_size=4))
def test_membership_of_lists_restated(keys: list[str], values: list[str]) -> None:
    found = [any(fits(key, value) for value in values) for key in keys]
    assert compare(keys, "AnyIn", values).holds is any(found)
    assert compare(keys, "AllIn", values).holds is all(found)
    assert compare(keys, "AnyNotIn", values).holds is not all(found)
    assert compare(keys, "AllNotIn", values).holds is not any(found)


@given(words, st.lists(words, max_size=4))
def test_membership_of_one_restated(key: str, values: list[str]) -> None:
    found = any(fits(key, value) for value in values)
    assert compare(key, "AnyIn", values).holds is found
    assert compare(key, "AllNotIn", values).holds is not found


@given(plain_words, words)
def test_equality_of_texts_restated(key: str, pattern: str) -> None:
    assert compare(key, "Equals", pattern).holds is fnmatchcase(key, pattern)
    assert compare(key, "NotEquals", pattern).holds is not fnmatchcase(key, pattern)


UNITS = {"": Decimal(1), "m": Decimal("0.001"), "k": Decimal(1000), "Ki": Decimal(1024), "Gi": Decimal(1024**3)}
amounts = st.tuples(st.integers(0, 5000), st.sampled_from(sorted(UNITS)))


@given(amounts, amounts)
def test_orders_of_quantities_restated(left: tuple[int, str], right: tuple[int, str]) -> None:
    key, value = (f"{number}{unit}" for number, unit in (left, right))
    if any(unit == "m" and number for number, unit in (left, right)):
        return  # minutes come before thousandths
    a, b = (Decimal(number) * UNITS[unit] for number, unit in (left, right))
    assert compare(key, "GreaterThan", value).holds is (a > b)
    assert compare(key, "LessThanOrEquals", value).holds is (a <= b)
    assert compare(key, "Equals", value).holds is (a == b)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_orders_of_numbers_restated(key: float, value: float) -> None:
    for other in (value, repr(value)):
        assert compare(key, "GreaterThan", other).holds is (key > value)
        assert compare(key, "LessThanOrEquals", other).holds is (key <= value)
        assert compare(key, "Equals", other).holds is (key == value)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_ranges_restated(key: int, low: int, high: int) -> None:
    inside = low <= key <= high
    assert compare(str(key), "AnyIn", f"{low}-{high}").holds is inside
    assert compare([str(key)], "AllNotIn", f"{low}-{high}").holds is not inside
    assert compare([str(key)], "AnyNotIn", f"{low}-{high}").holds is (key < low or key > high)
