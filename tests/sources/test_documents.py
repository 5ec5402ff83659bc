"""Text to documents: what each is, what its scalars mean, and where everything stands, also inside strings."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.document.document import Document
from policylint.document.source import Source
from policylint.model import NotJudged, YamlPath
from policylint.sources.documents import load_documents
from policylint.sources.unit import LoadFailure

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n"


def load(text: str, path: str = "a.yaml") -> list[Document | LoadFailure | NotJudged]:
    return list(load_documents(Source(path, text)))


def documents(text: str, path: str = "a.yaml") -> list[Document]:
    found = load(text, path)
    assert [item for item in found if not isinstance(item, Document)] == []
    return [item for item in found if isinstance(item, Document)]


def only(text: str, path: str = "a.yaml") -> Document:
    (document,) = documents(text, path)
    return document


def place(document: Document, path: str) -> tuple[int, int, int, int]:
    """Line, column, end line and end column of the value at `path`."""
    location = document.location(YamlPath.parse(path))
    return location[1:5]


def not_judged(text: str, path: str = "a.yaml") -> tuple[int, str, str]:
    (item,) = load(text, path)
    assert isinstance(item, NotJudged)
    return item.line, item.what, item.reason


def failure(text: str, path: str = "a.yaml") -> tuple[int, int, str]:
    (item,) = load(text, path)
    assert isinstance(item, LoadFailure)
    assert item.rule == "PRJ001"
    return item.location.line, item.location.column, item.message


@pytest.mark.parametrize(
    ("path", "text", "role"),
    [
        ("a.yaml", "apiVersion: v1\nkind: Pod\n", "kubernetes"),
        ("a.yaml", "kind: Pod\n", "kubernetes"),
        ("a.yaml", "apiVersion: v1\n", "kubernetes"),
        (".github/workflows/a.yml", "jobs: {}\n", "workflow"),
        ("x/.github/workflows/a.yaml", "apiVersion: v1\nkind: Pod\n", "workflow"),
        ("elsewhere/a.yml", "on: push\njobs: {}\n", "workflow"),
        ("elsewhere/a.yml", '"on": push\njobs: {}\n', "workflow"),
        ("x/action.yml", "runs: {main: a.js}\n", "action"),
        ("x/action.yaml", "runs:\n  using: composite\n", "action"),
        ("x/other.yaml", "runs:\n  using: composite\n", "action"),
        ("a.json", '{"apiVersion": "v1", "kind": "Pod"}', "kubernetes"),
        ("a.yaml", "{{ .Values.x }}: 1\napiVersion: v1\nkind: Pod\n", ""),
    ],
)
def test_place_then_content_say_what_a_document_is(path: str, text: str, role: str) -> None:
    (item,) = load(text, path)
    assert (item.role if isinstance(item, Document) else "") == role


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        (".gitlab-ci.yml", "stages: [a]\n", "GitLab CI file"),
        ("x/.gitlab-ci.yml", "apiVersion: v1\nkind: Pod\n", "GitLab CI file"),
        ("a.yaml", "\n\na: 1\n", "YAML document"),
        ("a.yaml", "- apiVersion: v1\n  kind: Pod\n", "YAML document"),
        ("a.yaml", "jobs: {}\n", "YAML document"),
        ("a.yaml", "runs: 1\n", "YAML document"),
        ("a.yaml", "just text\n", "YAML document"),
    ],
)
def test_what_nothing_reads_is_said_with_its_line(path: str, text: str, what: str) -> None:
    line, said, reason = not_judged(text, path)
    assert (line, said) == (3 if text.startswith("\n") else 1, what)
    assert reason


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n---\n# none\n---\n", "   # a\n\t\n"])
def test_a_text_without_content_has_no_documents(text: str) -> None:
    assert load(text) == []


def test_each_family_has_its_own_reading_of_scalars() -> None:
    text = "a: yes\nb: 012\nc: 1_000\nd: 0o14\non: x\n"
    manifest = only("apiVersion: v1\nkind: Pod\n" + text)
    workflow = only("jobs: {}\n" + text, ".github/workflows/a.yml")
    assert [manifest.mapping[key] for key in "abcd"] == [True, 10, 1000, 12]
    assert manifest.mapping["true"] == "x"
    assert [workflow.mapping[key] for key in "abcd"] == ["yes", 12, "1_000", 12]
    assert workflow.mapping["on"] == "x"


def test_documents_are_counted_and_the_broken_one_among_them_is_named() -> None:
    text = POD.format(name="a") + "---\na: [\n---\n" + "x: 1\n---\n" + POD.format(name="b")
    first, broken, other, last = load(text)
    assert isinstance(first, Document)
    assert isinstance(broken, LoadFailure)
    assert isinstance(other, NotJudged)
    assert isinstance(last, Document)
    assert [(first.name, first.index), (last.name, last.index)] == [("a", 0), ("b", 1)]
    assert place(last, "metadata.name") == (13, 9, 13, 10)
    assert broken.location[1:3] == (7, 1)
    assert broken.message == (
        "cannot be parsed: did not find expected node content (while parsing a flow node, begun on line 7)"
    )
    assert (other.path, other.line) == ("a.yaml", 8)


def test_a_list_stands_for_its_items() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- kind: x\n- 7\n"
    first, second, third = documents(text)
    assert (first.name, first.index, first.api_version) == ("a", 0, "v1")
    assert place(first, "metadata.name") == (6, 20, 6, 21)
    assert (second.kind, second.index, second.api_version) == ("x", 1, "")
    assert (third.data, third.index) == (7, 2)


def test_the_items_of_a_list_of_one_kind_are_of_that_kind() -> None:
    text = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n- {apiVersion: v1, kind: Pod}\n"
    first, second = documents(text)
    assert (first.api_version, first.kind, first.name) == ("apps/v1", "Deployment", "a")
    assert (second.api_version, second.kind) == ("v1", "Pod")
    assert place(first, "kind") == (4, 3, 4, 22)


@pytest.mark.parametrize("items", ["", "items: text", "items: {a: 1}"])
def test_a_kind_that_only_sounds_like_a_list_is_an_object(items: str) -> None:
    assert only(f"apiVersion: x/v1\nkind: AllowList\n{items}\n").kind == "AllowList"


def test_items_of_a_list_may_hold_manifests_too() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  data:
    a: |
      apiVersion: v1
      kind: Pod
"""
    config_map, pod = documents(text)
    assert (config_map.kind, pod.kind) == ("ConfigMap", "Pod")
    assert place(pod, "kind") == (9, 13, 9, 16)


EMBEDDING = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: outer}
data:
  words: this speaks of apiVersion and of kind
  one.yaml: |

    # é
    apiVersion: v1
    kind: Pod
    metadata:
      name: one
    ---
    apiVersion: v1
    kind: ConfigMap
    data:
      inner: |2-
          apiVersion: v1
          kind: Pod
          metadata: {name: deep}
  quoted: '{"apiVersion": "v1", "kind": "Pod"}'
  folded: >
    apiVersion: v1

    kind: Pod
"""


def test_a_manifest_in_a_literal_block_has_its_exact_place() -> None:
    outer, one, inner_map, deep, quoted, folded = documents(EMBEDDING)
    assert [each.index for each in (outer, one, inner_map, deep, quoted, folded)] == [0, 0, 1, 0, 0, 0]
    assert place(one, "metadata.name") == (12, 13, 12, 16)
    assert place(inner_map, "kind") == (15, 11, 15, 20)
    assert place(deep, "metadata.name") == (20, 28, 20, 32)
    assert deep.name == "deep"


def test_a_manifest_in_any_other_string_has_the_place_of_the_string() -> None:
    *_, quoted, folded = documents(EMBEDDING)
    assert place(quoted, "kind") == (21, 11, 21, 48)
    assert place(folded, "kind") == (22, 11, 25, 14)


def test_the_same_holds_with_windows_line_ends() -> None:
    _, one, _, deep, quoted, _ = documents(EMBEDDING.replace("\n", "\r\n"))
    assert place(one, "metadata.name") == (12, 13, 12, 16)
    assert place(deep, "metadata.name") == (20, 28, 20, 32)
    assert place(quoted, "kind") == (21, 11, 21, 48)


def test_a_secrets_data_is_decoded_and_its_string_data_taken_as_it_is() -> None:
    inner = f"apiVersion: v1\nkind: Secret\ndata:\n  b: {base64.b64encode(POD.format(name='deep').encode()).decode()}\n"
    encoded = base64.b64encode(inner.encode()).decode()
    text = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: outer}}
data:
  a: {encoded}
  c: not base64, though it says apiVersion and kind
  d: {base64.b64encode(b"apiVersion kind" + bytes([255])).decode()}
stringData:
  plain: |
    apiVersion: v1
    kind: Pod
"""
    outer, inner_secret, deep, plain = documents(text)
    assert (outer.name, inner_secret.kind, deep.name, plain.kind) == ("outer", "Secret", "deep", "Pod")
    assert place(inner_secret, "kind") == place(deep, "kind") == (5, 6, 5, 6 + len(encoded))
    assert place(plain, "kind") == (11, 11, 11, 14)


def test_nothing_is_looked_for_in_strings_of_other_kinds() -> None:
    text = "apiVersion: x/v1\nkind: ConfigMap\ndata:\n  a: |\n    apiVersion: v1\n    kind: Pod\n"
    assert [each.api_version for each in documents(text)] == ["x/v1"]


def test_a_string_that_only_resembles_a_manifest_is_told_and_is_no_failure() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  a.tpl: |\n    apiVersion: v1\n    kind: {\n"
    _, broken = load(text)
    assert broken == NotJudged(
        "a.yaml",
        5,
        'data["a.tpl"] of ConfigMap/m',
        "it speaks of apiVersion and kind but cannot be parsed: did not find expected node content"
        " (while parsing a flow node, begun on line 8)",
    )


def test_embedding_ends_at_the_third_level() -> None:
    text = "apiVersion: v1\nkind: Pod\n"
    for _ in range(5):
        indented = "".join(f"    {line}\n" for line in text.splitlines())
        text = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n{indented}"
    assert [each.kind for each in documents(text)] == ["ConfigMap"] * 4


@pytest.mark.parametrize("separator", ["\t", "    ", "\n\t\t", "\r\n"])
def test_json_with_any_white_space(separator: str) -> None:
    document = only(f'{{{separator}"apiVersion":{separator}"v1",{separator}"kind":"Pod"{separator}}}\n', "a.json")
    assert document.data == {"apiVersion": "v1", "kind": "Pod"}


def test_json_escapes_of_surrogate_pairs_are_characters_and_move_nothing() -> None:
    text = r"""{"apiVersion": "v1", "kind": "Pod",
 "metadata": {"\uD83D\ude00": "\ud83d\ude00 a\/b \ud83d \\ud83d \u00e9", "name": "n"}}"""
    document = only(text, "a.json")
    assert document.metadata == {"😀": "😀 a/b \ufffd \\ud83d é", "name": "n"}
    assert place(document, "metadata.name") == (2, 82, 2, 85)


@pytest.mark.parametrize(
    "text",
    [
        r'a: "\ud83d\ude00"' + "\n",  # YAML has no such escapes
        '{"a": "\\ud83d\\ude00", "b": "\ue000"}',  # taken: which is which could not be told
        r'{"a": "\ud83d\ude00", "b": "\ue000"}',
    ],
)
def test_surrogates_that_cannot_be_read_are_told(text: str) -> None:
    _, _, message = failure(text)
    assert message.startswith("cannot be parsed: found invalid Unicode character escape code")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\U0001f600", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from([None, 1, "\t"]))
def test_any_json_object_reads_as_json_says(spec: object, indent: int | str | None) -> None:
    data = {"apiVersion": "v1", "kind": "Pod", "spec": spec}
    text = json.dumps(data, indent=indent)
    if "\\ue" in text and "\\ud" in text:
        return  # private characters beside surrogates: see above
    assert only(text, "a.json").data == data


@given(st.text(max_size=200))
def test_any_text_is_documents_failures_or_said_to_be_neither(text: str) -> None:
    assert all(isinstance(item, Document | LoadFailure | NotJudged) for item in load(text))


@given(
    st.lists(
        st.sampled_from(["apiVersion: v1", "kind: Pod", "---", "  x: 1", "# c", "", "\ta: 1", "a: [1,"]), max_size=12
    )
)
def test_places_lie_within_the_text(parts: list[str]) -> None:
    text = "\n".join(parts)
    lines = text.split("\n")
    for item in load(text):
        location = item.location() if isinstance(item, Document) else getattr(item, "location", None)
        if location is not None:
            assert 1 <= location.line <= location.end_line <= len(lines)
            assert 1 <= location.column <= len(lines[location.line - 1]) + 1


def test_json_with_comments_is_not_for_a_cluster() -> None:
    text = '{\n  // for the editor\n  "compilerOptions": {}\n}\n'
    line, what, reason = not_judged(text, "tsconfig.json")
    assert (line, what) == (3, "JSON file")
    assert reason.startswith("it names no apiVersion, and is JSON with comments: ")
    (failure,) = load(text.replace("compilerOptions", "apiVersion"), "pod.json")
    assert isinstance(failure, LoadFailure)
