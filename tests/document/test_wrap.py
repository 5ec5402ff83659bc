"""Operations that put values one level deeper, and keys in a chosen place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.edits import apply_edits, compile_fix
from policylint.document.layout import Splice
from policylint.document.pieces import Pieces
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.model import Fix, Operation, RemoveKey, RenameKey, SetValue, Wrap, YamlPath


def edited(text: str, *operations: Operation) -> str | None:
    [composed] = compose(text)
    assert isinstance(composed, ComposedDocument)
    document = Document(Source("a.yaml", text), composed.node, composed.base, 0, KUBERNETES, "other")
    fix = compile_fix(document, Fix("", operations))
    return None if fix is None else apply_edits(text, fix.edits)


A = YamlPath.of("a")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: x # why\nb: [1]\n", "a:\n- x # why\nb: [1]\n"),
        ("b:\n  - 1\na: 'x: y'\n", "b:\n  - 1\na:\n  - 'x: y'\n"),
        ("a :   x\n", "a :\n- x\n"),
        ('{"a": "x"}\n', '{"a": ["x"]}\n'),
        ("{a: x, b: y}\n", "{a: [x], b: y}\n"),
        ("a: x", "a:\n- x"),
        ("a: x\r\nb: y\r\n", "a:\r\n- x\r\nb: y\r\n"),
    ],
)
def test_a_value_becomes_the_only_item_of_a_list(text: str, wanted: str) -> None:
    assert edited(text, Wrap(A)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: x # why\n", "a:\n  k: x # why\n"),
        ("b:\n    c: 1\na: x\n", "b:\n    c: 1\na:\n    k: x\n"),
        ("{a: x}\n", "{a: {k: x}}\n"),
        ('{"a": "x"}\n', '{"a": {"k": "x"}}\n'),
    ],
)
def test_a_value_goes_below_a_key(text: str, wanted: str) -> None:
    assert edited(text, Wrap(A, "k")) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # comments, blank lines and line endings stay; folded text keeps its meaning
        ("a:\n  # why\n  b: 1\n\n  c: 2 # beside\nd: 3\n", "a:\n  # why\n  k:\n    b: 1\n\n    c: 2 # beside\nd: 3\n"),
        ("a:\r\n  b:\r\n  - 1\r\nd: 3\r\n", "a:\r\n  k:\r\n    b:\r\n    - 1\r\nd: 3\r\n"),
        ("a:\n  b: |\n    x\n      y\n", "a:\n  k:\n    b: |\n      x\n        y\n"),
        ('a:\n  b: "x\n    y"\n', 'a:\n  k:\n    b: "x\n      y"\n'),
        ("a: {b: 1}\n", "a: {k: {b: 1}}\n"),
        ("a: [x]\n", "a: {k: [x]}\n"),
    ],
)
def test_a_collection_goes_below_a_key(text: str, wanted: str) -> None:
    assert edited(text, Wrap(A, "k")) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a:\n  b: 1\n  c:\n    d: 2\n", "a:\n  k:\n    - b: 1\n      c:\n        d: 2\n"),
        ("a: {b: 1}\n", "a: {k: [{b: 1}]}\n"),
        ("l:\n  - x\na:\n  b: 1\n  c: 2\n", "l:\n  - x\na:\n  k:\n    - b: 1\n      c: 2\n"),
    ],
)
def test_a_mapping_becomes_the_only_item_of_a_list_below_a_key(text: str, wanted: str) -> None:
    assert edited(text, Wrap(A), Wrap(A, "k")) == wanted


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        ("b: 1\n", [{"k": "v", "l": ["x*", "z"]}], "b: 1\na: [{k: v, l: [x*, z]}]\n"),
        ("{b: 1}\n", {"k": ["true"]}, '{b: 1, a: {k: ["true"]}}\n'),
        ("b: 1\n", [], "b: 1\na: []\n"),
    ],
)
def test_a_collection_is_added_on_one_line(text: str, value: Any, wanted: str) -> None:
    assert edited(text, SetValue(A, value)) == wanted


def test_a_collection_replaces_nothing() -> None:
    assert edited("a: 1\n", SetValue(A, [1])) is None


@pytest.mark.parametrize(
    "text",
    [
        "a:\n",
        "a: &x y\nb: *x\n",
        "a: !!str y\n",
        "a: |\n  x\n",
        "- a\n",
        "a: &x\n  b: c\nd: *x\n",
    ],
)
def test_what_cannot_be_wrapped_exactly_is_declined(text: str) -> None:
    assert edited(text, Wrap(A)) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# top\nb: 1\nc: 2\n", "# top\na: x\nb: 1\nc: 2\n"),
        ("c: 2\n# above\nb: 1 # beside\n", "c: 2\n# above\na: x\nb: 1 # beside\n"),
        # where there is no such key, after the first one
        ("c: 2\nd: 3\n", "c: 2\na: x\nd: 3\n"),
    ],
)
def test_a_key_goes_before_another(text: str, wanted: str) -> None:
    assert edited(text, SetValue(A, "x", before="b")) == wanted


def test_a_key_goes_before_the_first_one_of_a_list_item() -> None:
    text = "items:\n  - b: 1\n    c: 2\n"
    wanted = "items:\n  - a: x\n    b: 1\n    c: 2\n"
    assert edited(text, SetValue(YamlPath.of("items", 0, "a"), "x", before="b")) == wanted


def test_operations_on_one_mapping_are_made_one_after_the_other() -> None:
    text = "a: x\nb: y\nc: z\n"
    operations = (
        Wrap(A),
        RenameKey(A, "as"),
        SetValue(YamlPath.of("k"), 1, before="as"),
        SetValue(YamlPath.of("l"), 2, before="as"),
        RemoveKey(YamlPath.of("b")),
        RemoveKey(YamlPath.of("gone")),
    )
    assert edited(text, *operations) == "k: 1\nl: 2\nas:\n- x\nc: z\n"


@given(st.lists(st.sampled_from(["wrap", "set", "remove", "rename"]), min_size=1, max_size=6), st.data())
def test_operations_together_are_what_they_are_one_by_one(kinds: list[str], data: st.DataObject) -> None:
    keys = ["a", "b", "c"]
    text = "items:\n" + "".join(f"- a: {index}\n  b: x # {index}\n  c: y\n" for index in range(3))
    operations: list[Operation] = []
    for kind in kinds:
        path = YamlPath.of("items", data.draw(st.integers(0, 2)), data.draw(st.sampled_from(keys)))
        made: dict[str, Operation] = {
            "wrap": Wrap(path),
            "set": SetValue(path, "new", before="b"),
            "remove": RemoveKey(path),
            "rename": RenameKey(path, "renamed"),
        }
        operations.append(made[kind])
    one_by_one: str | None = text
    for operation in operations:
        if one_by_one is not None:
            after = edited(one_by_one, operation)
            # nothing to do is no fix either; what cannot be done ends it all
            if after is None and not isinstance(operation, RemoveKey) and not _is_done(one_by_one, operation):
                one_by_one = None
            else:
                one_by_one = after or one_by_one
    together = edited(text, *operations)
    assert together == (None if one_by_one == text else one_by_one)


def _is_done(text: str, operation: Operation) -> bool:
    [composed] = compose(text)
    assert isinstance(composed, ComposedDocument)
    document = Document(Source("a.yaml", text), composed.node, composed.base, 0, KUBERNETES, "other")
    return isinstance(operation, SetValue) and bool(document.get(operation.path) == operation.value)


@given(st.text("abc", max_size=12), st.data())
def test_pieces_lead_from_the_original_to_the_edited_text(original: str, data: st.DataObject) -> None:
    text, pieces = original, Pieces(len(original))
    for _ in range(data.draw(st.integers(1, 4))):
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        splices = [Splice(start, end, data.draw(st.text("XYZ", max_size=2))) for start, end in pairs]
        text = _spliced(text, splices)
        pieces.apply(splices)
    assert _spliced(original, pieces.splices(len(original))) == text


def _spliced(text: str, splices: list[Splice]) -> str:
    parts, position = [], 0
    for start, end, new in splices:
        parts += [text[position:start], new]
        position = end
    return "".join([*parts, text[position:]])
