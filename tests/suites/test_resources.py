from pathlib import Path

import pytest

from conftest import Write
from policylint.engine.objects import Key, completed, key_of
from policylint.suites.files import Named, SuiteError, expand, one_file
from policylint.suites.resources import load_objects, without_duplicates


def load(folder: Path, *names: str, floats: bool = True) -> list[Key]:
    return [each.key for each in load_objects([(folder / name, name) for name in names], floats=floats)]


def test_objects_get_the_default_namespace_where_their_kind_has_one(write: Write) -> None:
    folder = write(
        {
            "a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\n"
            "metadata: {name: b}\n---\napiVersion: example.com/v1\nkind: Namespace\nmetadata: {name: c}\n---\n"
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: d}\n"
        }
    )
    assert load(folder, "a.yaml") == [
        Key("v1", "Pod", "default", "a"),
        Key("v1", "Namespace", "", "b"),
        Key("example.com/v1", "Namespace", "default", "c"),
        Key("rbac.authorization.k8s.io/v1", "ClusterRole", "", "d"),
    ]


def test_kinds_that_the_suite_defines_without_namespaces() -> None:
    resource = {"apiVersion": "example.com/v1", "kind": "Tenant", "metadata": {"name": "a"}}
    scoped = completed(resource, floats=True, scoped={("example.com", "Tenant")})
    assert key_of(scoped).namespace == ""
    assert key_of(completed(resource, floats=True)).namespace == "default"


def test_numbers_become_floats_and_null_maps_empty() -> None:
    resource = {
        "kind": "Pod",
        "metadata": {"labels": None, "annotations": None, "name": None},
        "spec": {"priority": 1, "hostNetwork": True, "tolerations": [{"tolerationSeconds": 5, "key": None}]},
        "data": None,
    }
    done = completed(resource, floats=True)
    assert done["spec"] == {
        "priority": 1.0,
        "hostNetwork": True,
        "tolerations": [{"tolerationSeconds": 5.0, "key": None}],
    }
    assert isinstance(done["spec"]["priority"], float)
    assert done["spec"]["hostNetwork"] is True
    assert done["metadata"] == {"labels": {}, "annotations": {}, "name": None, "namespace": "default"}
    assert done["data"] == {}
    assert isinstance(completed(resource, floats=False)["spec"]["priority"], int)


def test_lists_are_unpacked_and_duplicates_found(write: Write) -> None:
    folder = write(
        {
            "list.yaml": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"
            "- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n",
            "again.yaml": "# a comment\napiVersion: v2\nkind: Pod\nmetadata: {name: a}\n",
        }
    )
    loaded = list(load_objects([(folder / name, name) for name in ("list.yaml", "again.yaml")], floats=True))
    assert [(each.file, each.line()) for each in loaded] == [("list.yaml", 4), ("list.yaml", 5), ("again.yaml", 2)]
    kept, left = without_duplicates(loaded)
    assert [each.key.name for each in kept] == ["a", "b"]
    assert [each.file for each in left] == ["again.yaml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [\n", "bad.yaml:2: cannot be parsed: did not find expected node content"),
        ("metadata: {name: a}\n", "bad.yaml:1: this is no Kubernetes object: it has no kind"),
    ],
)
def test_files_that_hold_no_objects(write: Write, text: str, message: str) -> None:
    folder = write({"bad.yaml": text})
    with pytest.raises(SuiteError) as caught:
        load(folder, "bad.yaml")
    assert caught.value.message == message


def test_paths_are_files_folders_and_globs(write: Write) -> None:
    folder = write({"suite/x": "", "p/a.yaml": "", "p/b.yml": "", "p/c.json": "", "p/d/e.yaml": "", "p/README.md": ""})
    base = folder / "suite"

    def names(text: str) -> list[str]:
        return [path.name for path in expand(base, Named(text, 1))]

    assert names("../p/a.yaml") == ["a.yaml"]
    assert names("../p") == ["a.yaml", "b.yml"]
    assert names("../p/*.y*ml") == ["a.yaml", "b.yml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("../p/aa.yaml", "there is no file '../p/aa.yaml'; did you mean 'a.yaml'?"),
        ("../q/a.yaml", "there is no file '../q/a.yaml': there is no folder 'q'"),
        ("../p/*.txt", "there is no file '../p/*.txt'"),
        (
            "https://example.com/a.yaml",
            (
                "'https://example.com/a.yaml' is an address on the network, and suites run offline:"
                " keep a copy beside the suite"
            ),
        ),
    ],
)
def test_paths_that_lead_nowhere(write: Write, text: str, message: str) -> None:
    folder = write({"suite/x": "", "p/a.yaml": ""})
    for function in (expand, one_file):
        with pytest.raises(SuiteError) as caught:
            function(folder / "suite", Named(text, 7))
        assert (caught.value.message, caught.value.line) == (message, 7)
