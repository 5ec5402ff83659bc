"""Positions: every path has a place, exact where it exists and its nearest parent's where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import EmbeddedSource, RenderedSource, Source, TemplatePlace
from policylint.model import Location, YamlPath

TEXT = """\
# a pod
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {"example.com/a.b": x}
spec:
  containers:
  - name: app  # the app
    image: "app:1"
    args:
    - |
      one
      two
  - {name: side, image: side:2}
  empty:
"""


def document(text: str, source: Source | None = None) -> Document:
    [part] = compose(text)
    assert isinstance(part, ComposedDocument)
    return Document(source or Source("pod.yaml", text), part.node, part.base, 0, KUBERNETES, "kubernetes")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("kind", (3, 7, 3, 10)),
        ("metadata", (4, 1, 4, 9)),
        ('metadata.annotations["example.com/a.b"]', (6, 36, 6, 37)),
        ("spec.containers[0]", (9, 5, 9, 14)),
        ("spec.containers[0].image", (10, 12, 10, 19)),
        ("spec.containers[0].args[0]", (12, 7, 14, 10)),
        ("spec.containers[1].image", (15, 25, 15, 31)),
        ("spec.containers[1].ports", (15, 5, 15, 32)),
        ("spec.containers[2].image", (8, 3, 8, 13)),
        ("spec.empty", (16, 3, 16, 8)),
        ("spec.replicas", (7, 1, 7, 5)),
        ("spec.strategy.rollingUpdate.maxSurge", (7, 1, 7, 5)),
        ("status", (2, 1, 2, 15)),
    ],
)
def test_places(path: str, place: tuple[int, int, int, int]) -> None:
    assert document(TEXT).location(YamlPath.parse(path)) == Location("pod.yaml", *place)


def test_a_key_can_be_pointed_at() -> None:
    assert document(TEXT).location(YamlPath.parse("kind"), at="key") == Location("pod.yaml", 3, 1, 3, 5)


def test_identity() -> None:
    resource = document(TEXT).resource
    assert resource is not None
    assert str(resource) == "Pod/web"
    assert resource.namespace is None


def test_lines_are_counted_as_editors_do() -> None:
    text = 'a: "\u2028\x85"\r\nb: 2\r\n'
    assert document(text).location(YamlPath.parse("b")).line == 2


def test_a_merged_key_is_found_where_it_is_written() -> None:
    text = "base: &b\n  x: 1\nuse:\n  <<: *b\n  y: 2\n"
    assert document(text).location(YamlPath.parse("use.x")).line == 2


def embedded(text: str, path: str) -> Document:
    outer = document(text)
    node = outer.find(YamlPath.parse(path)).value
    start, end = outer.node_span(node)
    source = EmbeddedSource(outer.source, node.value, start, end, node.style == "|")
    return document(node.value, source)


def test_a_literal_block_maps_exactly() -> None:
    text = 'data:\n  "p.yaml": |\n\n    # c\n    kind: Pod\n    spec: {a: 1}\n'
    inner = embedded(text, 'data["p.yaml"]')
    assert inner.location(YamlPath.parse("spec.a")) == Location("pod.yaml", 6, 15, 6, 16)


def test_another_string_maps_to_itself() -> None:
    text = 'data:\n  p: "kind: Pod\\nspec: {a: 1}"\n'
    inner = embedded(text, "data.p")
    assert inner.location(YamlPath.parse("spec.a")) == Location("pod.yaml", 2, 6, 2, 31)


def test_a_rendered_place_shows_what_was_rendered() -> None:
    text = "kind: Pod\nspec:\n  a: 1\n  b: 2\n  c: 3\n"
    source = RenderedSource("t.yaml", text, "helm", {3: TemplatePlace("t.yaml", 7, 3, 10, exact=True)})
    found = document(text, source).location(YamlPath.parse("spec.a"))
    assert found[:5] == ("t.yaml", 7, 3, 7, 10)
    assert found.rendered is not None
    assert (found.rendered.line, found.rendered.first_line, found.rendered.exact) == (3, 1, True)
    assert found.rendered.excerpt == ("kind: Pod", "spec:", "  a: 1", "  b: 2", "  c: 3")
    unknown = document(text, source).location(YamlPath.parse("spec.c"))
    assert unknown.rendered is not None
    assert (unknown.line, unknown.rendered.exact) == (1, False)


KEYS = st.one_of(st.integers(0, 99), st.text(min_size=1, max_size=8))


@given(st.lists(KEYS, max_size=6))
def test_a_printed_path_reads_back(steps: list[str | int]) -> None:
    path = YamlPath(steps)
    assert YamlPath.parse(str(path)) == path


@pytest.mark.parametrize("text", ["a..b", "a[", "a[x]", "[-1]", 'a["b'])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a path"):
        YamlPath.parse(text)
