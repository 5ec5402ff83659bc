"""Kustomizations are built offline, and what they make is traced to the files that it came from."""

import shutil
from pathlib import Path

import pytest

from policylint.sources.kustomize import kustomization_parts, render_kustomization
from policylint.sources.kustomize_origins import read_built
from policylint.sources.rendering import Rendering

needs_kustomize = pytest.mark.skipif(
    shutil.which("kustomize") is None and shutil.which("kubectl") is None, reason="needs kustomize or kubectl on PATH"
)

DEPLOYMENT = """\
# the web server
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    team: a
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1.0
      - name: log
        image: log:1.0
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def render(shown: str) -> Rendering:
    return render_kustomization(Path(shown), shown)


def texts(rendering: Rendering) -> dict[str, str]:
    assert rendering.failures == ()
    return {source.path: source.text for source in rendering.sources}


def failures(shown: str) -> list[tuple[str, int, int, str]]:
    rendering = render(shown)
    assert rendering.sources == ()
    return [(f.location.path, f.location.line, f.location.column, f.message) for f in rendering.failures]


def line_of(rendering: Rendering, text: str) -> tuple[str, int, int, bool]:
    source = next(source for source in rendering.sources if text in source.text)
    index = source.text.index(text)
    place = source.location(index, index + len(text))
    assert place.rendered is not None
    return place.path, place.line, place.column, place.rendered.exact


@needs_kustomize
def test_documents_lead_back_to_the_files_and_lines_that_they_are_from(project: Path) -> None:
    write(
        project,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator:\n- name: cfg\n  literals: [a=b]\n",
            "base/web.yaml": f"kind: Service\napiVersion: v1\nmetadata: {{name: web}}\n---\n{DEPLOYMENT}",
            "prod/kustomization.yaml": "resources: [../base]\nnamePrefix: p-\npatches: [{path: patch.yaml}]\n",
            "prod/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n",
        },
    )
    before = sorted(project.rglob("*"))
    rendering = render("prod")
    assert sorted(project.rglob("*")) == before
    assert rendering.label == "kustomization prod"
    built = texts(rendering)
    assert list(built) == ["base/kustomization.yaml", "base/web.yaml"]
    assert "origin" not in "".join(built.values())
    assert "  annotations:\n    team: a\n  name: p-web\n" in built["base/web.yaml"]
    assert "metadata:\n  name: p-web\n---\n" in built["base/web.yaml"]
    assert line_of(rendering, "kind: Service") == ("base/web.yaml", 1, 1, True)
    assert line_of(rendering, "team: a") == ("base/web.yaml", 11, 5, True)
    assert line_of(rendering, "image: log:1.0") == ("base/web.yaml", 20, 9, True)
    assert line_of(rendering, "replicas: 5") == ("base/web.yaml", 1, 1, False)
    assert line_of(rendering, "name: p-web") == ("base/web.yaml", 1, 1, False)
    assert line_of(rendering, "a: b") == ("base/kustomization.yaml", 1, 1, False)


@needs_kustomize
def test_items_that_moved_are_known_by_their_names(project: Path) -> None:
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - {name: new, image: 'new:1'}\n"
    )
    write(
        project,
        {
            "kustomization.yaml": "resources: [web.yaml]\npatches: [{path: patch.yaml}]\n",
            "web.yaml": DEPLOYMENT,
            "patch.yaml": patch,
        },
    )
    rendering = render(".")
    assert line_of(rendering, "image: new:1") == ("web.yaml", 1, 1, False)
    assert line_of(rendering, "image: nginx:1.0") == ("web.yaml", 14, 9, True)
    assert line_of(rendering, "image: log:1.0") == ("web.yaml", 16, 9, True)


@needs_kustomize
def test_a_component_is_built_where_it_is_included(project: Path) -> None:
    write(
        project,
        {
            "kustomization.yaml": "resources: [web.yaml]\ncomponents: [part]\n",
            "web.yaml": DEPLOYMENT,
            "part/kustomization.yaml": "kind: Component\nnameSuffix: -x\n",
        },
    )
    assert "name: web-x\n" in texts(render("."))["web.yaml"]
    component = render("part")
    assert (component.sources, component.failures) == ((), ())
    assert component.skipped == "a component renders nothing by itself, only where a kustomization includes it"


@pytest.mark.parametrize(
    "entry",
    [
        "https://example.com/a.yaml",
        "git@github.com:a/b.git//c?ref=v1",
        "github.com/a/b//c?ref=v1",
        "git::https://example.com/a",
        "ssh://git@example.com/a.git",
        "gh:a/b",
        "example.com/a/b.git",
        "example.com/a/b?ref=main",
    ],
)
def test_anything_remote_is_refused_at_its_entry(project: Path, entry: str) -> None:
    write(project, {"kustomization.yaml": f"namePrefix: a-\nresources:\n- {entry}\n"})
    message = f"resources names {entry}, which is not on this machine; policylint fetches nothing"
    assert failures(".") == [("kustomization.yaml", 3, 3, message)]


def test_remote_entries_of_bases_are_found_too(project: Path) -> None:
    write(
        project,
        {
            "top/kustomization.yaml": "resources:\n- ../base\n",
            "base/kustomization.yaml": "patches:\n- path: https://example.com/p.yaml\n",
        },
    )
    message = "patches names https://example.com/p.yaml, which is not on this machine; policylint fetches nothing"
    assert failures("top") == [("base/kustomization.yaml", 2, 9, message)]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (
            "helmCharts:\n- name: x\n  repo: https://example.com\n",
            1,
            1,
            "helmCharts runs helm, and may fetch charts; policylint renders kustomizations without it",
        ),
        (
            "namePrefix: a\ngenerators:\n- plugin.yaml\n",
            3,
            3,
            "generators configures a plugin, which policylint does not run",
        ),
        (
            "transformers:\n- |-\n  apiVersion: x/v1\n  kind: X\n  metadata: {name: x}\n",
            2,
            3,
            "transformers configures a plugin, which policylint does not run",
        ),
        (
            "generators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n",
            2,
            3,
            "generators configures a plugin, which policylint does not run",
        ),
        ("resources:\n- gone.yaml\n", 2, 3, "resources names gone.yaml, which does not exist"),
        ("configMapGenerator:\n- files: [k=gone]\n", 2, 11, "configMapGenerator names gone, which does not exist"),
        ("resources: [folder]\n", 1, 13, "resources names folder, a folder without a kustomization"),
        ("resources: [.]\n", 1, 13, ". leads back to a kustomization that uses it"),
        ("resources: [web.yaml\n", 2, 1, "this is not YAML: did not find expected ',' or ']'"),
        ("- a\n", 1, 1, "a kustomization is a mapping"),
        ("# nothing\n", 1, 1, "this kustomization is empty"),
    ],
)
def test_what_cannot_be_built_is_refused_at_its_line(
    project: Path, text: str, line: int, column: int, message: str
) -> None:
    write(project, {"kustomization.yaml": text, "plugin.yaml": "apiVersion: a/v1\nkind: B\n", "folder/x.yaml": ""})
    ((path, *place, said),) = failures(".")
    assert (path, tuple(place)) == ("kustomization.yaml", (line, column))
    assert said.startswith(message)


def test_a_cycle_of_bases(project: Path) -> None:
    write(
        project,
        {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "namePrefix: x\nresources: [../a]\n"},
    )
    assert failures("a") == [("b/kustomization.yaml", 2, 13, "../a leads back to a kustomization that uses it")]


@needs_kustomize
def test_a_resource_that_is_no_yaml_is_blamed_itself(project: Path) -> None:
    write(project, {"k/kustomization.yaml": "resources: [x.yaml]\n", "k/x.yaml": "a: 1\nb: ]\n"})
    ((path, line, column, message),) = failures("k")
    assert (path, line, column) == ("k/x.yaml", 2, 4)
    assert message.startswith("this is not YAML: ")


@needs_kustomize
def test_what_kustomize_itself_refuses_is_said_at_the_entry_it_names(project: Path) -> None:
    write(
        project,
        {
            "k/kustomization.yaml": "resources:\n- a.yaml\n- ../outside.yaml\n",
            "k/a.yaml": DEPLOYMENT,
            "outside.yaml": DEPLOYMENT,
        },
    )
    ((path, line, column, message),) = failures("k")
    assert (path, line, column) == ("k/kustomization.yaml", 3, 3)
    assert "is not in or below" in message


@needs_kustomize
def test_builtin_plugins_are_allowed(project: Path) -> None:
    plugin = (
        "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: q-\n"
        "fieldSpecs: [{path: metadata/name}]\n"
    )
    write(
        project,
        {
            "kustomization.yaml": "resources: [web.yaml]\ntransformers: [p.yaml]\n",
            "web.yaml": DEPLOYMENT,
            "p.yaml": plugin,
        },
    )
    assert "name: q-web\n" in texts(render("."))["web.yaml"]


def test_without_kustomize_the_failure_says_what_to_install(project: Path, tmp_path: Path) -> None:
    write(project, {"kustomization.yaml": "resources: []\n"})
    (failure,) = render_kustomization(project, ".", {"PATH": str(tmp_path)}).failures
    assert failure.message == "rendering a kustomization needs kustomize or kubectl on PATH; neither is there"
    assert failure.help == "install kustomize or kubectl"


def test_not_a_kustomization(project: Path) -> None:
    assert failures(".") == [(".", 1, 1, "this folder holds no kustomization")]


def test_the_parts_of_a_kustomization(project: Path) -> None:
    names = [
        "a.yaml",
        "p1.yaml",
        "p2.yaml",
        "p3.yaml",
        "r.yaml",
        "c.yaml",
        "crd.json",
        "f.txt",
        "s.env",
        "t.yaml",
        "unused.yaml",
    ]
    write(project, dict.fromkeys(names, "a: 1\n"))
    (project / "base").mkdir()
    (project / "part").mkdir()
    write(
        project,
        {
            "kustomization.yml": (
                "resources: [a.yaml, base, gone.yaml, 'https://example.com/x.yaml']\ncomponents: [part]\n"
                "patches: [{path: p1.yaml}, {patch: '[]'}]\npatchesStrategicMerge: [p2.yaml, \"a: 1\\nb: 2\\n\"]\n"
                "patchesJson6902: [{path: p3.yaml}]\nreplacements: [{path: r.yaml}, {source: {}}]\n"
                "configurations: [c.yaml]\ncrds: [crd.json]\nconfigMapGenerator: [{files: [key=f.txt]}]\n"
                "secretGenerator: [{envs: [s.env]}, 7]\ntransformers: [t.yaml]\ngenerators: 3\n"
            )
        },
    )
    expected = {*names, "base", "part"} - {"unused.yaml"}
    assert {path.relative_to(project).as_posix() for path in kustomization_parts(project)} == expected
    assert kustomization_parts(project / "base") == set()


def test_only_the_origin_is_taken_out_of_the_annotations() -> None:
    text = (
        "kind: A\nmetadata:\n  annotations:\n    a: 1\n    config.kubernetes.io/origin: |\n      path: ../x/a.yaml\n"
        "    z: 2\n"
        "  name: a\n---\nkind: B\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n"
        "      configuredIn: ../x/kustomization.yaml\n      configuredBy:\n"
        "        kind: ConfigMapGenerator\n  name: b\n"
        "---\nkind: C\n"
    )
    assert read_built(text) == [
        ("kind: A\nmetadata:\n  annotations:\n    a: 1\n    z: 2\n  name: a\n", "../x/a.yaml", False),
        ("kind: B\nmetadata:\n  name: b\n", "../x/kustomization.yaml", True),
        ("kind: C\n", "", False),
    ]
