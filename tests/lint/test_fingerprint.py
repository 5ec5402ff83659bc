"""Fingerprints: the same finding keeps its own when something unrelated moves."""

import pytest

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.lint.fingerprint import fingerprint, normalised, numbered, stable_path
from policylint.model import Finding, Location, ResourceId, YamlPath


def document(text: str) -> Document:
    (composed,) = compose(text)
    assert isinstance(composed, ComposedDocument)
    return Document(Source("a.yaml", text), composed.node, composed.base, 0, KUBERNETES, "")


BASE = Finding(
    Location("d/a.yaml", 3, 5, 3, 9),
    "IMG001",
    "unpinned-image",
    "error",
    "`nginx` has no tag",
    "help",
    "url",
    ResourceId("v1", "Pod", "prod", "web"),
    "spec.containers[0].image",
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("spec.containers[1].image", "spec.containers[name=b].image"),
        ("spec.containers[0].image", "spec.containers[0].image"),
        ("spec.containers[2].env[0].value", "spec.containers[name=c].env[name=E].value"),
        ("spec.gone[4].x", "spec.gone[4].x"),
        ('metadata["a/b"][0]', 'metadata["a/b"][0]'),
        ("[3].x", "[3].x"),
    ],
)
def test_list_items_are_called_by_their_name(path: str, expected: str) -> None:
    text = "spec: {containers: [{image: a}, {name: b}, {name: c, env: [{name: E}]}]}\n"
    assert stable_path(document(text), YamlPath.parse(path)) == expected


def test_an_item_keeps_its_path_when_another_comes_before_it() -> None:
    before, after = document("s: [{name: a}]\n"), document("s: [{name: new}, {name: a}]\n")
    assert stable_path(before, YamlPath.of("s", 0)) == stable_path(after, YamlPath.of("s", 1)) == "s[name=a]"


def test_places_severity_and_help_do_not_take_part() -> None:
    moved = BASE._replace(
        location=Location("d/a.yaml", 30, 1, 31, 2),
        severity="info",
        help="",
        url="",
        name="",
        yaml_path="x",
        fingerprint="f",
    )
    assert fingerprint(moved, "p") == fingerprint(BASE, "p")
    assert len(fingerprint(BASE, "p")) == 64


@pytest.mark.parametrize(
    "other",
    [
        BASE._replace(rule="IMG002"),
        BASE._replace(location=Location("d/b.yaml", 3, 5, 3, 9)),
        BASE._replace(resource=None),
        BASE._replace(resource=ResourceId("v1", "Pod", "test", "web")),
        BASE._replace(resource=ResourceId("v2", "Pod", "prod", "web")),
        BASE._replace(message="`redis` has no tag"),
    ],
)
def test_rule_file_object_and_message_take_part(other: Finding) -> None:
    assert fingerprint(other, "p") != fingerprint(BASE, "p")
    assert fingerprint(BASE, "q") != fingerprint(BASE, "p")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("a  b\n c", "a b c"),
        ("already on line 12, and again", "already on line, and again"),
        ("lines 3, 4 and 7 differ", "lines differ"),
        ("see b/a.yaml:12:3 for it", "see b/a.yaml for it"),
        ("11 pods on 2 nodes of nginx:1.27", "11 pods on 2 nodes of nginx:1.27"),
    ],
)
def test_messages_lose_only_their_line_numbers(message: str, expected: str) -> None:
    assert " ".join(normalised(message).split()) == expected


def test_equal_fingerprints_are_counted_in_order() -> None:
    findings = [BASE._replace(fingerprint=value) for value in ("a", "b", "a", "a")]
    assert [finding.fingerprint for finding in numbered(findings)] == ["a", "b", "a:2", "a:3"]
