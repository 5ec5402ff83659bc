"""JSON patches, with the options that Kyverno gives evanphx/json-patch."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.errors import EvaluationError
from policylint.engine.mutate.json_patch import apply_patch, read_patch
from policylint.engine.mutate.nodes import sorted_copy


def patched(document: Any, *operations: dict[str, Any]) -> Any:
    return apply_patch(read_patch(json.dumps(list(operations))), sorted_copy(document))


def op(kind: str, path: str, **rest: Any) -> dict[str, Any]:
    return {"op": kind, "path": path, **rest}


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        ({}, "/a", {"a": 1}),
        ({"a": 0}, "/a", {"a": 1}),
        ({}, "/a/b/c", {"a": {"b": {"c": 1}}}),
        ({"a": None}, "/a/b", {"a": {"b": 1}}),
        ({}, "/a/-", {"a": [1]}),
        ({}, "/a/0", {"a": [1]}),
        ({}, "/a/2", {"a": [None, None, 1]}),
        ({}, "/a/-1", {"a": [1]}),
        ({}, "/a/0/b", {"a": [{"b": 1}]}),
        ({"a": []}, "/a/1/b", {"a": [None, {"b": 1}]}),
        ({"a": [2, 3]}, "/a/0", {"a": [1, 2, 3]}),
        ({"a": [2, 3]}, "/a/1", {"a": [2, 1, 3]}),
        ({"a": [2, 3]}, "/a/2", {"a": [2, 3, 1]}),
        ({"a": [2, 3]}, "/a/-", {"a": [2, 3, 1]}),
        ({"a": [2, 3]}, "/a/-1", {"a": [2, 3, 1]}),
        ({"a": [2, 3]}, "/a/-3", {"a": [1, 2, 3]}),
        ({"m": {"k": 0}}, "/m/x~1y~0z", {"m": {"k": 0, "x/y~z": 1}}),
        ({"m": {}}, "/m/", {"m": {"": 1}}),
        ({}, "a/b", {"b": 1}),
    ],
)
def test_add_makes_the_way_and_inserts(document: Any, path: str, expected: Any) -> None:
    assert patched(document, op("add", path, value=1)) == expected


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ({"a": [1]}, "/a/5", "outside of its list"),
        ({"a": [1]}, "/a/x", "'x' is no index"),
        ({"a": "text"}, "/a/b/c", "leads through a scalar"),
        ({"a": "text"}, "/a/b", "leads through a scalar"),
        ({}, "/a/-2", "the index -2"),
        ({}, "/a/99999999", "a list of 99,999,999 items"),
        ({"a": [{}]}, "/a/-/b", "nothing that could hold /a/-/b"),
    ],
)
def test_what_cannot_be_added(document: Any, path: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        patched(document, op("add", path, value=1))


def test_the_whole_document() -> None:
    assert patched({"a": 1}, op("add", "", value={"b": 2})) == {"b": 2}
    assert patched({"a": 1}, op("replace", "", value=[1])) == [1]
    assert patched({"a": 1}, op("test", "", value={"a": 1})) == {"a": 1}
    with pytest.raises(EvaluationError, match="can only become a mapping or a list"):
        patched({"a": 1}, op("add", "", value="x"))


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        ({"a": 1, "b": 2}, "/a", {"b": 2}),
        ({"a": [1, 2, 3]}, "/a/1", {"a": [1, 3]}),
        ({"a": [1, 2, 3]}, "/a/-1", {"a": [1, 2]}),
        ({"a": 1}, "/x", {"a": 1}),
        ({"a": 1}, "/x/y/z", {"a": 1}),
        ({"a": 1}, "/a/b", {"a": 1}),
        ({"a": [1]}, "/a/7", {"a": [1]}),
        ({"a": [1]}, "/a/-7", {"a": [1]}),
        ({"a": 1}, "", {"a": 1}),
    ],
)
def test_what_is_removed_need_not_be_there(document: Any, path: str, expected: Any) -> None:
    assert patched(document, op("remove", path)) == expected


def test_replace_needs_something_to_replace() -> None:
    assert patched({"a": [1, {"b": None}]}, op("replace", "/a/1/b", value={"c": 1})) == {"a": [1, {"b": {"c": 1}}]}
    assert patched({"a": [1, 2]}, op("replace", "/a/-1", value=3)) == {"a": [1, 3]}
    for path in ("/b", "/b/c", "/a/0/x", "/a/9", "/a/-"):
        with pytest.raises(EvaluationError):
            patched({"a": [1]}, op("replace", path, value=1))


def test_copy_and_move() -> None:
    assert patched({"a": {"x": 1}, "b": []}, {"op": "copy", "from": "/a", "path": "/b/-"}) == {
        "a": {"x": 1},
        "b": [{"x": 1}],
    }
    assert patched({"a": {"x": 1}}, {"op": "move", "from": "/a/x", "path": "/y"}) == {"a": {}, "y": 1}
    assert patched({"a": [1, 2, 3]}, {"op": "move", "from": "/a/0", "path": "/a/-"}) == {"a": [2, 3, 1]}
    with pytest.raises(EvaluationError, match="there is no /x to copy"):
        patched({"a": 1}, {"op": "copy", "from": "/x", "path": "/b"})
    with pytest.raises(EvaluationError, match="nothing that could hold /b/c"):
        patched({"a": 1}, {"op": "move", "from": "/a", "path": "/b/c"})
    with pytest.raises(EvaluationError, match="the whole object cannot be moved"):
        patched({"a": 1}, {"op": "move", "from": "", "path": "/b"})


def test_a_copy_is_its_own() -> None:
    copied = patched({"a": {"x": 1}}, {"op": "copy", "from": "/a", "path": "/b"}, op("replace", "/b/x", value=2))
    assert copied == {"a": {"x": 1}, "b": {"x": 2}}


@pytest.mark.parametrize(
    ("path", "value", "holds"),
    [
        ("/n", 80, True),
        ("/n", "80", False),
        ("/m", {"b": [1], "a": True}, True),
        ("/m", {"a": True}, False),
        ("/none", None, True),
        ("/absent", None, True),
        ("/absent", 1, False),
        ("/n", None, False),
        ("/absent/x", None, False),
    ],
)
def test_tests_compare_by_value(path: str, value: Any, holds: bool) -> None:
    document = {"n": 80.0, "m": {"a": True, "b": [1.0]}, "none": None}
    if holds:
        assert patched(document, op("test", path, value=value)) == document
    else:
        with pytest.raises(EvaluationError):
            patched(document, op("test", path, value=value))


def test_patches_are_written_in_yaml_or_json() -> None:
    text = '- op: add\n  path: "/metadata/labels/a"\n  value: yes\n- op: remove\n  path: /b\n'
    assert read_patch(text) == [
        {"op": "add", "path": "/metadata/labels/a", "value": True},
        {"op": "remove", "path": "/b"},
    ]
    assert read_patch('[{"op": "remove", "path": "/b"}]') == [{"op": "remove", "path": "/b"}]
    assert read_patch("# nothing\n") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{op: remove, path: /b}]", "cannot be read"),
        ("- op: [", "cannot be read"),
        ("op: remove", "is a list of operations"),
        ("- remove", "is a mapping"),
        ("- path: /a", "has no operation"),
        ("- {op: delete, path: /a}", "has no operation 'delete'"),
        ("- {op: add, path: /a}", "the operation add needs value"),
        ("- {op: move, path: /a}", "the operation move needs from"),
        ("- {op: remove, path: 1}", "the path of the operation remove is no text"),
        ("- {op: add, value: 1}", "the path of the operation add is no text"),
    ],
)
def test_what_is_no_patch(text: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        read_patch(text)


KEYS = st.sampled_from(["a", "b", "a/b", "~", "0", "-", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
PATHS = st.lists(st.sampled_from(["a", "b", "0", "1", "-1", "-", "~1", "x"]), max_size=3).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": PATHS,
        "from": PATHS,
        "value": VALUES,
    }
)


@given(document=st.dictionaries(KEYS, VALUES, max_size=3), operations=st.lists(OPERATIONS, max_size=4))
def test_whatever_is_asked_ends_in_a_document_or_a_clear_error(document: Any, operations: Any) -> None:
    before = sorted_copy(document)
    with suppress(EvaluationError):
        assert isinstance(patched(document, *operations), dict | list)
    assert document == before


@given(document=st.dictionaries(st.sampled_from("ab"), VALUES, max_size=2), value=VALUES)
def test_what_was_added_is_there_and_can_be_removed(document: Any, value: Any) -> None:
    added = patched(document, op("add", "/new/inner", value=value))
    assert added == {**document, "new": {"inner": value}}
    assert patched(added, op("test", "/new/inner", value=value), op("remove", "/new")) == document
