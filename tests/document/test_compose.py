"""Text to documents: one broken document hides no other, and every error has its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.document.compose import MAX_DEPTH, ComposedDocument, ParseError, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.scalars import KUBERNETES, WORKFLOW, Dialect
from policylint.document.source import Source


def data(text: str, dialect: Dialect = KUBERNETES) -> list[object]:
    return [construct(part.node, dialect).data for part in compose(text) if isinstance(part, ComposedDocument)]


def errors(text: str) -> list[tuple[int, int, str]]:
    source = Source("x", text)
    return [
        (*source.line_and_column(part.offset), part.message) for part in compose(text) if isinstance(part, ParseError)
    ]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", []),
        ("# only a comment\n", []),
        ("---\n---\n# nothing\n--- # still nothing\n", []),
        ("a: 1\n", [{"a": 1}]),
        ("---\na: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("--- {a: 1}\n--- text\n", [{"a": 1}, "text"]),
        ("a: 1\n...\n# end\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("%YAML 1.1\n---\na: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("a: |\n  ---\n  text\n---\nb: 2\n", [{"a": "---\ntext\n"}, {"b": 2}]),
        ("a: 1\r\n---\r\nb: 2\r\n", [{"a": 1}, {"b": 2}]),
        ('{"a": [1, {"b": null}]}', [{"a": [1, {"b": None}]}]),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", [{"a": {"b": 1}, "c": {"b": 1, "d": 2}}]),
        ("a: &x {b: 1}\nc:\n  <<: [*x, {b: 3, e: 4}]\n", [{"a": {"b": 1}, "c": {"b": 1, "e": 4}}]),
    ],
)
def test_documents(text: str, documents: list[object]) -> None:
    assert data(text) == documents
    assert errors(text) == []


def test_merge_keys_are_plain_keys_in_workflows() -> None:
    assert data("a: &x {b: 1}\nc: {<<: *x}\n", WORKFLOW) == [{"a": {"b": 1}, "c": {"<<": {"b": 1}}}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", (2, 1, "a tab indents this line; YAML allows only spaces there")),
        ("a: \x01\n", (1, 4, "character U+0001 is not allowed in YAML")),
        ("a: [1,2\nb: 3\n", (2, 2, "did not find expected ',' or ']'")),
        ("x: y: z\n", (1, 5, "mapping values are not allowed in this context")),
        ("a: *b\n", (1, 4, "found undefined alias")),
        ("- " * (MAX_DEPTH + 1) + "x", (1, 601, f"collections nest deeper than {MAX_DEPTH} levels")),
        ("[" * 10_000, (1, 301, f"collections nest deeper than {MAX_DEPTH} levels")),
        ("{a: " * 10_000, (1, 1201, f"collections nest deeper than {MAX_DEPTH} levels")),
    ],
)
def test_errors_have_a_place(text: str, expected: tuple[int, int, str]) -> None:
    assert errors(text) == [expected]


def test_the_deepest_that_is_allowed_is_read() -> None:
    text = "[" * (MAX_DEPTH - 1) + "1" + "]" * (MAX_DEPTH - 1)
    assert str(data(text)[0]).count("[") == MAX_DEPTH - 1


def test_a_broken_document_hides_no_other() -> None:
    text = "a: 1\n---\nb: [\n---\nc: 3\n"
    assert data(text) == [{"a": 1}, {"c": 3}]
    assert [line for line, _, _ in errors(text)] == [4]


def test_a_document_beyond_the_limit_is_refused_and_the_rest_is_read() -> None:
    parts = list(compose("a: 1\n---\nb: " + "x" * 100 + "\n---\nc: 3\n", limit=50))
    assert [type(part) for part in parts] == [ComposedDocument, ParseError, ComposedDocument]


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("a: &a [1, *a]\n", 3, "an anchor's value contains an alias to itself"),
        ("? [1, 2]\n: x\n", 2, "a list or mapping cannot be a key"),
        ("~: x\n", 0, "a key of this mapping is null, and an object's keys are strings"),
        ("<<: 3\n", 4, "a merge (`<<`) takes a mapping or a list of mappings"),
        ("a: .inf\n", 3, ".inf is not a number that JSON can hold, so the object cannot be sent to a cluster"),
    ],
)
def test_what_no_object_can_hold(text: str, offset: int, message: str) -> None:
    [part] = compose(text)
    assert isinstance(part, ComposedDocument)
    with pytest.raises(ConstructError) as caught:
        construct(part.node, KUBERNETES)
    assert caught.value.error == ParseError(offset, message)


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    [part] = compose("\n".join(lines))
    assert isinstance(part, ComposedDocument)
    with pytest.raises(ConstructError, match="aliases repeat more than 100,000 values"):
        construct(part.node, KUBERNETES)


@given(st.text())
def test_any_text_ends_in_documents_or_errors(text: str) -> None:
    for part in compose(text):
        if isinstance(part, ParseError):
            assert 0 <= part.offset <= len(text)
            assert part.message
