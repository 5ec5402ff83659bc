from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policylint.model import YamlPath
from policylint.views.expression_values import Known, Unknown
from policylint.views.matrix import expand
from policylint.views.shape import Shape

M = YamlPath.of("m")


def combinations(matrix: Any) -> list[dict[str, Any]]:
    return [{name: cell.value for name, cell in one.cells.items()} for one in expand(matrix, M, Shape())]


def test_the_cross_product_in_order() -> None:
    assert combinations({"a": [1, 2], "b": ["x", "y"]}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_include_as_githubs_reference_explains_it() -> None:
    matrix = {
        "fruit": ["apple", "pear"],
        "animal": ["cat", "dog"],
        "include": [
            {"color": "green"},
            {"color": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"},
        ],
    }
    assert combinations(matrix) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_include_alone() -> None:
    assert combinations({"include": [{"a": 1}, {"a": 1}]}) == [{"a": 1}, {"a": 1}]


def test_exclude_needs_only_a_part_and_comes_before_include() -> None:
    matrix = {
        "os": ["linux", "mac"],
        "version": [12, 14],
        "environment": ["staging", "production"],
        "exclude": [{"os": "mac", "version": 12, "environment": "production"}, {"os": "LINUX", "version": "14"}],
        "include": [{"os": "linux", "version": 14}],
    }
    assert combinations(matrix) == [
        {"os": "linux", "version": 12, "environment": "staging"},
        {"os": "linux", "version": 12, "environment": "production"},
        {"os": "mac", "version": 12, "environment": "staging"},
        {"os": "mac", "version": 14, "environment": "staging"},
        {"os": "mac", "version": 14, "environment": "production"},
        {"os": "linux", "version": 14},
    ]


def test_exclude_of_mappings_and_lists() -> None:
    matrix = {"a": [{"x": 1, "y": 2}, {"x": 2}, [1]], "exclude": [{"a": {"x": 1}}, {"a": [1]}, {"b": 1}, {}]}
    assert combinations(matrix) == [{"a": {"x": 2}}]


def test_values_carry_their_places() -> None:
    one, two = expand({"a": [{"image": "x"}], "include": [{"a": {"image": "y"}}]}, M, Shape())
    assert one.lookup(("a", "image")) == Known("x", (M / "a" / 0 / "image",))
    assert two.lookup(("A", "IMAGE")) == Known("y", (M / "include" / 0 / "a" / "image",))


def test_what_is_absent_is_null() -> None:
    (none,) = expand(None, M, Shape())
    assert none.lookup(("a",)) == Known(None)
    (one,) = expand({"a": [[1]]}, M, Shape())
    assert one.lookup(("a", 5)).value is None  # type: ignore[union-attr]
    assert one.lookup(("a", 0)) == Known(1, (M / "a" / 0 / 0,))


def test_what_a_run_decides_is_unknown() -> None:
    (whole,) = expand("${{ fromJSON(inputs.m) }}", M, Shape())
    assert whole.lookup(("a",)) == Unknown("${{ fromJSON(inputs.m) }}")
    (axis,) = expand({"a": "${{ inputs.list }}"}, M, Shape())
    assert axis.lookup(("a", "b")) == Unknown("${{ inputs.list }}")
    (item,) = expand({"a": ["${{ inputs.item }}"]}, M, Shape())
    assert item.lookup(("a",)) == Unknown("${{ inputs.item }}")
    static, added = expand({"a": [1], "include": "${{ inputs.rows }}"}, M, Shape())
    assert static.lookup(("a",)) == Known(1, (M / "a" / 0,))
    assert added.lookup(("a",)) == Unknown("${{ inputs.rows }}")
    assert expand({"a": [1]}, M, Shape())[0].lookup(()) == Unknown("matrix")


def test_an_enormous_matrix_is_unknown() -> None:
    axis = list(range(100))
    (one,) = expand({"a": axis, "b": axis, "c": axis}, M, Shape())
    assert one.lookup(("a",)) == Unknown("a matrix of more than 4096 combinations")


def test_wrong_types_are_noted() -> None:
    shape = Shape()
    expand({"a": 5, "b": [1], "include": [3], "exclude": {}}, M, shape)
    assert [problem.message for problem in shape.problems] == [
        "m.a takes a list, but is a number",
        "m.exclude takes a list, but is a mapping",
        "m.include[0] takes a mapping, but is a number",
    ]


SCALAR = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "Y", "${{ a }}"])
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner))
ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), VALUE, max_size=2), max_size=3)


@given(st.dictionaries(st.sampled_from("ab"), st.lists(VALUE, min_size=1, max_size=3)), ROWS, ROWS)
def test_exclude_only_removes_and_include_never_does(axes: dict[str, Any], exclude: Any, include: Any) -> None:
    full = combinations(axes)
    left = combinations({**axes, "exclude": exclude})
    assert all(one in full for one in left)
    extended = combinations({**axes, "exclude": exclude, "include": include})
    assert len(left) <= len(extended) <= len(left) + len(include)
    assert all(one.items() <= more.items() for one, more in zip(left, extended, strict=False) if not _nested(one))


def _nested(cells: dict[str, Any]) -> bool:
    return any(isinstance(value, list | dict) for value in cells.values())


@given(st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=7), inner)))
def test_any_value_expands(value: Any) -> None:
    for one in expand(value, M, Shape()):
        one.lookup(("a", 0, "b"))
    assert expand(value, M, Shape()) == expand(value, M, Shape())
