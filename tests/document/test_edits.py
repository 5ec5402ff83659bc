"""Fixes as text edits: exact results for every layout, and for random documents all or nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.edits import apply_edits, compile_fix, compile_fixes
from policylint.document.operations import apply_operation
from policylint.document.scalars import KUBERNETES, WORKFLOW, Dialect
from policylint.document.source import EmbeddedSource, RenderedSource, Source
from policylint.model import ROOT, Edit, Fix, Operation, RemoveKey, RenameKey, SetValue, YamlPath


def documents(text: str, dialect: Dialect = KUBERNETES, source: Source | None = None) -> list[Document]:
    source = source or Source("a.yaml", text)
    composed = [item for item in compose(text) if isinstance(item, ComposedDocument)]
    return [Document(source, item.node, item.base, index, dialect, "") for index, item in enumerate(composed)]


def fixed(text: str, *operations: Operation, index: int = 0, dialect: Dialect = KUBERNETES) -> str | None:
    fix = compile_fix(documents(text, dialect)[index], Fix("mend", operations, safe=True))
    return None if fix is None else apply_edits(text, fix.edits)


def put(path: str, value: str | int | bool) -> SetValue:
    return SetValue(YamlPath.parse(path), value)


def drop(path: str) -> RemoveKey:
    return RemoveKey(YamlPath.parse(path))


def rename(path: str, name: str) -> RenameKey:
    return RenameKey(YamlPath.parse(path), name)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("a: b\n", "c", "a: c\n"),
        ("a: b   # why\n", "c", "a: c   # why\n"),
        ("a: 'b' # why\n", "it's", "a: 'it''s' # why\n"),
        ('a: "b"\r\nz: 1\r\n', 'c"\\\n', 'a: "c\\"\\\\\\n"\r\nz: 1\r\n'),
        ("a: b\n", "true", 'a: "true"\n'),
        ("a: b\n", "yes", 'a: "yes"\n'),
        ("a: b\n", "1.20", 'a: "1.20"\n'),
        ("a: b\n", "2024-01-01", 'a: "2024-01-01"\n'),
        ("a: b\n", "x: y", 'a: "x: y"\n'),
        ("a: b\n", "x #y", 'a: "x #y"\n'),
        ("a: b\n", "", 'a: ""\n'),
        ("a: b\n", "- x", 'a: "- x"\n'),
        ("a: b\n", "nginx:1.27@sha256:ab", "a: nginx:1.27@sha256:ab\n"),
        ("a: b\n", "\u2028\x07", 'a: "\\u2028\\x07"\n'),
        ('a: "3"\n', 3, "a: 3\n"),
        ("a: no\n", True, "a: true\n"),
        ("a:\n", "x", "a: x\n"),
        ("a: # why\n", 1, "a: 1 # why\n"),
        ("a: null\n", "x", "a: x\n"),
        ("{a: b}\n", "x, y", '{a: "x, y"}\n'),
        ('{"a": 1}', "x", '{"a": "x"}'),
        ("a: one\n  two\nz: 1\n", "x", "a: x\nz: 1\n"),
        ("a: |\n  one\n  two\n\nz: 1\n", "x", "a: |-\n  x\n\nz: 1\n"),
        ("a: | # why\n  one\nz: 1\n", "x\n\ny\n", "a: | # why\n  x\n\n  y\nz: 1\n"),
        ("a: >- # why\n  one\n  two\nz: 1\n", "x", "a: x # why\nz: 1\n"),
        ("a: |\n  one", 1, "a: 1"),
    ],
)
def test_a_scalar_is_replaced_in_its_own_style(text: str, value: str | int | bool, expected: str) -> None:
    assert fixed(text, put("a", value)) == expected


@pytest.mark.parametrize(
    ("text", "operation", "expected"),
    [
        ("a: 1\nb: 2\n", put("k", True), "a: 1\nk: true\nb: 2\n"),
        ("a: 1 # why\r\nb: 2\r\n", put("k", 1), "a: 1 # why\r\nk: 1\r\nb: 2\r\n"),
        ("a: 1", put("k", 1), "a: 1\nk: 1"),
        (
            "a: 1\n",
            SetValue(YamlPath.of("k"), [None, {"b": None}, 1.5]),
            "a: 1\nk: [null, {b: null}, 1.5]\n",
        ),
        ("---\r\na: 1", put("k", 1), "---\r\na: 1\r\nk: 1"),
        ("# top\na: 1\n---\nz: 1\n", put("k", 1), "# top\na: 1\nk: 1\n---\nz: 1\n"),
        ("a: |\n  x\n\nb: 2\n", put("k", 1), "a: |\n  x\nk: 1\n\nb: 2\n"),
        ("a: |+\n  x\n\nb: 2\n", put("k", 1), "a: |+\n  x\n\nk: 1\nb: 2\n"),
        ("a: |-\n  x", put("k", 1), "a: |-\n  x\nk: 1"),
        (
            "a:\n  x: 1\n  # about a\n\n# about b\nb: 2\n",
            put("k", 1),
            "a:\n  x: 1\n  # about a\nk: 1\n\n# about b\nb: 2\n",
        ),
        ("s:\n- a: 1\n  b: 2\n", put("s[0].k", 1), "s:\n- a: 1\n  k: 1\n  b: 2\n"),
        ("s:\n  -   a: 1\n", put("s[0].k", 1), "s:\n  -   a: 1\n      k: 1\n"),
        ("s:\n- - a: 1\n", put("s[0][0].k", 1), "s:\n- - a: 1\n    k: 1\n"),
        ("a: [1,\n 2]\nb: 1\n", put("k", 1), "a: [1,\n 2]\nk: 1\nb: 1\n"),
        ("x: &q 1\nz:\n  a: *q\n  b: 2\n", put("z.k", 1), "x: &q 1\nz:\n  a: *q\n  b: 2\n  k: 1\n"),
        ("spec:\n    a: 1\n", put("spec.w.t", 30), "spec:\n    a: 1\n    w:\n        t: 30\n"),
        ("spec:\n  a: 1\r\n  b: 2", put("spec.w.t", 30), "spec:\n  a: 1\r\n  w:\r\n    t: 30\r\n  b: 2"),
        ("a: 1\n", put("on", "x"), 'a: 1\n"on": x\n'),
        ("spec: {}\n", put("spec.k", 1), "spec: {k: 1}\n"),
        ("spec: { }\n", put("spec.k.m", "x"), "spec: { k: {m: x} }\n"),
        ("spec: {a: b} # why\n", put("spec.k", "x"), "spec: {a: b, k: x} # why\n"),
        ("spec: {a: b, c: d}\n", put("spec.k", 1), "spec: {a: b, k: 1, c: d}\n"),
        ('{\n  "a": 1\n}\n', put("k", "x"), '{\n  "a": 1,\n  "k": "x"\n}\n'),
        ('{\n\t"a": 1,\n\t"b": 2\n}\n', put("k.m", 1), '{\n\t"a": 1,\n\t"k": {"m": 1},\n\t"b": 2\n}\n'),
        ("s: {\n  a: 1, # one\n  b: 2\n}\n", put("s.k", 1), "s: {\n  a: 1, # one\n  k: 1,\n  b: 2\n}\n"),
        ("s: {\n  a: 1 # one\n}\n", put("s.k", 1), "s: {\n  a: 1, # one\n  k: 1\n}\n"),
        ("s: {\n  a: 1, b: 2}\n", put("s.k", 1), "s: {\n  a: 1, k: 1, b: 2}\n"),
        ("items:\n- a: 1\n- b: 1\n", put("items[1].k", 1), "items:\n- a: 1\n- b: 1\n  k: 1\n"),
    ],
)
def test_an_absent_key_is_added_after_the_first_pair(text: str, operation: SetValue, expected: str) -> None:
    assert fixed(text, operation) == expected


@pytest.mark.parametrize(
    ("text", "operation", "expected"),
    [
        ("a: 1\nb: 2 # why\nc: 3\n", drop("b"), "a: 1\nc: 3\n"),
        ("a: 1\r\nb:\r\n  x: 1\r\n  # in\r\n  y: 2\r\nc: 3\r\n", drop("b"), "a: 1\r\nc: 3\r\n"),
        ("a: 1\nb: 2", drop("b"), "a: 1"),
        ("a: 1\r\nb: 2", drop("b"), "a: 1"),
        ("# about a\na: 1\nb: 2\n", drop("a"), "# about a\nb: 2\n"),
        ("a: |\n  x\n\nb: 2\n", drop("a"), "\nb: 2\n"),
        ("a: |+\n  x\n\nb: 2\n", drop("a"), "b: 2\n"),
        ("s:\n- a: 1\n  b: 2\n", drop("s[0].a"), "s:\n- b: 2\n"),
        ("s:\n- a: 1 # why\n  # about b\n  b: 2\n", drop("s[0].a"), "s:\n- # about b\n  b: 2\n"),
        ("s:\n- a: |\n    x\n  b: 2\n", drop("s[0].a"), "s:\n- b: 2\n"),
        ("s:\n- a: 1\n", drop("s[0].a"), "s:\n- {}\n"),
        ("s:\n- a\n- b # why\n- c\n", drop("s[1]"), "s:\n- a\n- c\n"),
        ("s:\n- - a\n  - b\n", drop("s[0][0]"), "s:\n- - b\n"),
        ("s:\n- a\n", drop("s[0]"), "s: []\n"),
        ("s:\n  a: 1 # why\nz: 1\n", drop("s.a"), "s: {} # why\nz: 1\n"),
        ("s: # why\n  a: 1\n", drop("s.a"), "s: # why\n  {}\n"),
        ("a: 1\n", drop("a"), "{}\n"),
        ("s: {a: 1, b: 2, c: 3}\n", drop("s.a"), "s: {b: 2, c: 3}\n"),
        ("s: {a: 1, b: 2, c: 3}\n", drop("s.b"), "s: {a: 1, c: 3}\n"),
        ("s: {a: 1, b: 2}\n", drop("s.b"), "s: {a: 1}\n"),
        ("s: {a: 1,}\n", drop("s.a"), "s: {}\n"),
        ("s: [a, b]\n", drop("s[0]"), "s: [b]\n"),
        ("s: [a, b]\n", drop("s[1]"), "s: [a]\n"),
        ('{\n  "a": 1,\n  "b": 2\n}\n', drop("b"), '{\n  "a": 1\n}\n'),
        ('{\n  "a": 1,\n  "b": 2\n}\n', drop("a"), '{\n  "b": 2\n}\n'),
        ("s: {\n  a: 1, # one\n  b: 2, # two\n}\n", drop("s.b"), "s: {\n  a: 1, # one\n}\n"),
    ],
)
def test_a_removed_key_takes_its_lines_or_its_comma(text: str, operation: RemoveKey, expected: str) -> None:
    assert fixed(text, operation) == expected


@pytest.mark.parametrize(
    ("text", "operation", "expected"),
    [
        ("a: 1 # why\n", rename("a", "b"), "b: 1 # why\n"),
        ("'a': {x: 1}\n", rename("a", "b"), "'b': {x: 1}\n"),
        ('{"a" : 1}\n', rename("a", "b"), '{"b" : 1}\n'),
        ("s:\n- a:\n    x: 1\n", rename("s[0].a", "on"), 's:\n- "on":\n    x: 1\n'),
    ],
)
def test_a_renamed_key_keeps_its_quotes_and_value(text: str, operation: RenameKey, expected: str) -> None:
    assert fixed(text, operation) == expected


def test_each_dialect_decides_which_keys_need_quotes() -> None:
    assert fixed("a: 1\n", put("on", 1), dialect=WORKFLOW) == "a: 1\non: 1\n"
    assert fixed("on: 1\n", put("true", 2), dialect=KUBERNETES) == "on: 2\n"


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("a: 1\n", put("a", 1)),
        ("a: true\n", put("a", True)),
        ("a: 1\n", drop("b")),
        ("a: 1\n", rename("b", "c")),
        ("a: 1\nb: 2\n", rename("a", "b")),
        ("spec:\n", put("spec.a", 1)),
        ("spec: x\n", put("spec.a", 1)),
        ("s: [1]\n", put("s[1]", 1)),
        ("s: {x: 1}\n", put("s", 1)),
        ("a: &x\n  b: 1\nc: *x\n", put("a.b", 2)),
        ("a: &x\n  b: 1\nc: *x\n", put("c.k", 2)),
        ("a: &x 1\nc: *x\n", put("a", 2)),
        ("a: &x 1\nc: *x\n", drop("c")),
        ("a: &x 1\n", put("a", 2)),
        ("a: !!str 1\n", put("a", "2")),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", drop("c.b")),
        ("a: &x {b: {e: 1}}\nc:\n  <<: *x\n  d: 1\n", put("c.b.f", 1)),
        ("a: 1\na: 2\n", drop("a")),
        ("a: 1\na: 2\n", put("a", 3)),
        ("{a, b: 1}\n", put("a", 1)),
        ("? a\n: 1\n", drop("a.b")),
        ("a: |\n  x", put("k", 1)),
    ],
)
def test_what_cannot_be_done_exactly_or_is_done_already_has_no_fix(text: str, operation: Operation) -> None:
    assert fixed(text, operation) is None


def test_a_merged_key_can_be_overridden_where_it_is_merged() -> None:
    text = "a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n"
    assert fixed(text, put("c.b", 2)) == "a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n  b: 2\n"


def test_text_that_is_not_the_users_file_has_no_fix() -> None:
    text = "a: 1\n"
    outer = Source("outer.yaml", "data:\n  x: |\n    a: 1\n")
    embedded = EmbeddedSource(outer, text, 11, 23, literal=True)
    rendered = RenderedSource("t.yaml", text, "helm", {})
    for source in (embedded, rendered):
        assert compile_fix(documents(text, source=source)[0], Fix("mend", (put("a", 2),))) is None


def test_offsets_count_from_the_start_of_the_file() -> None:
    text = "a: 1\n---\n# two\nb: 1\nc: 2\n"
    fix = compile_fix(documents(text)[1], Fix("mend", (put("b", 7),), safe=True))
    assert fix is not None
    assert (fix.title, fix.safe, fix.edits) == ("mend", True, (Edit("a.yaml", 18, 19, "7"),))


def test_documents_parted_by_an_end_marker_are_kept_apart() -> None:
    text = "%YAML 1.1\n---\na: 1\n...\n---\nb: 2\n"
    assert fixed(text, put("b", 3), index=1) == "%YAML 1.1\n---\na: 1\n...\n---\nb: 3\n"
    assert fixed(text, put("k", 3), index=0) == "%YAML 1.1\n---\na: 1\nk: 3\n...\n---\nb: 2\n"


def test_a_document_that_is_an_item_of_a_list_is_edited_in_its_place() -> None:
    text = "kind: List\nitems:\n- kind: A\n  a: 1\n- kind: B\n  a: 1\n"
    whole = documents(text)[0]
    node = whole.find(YamlPath.parse("items[1]")).value
    item = Document(whole.source, node, whole.base, 1, KUBERNETES, "")
    fix = compile_fix(item, Fix("mend", (put("a", 2), put("k.m", 3))))
    assert fix is not None
    expected = "kind: List\nitems:\n- kind: A\n  a: 1\n- kind: B\n  k:\n    m: 3\n  a: 2\n"
    assert apply_edits(text, fix.edits) == expected


def test_several_operations_are_carried_out_in_order_and_land_as_edits_of_the_old_text() -> None:
    text = "spec:\n  old: 1 # why\n  x: {}\nz: 1\n"
    operations = (put("spec.w.t", 30), put("spec.w.u", 1), rename("spec.old", "new"), drop("z"), drop("gone"))
    fix = compile_fix(documents(text)[0], Fix("mend", operations))
    assert fix is not None
    assert apply_edits(text, fix.edits) == "spec:\n  new: 1 # why\n  w:\n    t: 30\n    u: 1\n  x: {}\n"
    assert [text[edit.start : edit.end] for edit in fix.edits] == ["old", "", "z: 1\n"]


def test_apply_edits_refuses_overlap_and_keeps_the_order_of_insertions() -> None:
    edits = [Edit("f", 3, 4, "Z"), Edit("f", 1, 1, "<"), Edit("f", 1, 1, ">"), Edit("f", 1, 2, "B")]
    assert apply_edits("abcd", edits) == "a<>BcZ"
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits("abcd", [Edit("f", 0, 2, ""), Edit("f", 1, 3, "")])


# -- random documents --------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["a", "b", "name", "on", "image", "x-y", "k8s.io/z", "1"])
STRINGS = st.sampled_from(["x", "it's", "a b", 'say "hi"', "true", "1.5", "", "nginx:1.2", "é", "# no", "a: b", "- x"])
LEAVES = STRINGS | st.integers(-3, 300) | st.booleans()
SPACES = st.sampled_from([" ", "  "])
TRAILING = st.sampled_from(["", "", "", " # why", "   # a: b"])
BETWEEN = st.sampled_from(["", "", "", "\n", "# own line\n", "    # deep\n"])

Draw = Callable[..., Any]


def flow_text(draw: Draw, depth: int) -> str:
    kind = draw(st.integers(0, 3)) if depth < 2 else 0
    if kind == 2:
        pairs = [f"{draw(KEYS)}: {flow_text(draw, depth + 1)}" for _ in range(draw(st.integers(0, 3)))]
        comma = draw(st.sampled_from(["", ","])) if pairs else ""
        return "{" + ", ".join(pairs) + comma + "}"
    if kind == 3:
        return "[" + ", ".join(flow_text(draw, depth + 1) for _ in range(draw(st.integers(0, 3)))) + "]"
    return draw(st.sampled_from(["x", "1", "true", "'it''s'", '"a\\nb"', "null"]))


def scalar_text(draw: Draw, indent: int) -> str:
    """A value that stands on its key's or dash's line, with everything up to and including its line break."""
    if draw(st.integers(0, 5)) == 0:
        header = draw(st.sampled_from(["|", "|-", "|+", ">", ">-"]))
        lines = draw(st.lists(st.sampled_from(["x", "# not a comment", "a: b", "  more", ""]), min_size=1, max_size=3))
        body = "".join(f"{' ' * (indent + 2)}{line}\n" if line else "\n" for line in ["first", *lines])
        return f" {header}{draw(TRAILING)}\n{body}"
    text = draw(
        st.sampled_from(["", " x", " 1", " 'it''s'", ' "q"', " true", " &anchor x", " one\n" + " " * indent + "  two"])
    )
    if draw(st.integers(0, 3)) == 0:
        text = " " + flow_text(draw, 0)
    return text + draw(TRAILING) + "\n"


def block_text(draw: Draw, indent: int, depth: int) -> str:
    """A block collection whose first line is already indented by the caller."""
    pad = " " * indent
    parts = []
    if draw(st.integers(0, 2)):
        for key in draw(st.lists(KEYS, min_size=1, max_size=3, unique=True)):
            quote = draw(st.sampled_from(["", "", "'", '"']))
            parts.append(f"{quote}{key}{quote}:{value_text(draw, indent, depth)}")
    else:
        for _ in range(draw(st.integers(1, 3))):
            gap = draw(SPACES)
            if depth < 3 and draw(st.booleans()):
                parts.append("-" + gap + block_text(draw, indent + 1 + len(gap), depth + 1))
            else:
                parts.append("-" + scalar_text(draw, indent))
    return draw(BETWEEN).join([parts[0]]) + "".join(draw(BETWEEN) + pad + part for part in parts[1:])


def value_text(draw: Draw, indent: int, depth: int) -> str:
    if depth < 3 and draw(st.booleans()):
        step = draw(st.sampled_from([2, 2, 4]))
        return f"{draw(TRAILING)}\n{draw(BETWEEN)}{' ' * (indent + step)}{block_text(draw, indent + step, depth + 1)}"
    return scalar_text(draw, indent)


@st.composite
def yaml_texts(draw: Draw) -> str:
    text = draw(st.sampled_from(["", "---\n", "# top\n"])) + block_text(draw, 0, 0)
    if draw(st.booleans()):
        text += "---\nafter: 1 # kept\n"
    if draw(st.integers(0, 3)) == 0:
        text = text.rstrip("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def paths_of(data: Any, path: YamlPath = ROOT) -> list[YamlPath]:
    found = [path]
    if isinstance(data, dict):
        found += [below for key, value in data.items() for below in paths_of(value, path / key)]
    elif isinstance(data, list):
        found += [below for index, value in enumerate(data) for below in paths_of(value, path / index)]
    return found


@st.composite
def operations_on(draw: Draw, data: Any) -> Operation:
    path = draw(st.sampled_from(paths_of(data)))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return RemoveKey(path)
    if kind == 1:
        return RenameKey(path, draw(KEYS))
    below = draw(st.lists(st.sampled_from(["new", "on", "a"]), max_size=2)) if kind == 2 else []
    return SetValue(path / below, draw(LEAVES))


def lines_to_keep(document: Document, operation: Operation) -> list[str]:
    """The lines that hold nothing of the element (or of the flow collection) that the operation is about."""
    source, path = document.source, operation.path
    while path and (document.find(path).missing or getattr(document.find(path).parent, "flow_style", False)):
        path = path.parent
    if path and isinstance(operation, RemoveKey) and len(document.get(path.parent)) == 1:
        path = path.parent  # the empty collection may move up to its key
    spot = document.find(path)
    start = spot.key.start_mark.index if spot.key is not None else spot.value.start_mark.index
    first, _ = source.line_and_column(document.base + start)
    last, _ = source.line_and_column(document.node_span(spot.value)[1])
    lines = source.text.split("\n")
    return lines[: first - 1] + lines[last:]


def is_subsequence(wanted: list[str], lines: list[str]) -> bool:
    rest = iter(lines)
    return all(any(line == other for other in rest) for line in wanted)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_random_operation_is_exact_or_refused(data: st.DataObject) -> None:
    text = data.draw(yaml_texts())
    loaded = documents(text)
    if not loaded or loaded[0].duplicates:
        return
    document = loaded[0]
    operation = data.draw(operations_on(document.data))
    fix = compile_fix(document, Fix("mend", (operation,)))
    if fix is None:
        return
    result = apply_edits(text, fix.edits)
    again = documents(result)
    assert repr(sorted_deep(again[0].data)) == repr(sorted_deep(apply_operation(document.data, operation)))
    assert [other.data for other in again[1:]] == [other.data for other in loaded[1:]]
    assert result.count("\r") == (result.count("\n") if "\r\n" in text else 0)
    kept = lines_to_keep(document, operation)
    changed = result.split("\n")
    if not text.endswith("\n"):
        kept, changed = [line.rstrip("\r") for line in kept], [line.rstrip("\r") for line in changed]
    if isinstance(operation, RemoveKey):  # what follows a removed first key moves up behind its dash
        kept, changed = [line.lstrip(" -") for line in kept], [line.lstrip(" -") for line in changed]
    assert is_subsequence([line for line in kept if line.strip()], changed)
    if isinstance(operation, SetValue):
        assert compile_fix(again[0], Fix("mend", (operation,))) is None


def sorted_deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_deep(value[key]) for key in sorted(value)}
    return [sorted_deep(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_plain_block_document_is_never_refused(data: st.DataObject) -> None:
    keys = data.draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=5, unique=True))
    text = "".join(
        f"{key}: {data.draw(st.sampled_from(['x', '1', 'true', 'null']))}{data.draw(TRAILING)}\n" for key in keys
    )
    target = data.draw(st.sampled_from(keys))
    for operation in (put(target, "other"), put("k.m", 1), drop(target), rename(target, "k")):
        result = fixed(text, operation)
        assert result is not None
        assert documents(result)[0].data == apply_operation(documents(text)[0].data, operation)


# -- many fixes at once ------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_fixes_come_out_together_as_they_do_alone(data: st.DataObject) -> None:
    loaded = documents(data.draw(yaml_texts()))
    if not loaded or loaded[0].duplicates:
        return
    document = loaded[0]
    one = st.lists(operations_on(document.data), min_size=1, max_size=3)
    fixes = [Fix("mend", tuple(operations)) for operations in data.draw(st.lists(one, min_size=2, max_size=6))]

    assert compile_fixes(document, fixes) == [compile_fix(document, fix) for fix in fixes]


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of every text that is read again while fixes are made."""
    lengths: list[int] = []

    def counted(text: str) -> Any:
        lengths.append(len(text))
        return compose(text)

    monkeypatch.setattr("policylint.document.drafts.compose", counted)
    return lengths


LIST = "list:\n" + "- {a: 1, b: 2}\n" * 300


def test_many_unrelated_fixes_are_read_back_together(readings: list[int]) -> None:
    fixes = [Fix("mend", (put(f"list[{index}].a", 7),)) for index in range(300)]

    compiled = compile_fixes(documents(LIST)[0], fixes)

    assert [fix.edits[0].start for fix in compiled if fix is not None] == [12 + 15 * index for index in range(300)]
    assert len(readings) == 2


def test_operations_on_many_collections_are_read_back_in_waves(readings: list[int]) -> None:
    operations = [each for index in range(300) for each in (put(f"list[{index}].c", 7), drop(f"list[{index}].a"))]

    assert fixed(LIST, *operations) == LIST.replace("{a: 1, b: 2}", "{c: 7, b: 2}")
    assert len(readings) == 3


def test_one_fix_that_fails_does_not_take_others_with_it(readings: list[int]) -> None:
    anchored = "x: &a {k: 1}\ny: *a\nlist:\n" + "- {a: 1}\n" * 20
    fixes = [Fix("mend", (put("x.k", 2),)), *(Fix("mend", (put(f"list[{index}].a", 7),)) for index in range(20))]

    compiled = compile_fixes(documents(anchored)[0], fixes)

    assert [fix is None for fix in compiled] == [True] + [False] * 20
    assert len(readings) == 2


def test_what_would_be_read_back_too_often_is_left_out(readings: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policylint.document.drafts._MOST_READ", 1000)
    text = "a: 1\n" + "# long enough to count\n" * 10
    fixes = [Fix("mend", (put("a", number),)) for number in range(2, 100)]

    compiled = compile_fixes(documents(text)[0], fixes)

    assert [fix is not None for fix in compiled] == [True] * 5 + [False] * 93
    assert len(readings) == 6
