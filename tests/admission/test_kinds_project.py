"""The kinds that a project's own definitions add."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policylint.admission.kinds.definitions import kinds_in
from policylint.admission.kinds.project import ProjectKinds
from policylint.errors import UsageError

Write = Callable[[Mapping[str, str]], Path]

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  names: {kind: Widget, plural: widgets}
  scope: Cluster
  versions:
  - {name: v1, served: true, storage: true, subresources: {status: {}, scale: {}}}
  - {name: v1alpha1, served: false, storage: false}
"""


def found(text: str) -> list[tuple[str, str, bool, tuple[str, ...] | None]]:
    return [(kind.api_version, kind.name, kind.namespaced, kind.subresources) for kind in kinds_in(text)]


def test_a_definition() -> None:
    assert found(CRD) == [("example.org/v1", "Widget", False, ("status", "scale"))]


def test_a_definition_whose_scope_is_not_said_is_namespaced() -> None:
    assert found(CRD.replace("  scope: Cluster\n", ""))[0][2]


def test_a_composite_resource_and_its_claim() -> None:
    text = """\
kind: CompositeResourceDefinition
spec:
  group: example.org
  names: {kind: XDatabase}
  claimNames: {kind: Database}
  versions: [{name: v1}]
"""
    assert found(text) == [
        ("example.org/v1", "XDatabase", False, ("status",)),
        ("example.org/v1", "Database", True, ("status",)),
    ]


def test_a_constraint_template() -> None:
    kinds = found("kind: ConstraintTemplate\nspec: {crd: {spec: {names: {kind: K8sLabels}}}}\n")
    assert kinds[0] == ("constraints.gatekeeper.sh/v1", "K8sLabels", False, ("status",))


def test_a_template_is_read_by_its_lines() -> None:
    text = "{{ if x }}\n---\n" + CRD.replace("example.org", "{{ .Values.group }}").replace(
        "names: {kind: Widget, plural: widgets}", "names:\n    kind: Widget"
    )
    assert found(text) == [("", "Widget", False, None)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: [",
        "- 1",
        "kind: CustomResourceDefinition",
        "kind: CustomResourceDefinition\nspec: {versions: 1}",
        "kind: CustomResourceDefinition\nspec: {names: {kind: [x]}, versions: [1, {name: 2}]}",
        "kind: List\nitems: {a: b}",
        "kind: ConstraintTemplate\nspec: {crd: 1}",
        "kind: CompositeResourceDefinition\nspec: {group: 1, versions: [x]}",
    ],
)
def test_garbage_defines_nothing(text: str) -> None:
    assert found(text) == []


def test_folders_are_searched(write: Write) -> None:
    write({"a/crds/one.yaml": CRD, "a/node_modules/two.yaml": CRD, "a/notes.txt": CRD, "a/other.yaml": "kind: Pod"})
    assert [kind.name for kind in ProjectKinds(paths=["a"]).found] == ["Widget"]


def test_what_lies_beside_a_file_counts_and_not_what_lies_below(write: Write) -> None:
    write({"policy.yaml": "kind: Pod", "crd.yaml": CRD, "below/crd.yaml": CRD})
    assert [kind.name for kind in ProjectKinds(paths=["policy.yaml"]).found] == ["Widget"]


def test_a_file_is_read_once(write: Write) -> None:
    write({"a/crd.yaml": CRD})
    assert len(ProjectKinds(paths=["a", "a/crd.yaml", "."]).found) == 1


def test_texts_that_are_no_files(write: Write) -> None:
    write({})
    assert [kind.name for kind in ProjectKinds(paths=["-"], overlay={"-": CRD.encode()}).found] == ["Widget"]
    assert ProjectKinds(paths=["-", "gone.yaml", "gone/"]).found == ()


def test_nothing_is_read_before_it_is_asked_for(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"a/crd.yaml": CRD})
    reads: list[Path] = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: reads.append(path) or original(path))
    project = ProjectKinds(["a"], ["a"])
    assert reads == []
    assert len(project.found) == len(project.found) == len(reads) == 1


def test_named_definitions(write: Write) -> None:
    write({"a/crd.yaml": CRD, "a/other.yaml": "kind: Pod\n"})
    assert [kind.name for kind in ProjectKinds(["a/crd.yaml"]).named] == ["Widget"]
    assert [kind.name for kind in ProjectKinds(["a"]).named] == ["Widget"]


@pytest.mark.parametrize(
    ("path", "why"), [("gone.yaml", "there is no such file or folder"), ("pod.yaml", "it holds none")]
)
def test_a_named_path_without_definitions_is_wrong_usage(write: Write, path: str, why: str) -> None:
    write({"pod.yaml": "kind: Pod\n"})
    with pytest.raises(UsageError, match=f"there are no CustomResourceDefinitions at {path}: {why}"):
        _ = ProjectKinds([path]).named
