"""A mapping of any width answers alike, and repeated keys are found where they stand."""

from hypothesis import given
from hypothesis import strategies as st

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.model import YamlPath


def document(text: str) -> Document:
    (composed,) = compose(text)
    assert isinstance(composed, ComposedDocument)
    return Document(Source("a.yaml", text), composed.node, composed.base, 0, KUBERNETES, "kubernetes")


def value_of(text: str, key: str) -> str | None:
    found = document(text)
    spot = found.find(YamlPath.of("x", key))
    return None if spot.missing else str(spot.value.value)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "yes", "true", "1"]), st.integers(0, 99)), min_size=1, max_size=8),
    st.booleans(),
)
def test_the_width_of_a_mapping_changes_no_answer(pairs: list[tuple[str, int]], merges: bool) -> None:
    body = [f"  {key}: {number}" for key, number in pairs] + (["  <<: {b: merged, c: merged}"] if merges else [])
    narrow = "\n".join(["x:", *body])
    wide = "\n".join(["x:", *(f"  k{number}: 0" for number in range(100)), *body])
    for key in ("a", "b", "c", "true", "yes", "1", "none"):
        assert value_of(wide, key) == value_of(narrow, key)


def test_repeated_keys_are_listed_once_each_with_their_first_repetition() -> None:
    found = document("a: 1\nb: [{c: 1, c: 2, c: 3}]\na: 2\nyes: 1\n'true': 2\n")
    assert {
        str(path): (found.location_of(each.first)[1:3], found.location_of(each.second)[1:3])
        for path, each in found.duplicate_paths.items()
    } == {
        "a": ((1, 1), (3, 1)),
        "true": ((4, 1), (5, 1)),
        "b[0].c": ((2, 6), (2, 12)),
    }


def test_repeated_keys_behind_an_alias_are_listed_once() -> None:
    found = document("a: &a {k: 1, k: 2}\nb: *a\n")
    assert [str(path) for path in found.duplicate_paths] == ["a.k"]
