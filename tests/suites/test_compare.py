import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.suites.compare import comparable, difference, matches, tidy

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
VALUES: st.SearchStrategy[object] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
)


def test_tidy_takes_out_what_is_empty() -> None:
    value: object = {"a": {}, "b": [], "c": None, "d": {"e": {"f": []}}, "g": [None, {}, 0, "", False]}
    assert tidy(value) == {"g": [0, "", False]}
    assert tidy({"a": [[]]}) is None


@given(VALUES)
def test_tidying_twice_changes_nothing(value: object) -> None:
    assert tidy(tidy(value)) == tidy(value)


@given(st.dictionaries(st.text(max_size=2), VALUES, max_size=3))
def test_an_object_matches_itself_and_has_no_difference(value: dict[str, object]) -> None:
    assert matches(value, value)
    assert difference(value, value, "x") == ""


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 0}, {"a": False}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": 1}, {"a": 1, "b": {"c": None}}, True),
        ({"a": 1}, {"a": 1, "b": 0}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": [1, {}]}, {"a": [1]}, True),
    ],
)
def test_matches(expected: dict[str, object], actual: dict[str, object], same: bool) -> None:
    assert matches(expected, actual) is same
    assert matches(actual, expected) is same


def test_the_labels_of_generated_objects_are_alike() -> None:
    generated = {"metadata": {"labels": {"generate.kyverno.io/policy-name": "p", "a": "b"}}}
    plain = {"metadata": {"labels": {"a": "b", "app.kubernetes.io/managed-by": "kyverno"}}}
    assert comparable(generated) == comparable(plain)
    # the author's own value of the label counts
    assert not matches({"metadata": {"labels": {"app.kubernetes.io/managed-by": "helm"}}}, {"metadata": {}})


def test_the_difference_is_a_unified_diff_of_yaml() -> None:
    expected = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"replicas": 1}}
    actual = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"replicas": 2.0}}
    assert difference(expected, actual, "patched.yaml:1") == (
        "--- expected (patched.yaml:1)\n+++ actual\n@@ -4,4 +4,4 @@\n     app.kubernetes.io/managed-by: kyverno\n"
        "   name: a\n spec:\n-  replicas: 1\n+  replicas: 2\n"
    )
