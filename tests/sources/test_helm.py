"""Charts render alike with the helm program and helm-python-sdk; whatever is wrong with one is said clearly."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from policylint.config import ChartRender
from policylint.sources.helm import render_chart
from policylint.sources.helm_backends import sdk_folder
from policylint.sources.limits import find_program, offline_environment, run_limited
from policylint.sources.rendering import Rendering

HELM = shutil.which("helm")
CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  {{- if .Values.replicas }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  template:
    spec:
      containers:
      - name: {{ .Chart.Name }}
        resources:
          {{- toYaml .Values.resources | nindent 10 }}
"""
VALUES = "replicas: 2\nresources:\n  limits:\n    memory: 1Gi\n"

Render = Callable[..., Rendering]


@pytest.fixture(params=["program", "sdk"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """An environment in which only one of the two ways to run Helm is there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    if request.param == "program":
        if HELM is None:
            pytest.skip("needs the helm program on PATH")
        (folder / "helm").symlink_to(HELM)
    elif sdk_folder() is None:
        pytest.skip("needs helm-python-sdk (the extra `helm`)")
    return {**os.environ, "PATH": str(folder)}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "web"
    write(folder, {"Chart.yaml": CHART, "values.yaml": VALUES})
    return folder


@pytest.fixture
def render(chart: Path, environment: dict[str, str]) -> Render:
    def run(files: dict[str, str] | None = None, render: ChartRender | None = None) -> Rendering:
        write(chart, files or {})
        return render_chart(chart, "charts/web", render or ChartRender("charts/web"), chart.parent, environment)

    return run


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def texts(rendering: Rendering) -> dict[str, str]:
    assert rendering.failures == ()
    return {source.path: source.text for source in rendering.sources}


def failures(rendering: Rendering) -> list[tuple[str, int, int, str]]:
    assert rendering.failures
    return [(f.location.path, f.location.line, f.location.column, f.message) for f in rendering.failures]


def line_of(rendering: Rendering, text: str) -> tuple[str, int, bool]:
    """Where the location of the first occurrence of `text` in the rendered sources is."""
    source = next(source for source in rendering.sources if text in source.text)
    index = source.text.index(text)
    place = source.location(index, index + len(text))
    assert place.rendered is not None
    return place.path, place.line, place.rendered.exact


def test_each_template_is_a_source_whose_lines_lead_back_to_it(render: Render) -> None:
    rendering = render({"templates/deployment.yaml": DEPLOYMENT})
    assert rendering.label == "chart web, release web"
    assert texts(rendering) == {
        "charts/web/templates/deployment.yaml": (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n"
            "  template:\n    spec:\n"
            "      containers:\n      - name: web\n        resources:\n          limits:\n            memory: 1Gi\n"
        )
    }
    path = "charts/web/templates/deployment.yaml"
    assert line_of(rendering, "replicas: 2") == (path, 7, True)
    assert line_of(rendering, "memory: 1Gi") == (path, 14, True)


def test_hooks_tests_and_definitions_are_kept_notes_and_partials_are_not(render: Render) -> None:
    hook = "kind: Pod\nmetadata:\n  name: test\n  annotations:\n    helm.sh/hook: test\n"
    rendering = render(
        {
            "templates/tests/t.yaml": hook,
            "templates/NOTES.txt": "Thank you",
            "templates/_helpers.tpl": '{{ define "x" }}a{{ end }}',
            "templates/empty.yaml": "{{ if false }}\na: 1\n{{ end }}",
            "templates/comment.yaml": "# nothing\n",
            "crds/c.yaml": "kind: CustomResourceDefinition\n# {{ not a template }}\n",
        }
    )
    assert texts(rendering) == {
        "charts/web/crds/c.yaml": "kind: CustomResourceDefinition\n# {{ not a template }}\n",
        "charts/web/templates/tests/t.yaml": hook,
    }


def test_the_documents_of_a_template_stay_in_its_order(render: Render) -> None:
    template = "".join(
        f"---\nkind: {kind}\nmetadata:\n  name: {name}\n" for kind, name in [("Z", "a"), ("Service", "b"), ("Z", "c")]
    )
    rendering = render({"templates/all.yaml": template})
    assert texts(rendering) == {"charts/web/templates/all.yaml": template.removeprefix("---\n")}
    assert line_of(rendering, "name: c") == ("charts/web/templates/all.yaml", 12, True)


def test_values_files_and_set_and_versions(render: Render, chart: Path) -> None:
    write(chart.parent, {"prod, big.yaml": "a: {x: 1, w: 2}\nlist: [1, 2]\n", "more.yaml": "a: {w: 3}\n"})
    template = (
        "a: {{ toJson .Values.a }}\nlist: {{ toJson .Values.list }}\nset: {{ .Values.s }}\n"
        "kube: {{ .Capabilities.KubeVersion }}\n"
        'has: {{ .Capabilities.APIVersions.Has "example.com/v1" }}\nin: {{ .Release.Namespace }}/{{ .Release.Name }}\n'
    )
    asked = ChartRender(
        "charts/web",
        values=("prod, big.yaml", "more.yaml"),
        set=("s=x\\,y", "a.z=4"),
        release="rel",
        namespace="prod",
        kube_version="1.29.3",
        api_versions=("example.com/v1",),
    )
    rendering = render({"templates/t.yaml": template}, asked)
    assert rendering.label == (
        "chart web, release rel, namespace prod, values prod, big.yaml + more.yaml, set s=x\\,y a.z=4"
    )
    assert texts(rendering)["charts/web/templates/t.yaml"] == (
        'a: {"w":3,"x":1,"z":4}\nlist: [1,2]\nset: x,y\nkube: v1.29.3\nhas: true\nin: prod/rel\n'
    )


def test_the_kubernetes_version_is_fixed_unless_set(render: Render) -> None:
    rendering = render({"templates/t.yaml": "kube: {{ .Capabilities.KubeVersion }}\n"})
    assert texts(rendering) == {"charts/web/templates/t.yaml": "kube: v1.34.0\n"}


def test_subcharts_are_found_whatever_their_folder_is_called(render: Render) -> None:
    rendering = render(
        {
            "Chart.yaml": CHART + "dependencies:\n- {name: db, alias: store, version: 1.0.0}\n",
            "charts/database/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
            "charts/database/templates/t.yaml": "of: {{ .Chart.Name }}\n",
        }
    )
    assert texts(rendering) == {"charts/web/charts/database/templates/t.yaml": "of: store\n"}
    assert line_of(rendering, "of: store") == ("charts/web/charts/database/templates/t.yaml", 1, True)


def test_a_subchart_in_an_archive_is_named_by_the_archive(render: Render, chart: Path, tmp_path: Path) -> None:
    write(tmp_path / "db", {"Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n", "templates/t.yaml": "a: 1\n"})
    (chart / "charts").mkdir()
    shutil.make_archive(str(tmp_path / "packed"), "gztar", tmp_path, "db")
    (tmp_path / "packed.tar.gz").rename(chart / "charts" / "db-1.0.0.tgz")
    rendering = render()
    assert texts(rendering) == {"charts/web/charts/db-1.0.0.tgz": "a: 1\n"}
    assert line_of(rendering, "a: 1") == ("charts/web/charts/db-1.0.0.tgz", 1, False)


def test_library_charts_render_nothing(render: Render) -> None:
    rendering = render({"Chart.yaml": CHART + "type: library\n", "templates/_x.tpl": ""})
    assert (rendering.sources, rendering.failures) == ((), ())
    assert rendering.skipped == "web is a library chart: it renders nothing by itself"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"templates/t.yaml": "a: 1\nb: {{ .Values.x.y }}\n"},
            (
                "templates/t.yaml",
                2,
                14,
                "this cannot be rendered: nil pointer evaluating interface {}.y (at `.Values.x.y`)",
            ),
            id="nil",
        ),
        pytest.param(
            {"templates/t.yaml": 'a: 1\nb: {{ fail "no\\nway" }}\n'},
            ("templates/t.yaml", 2, 7, "the chart stops here: no way"),
            id="fail",
        ),
        pytest.param(
            {"templates/t.yaml": 'b: {{ required "b is needed" .Values.b }}\n'},
            ("templates/t.yaml", 1, 7, "the chart stops here: b is needed"),
            id="required",
        ),
        pytest.param(
            {"templates/t.yaml": "a: 1\nb: {{ nope 1 }}\n"},
            ("templates/t.yaml", 2, 1, 'this is not a template: function "nope" not defined'),
            id="function",
        ),
        pytest.param(
            {"templates/t.yaml": "a: 1\n{{ if .Values.x }}\n"},
            ("templates/t.yaml", 2, 1, "this is not a template: unexpected EOF"),
            id="unclosed",
        ),
        pytest.param(
            {
                "templates/t.yaml": 'b: {{ include "h" . }}\n',
                "templates/_h.tpl": '{{ define "h" }}\n{{ .Values.q.z }}\n{{ end }}',
            },
            (
                "templates/_h.tpl",
                2,
                11,
                (
                    "this cannot be rendered: nil pointer evaluating interface {}.z (at `.Values.q.z`); "
                    "used by charts/web/templates/t.yaml:1"
                ),
            ),
            id="in a helper",
        ),
        pytest.param(
            {
                "templates/t.yaml": 'b: {{ include "h" . }}\n',
                "templates/_h.tpl": '{{ define "h" }}{{ include "h" . }}{{ end }}',
            },
            ("templates/t.yaml", 1, 7, "the template h includes itself without end"),
            id="recursion",
        ),
        pytest.param(
            {"templates/t.yaml": "# text\n\njust words\n"},
            ("templates/t.yaml", 3, 1, "this renders to plain text, where helm wants Kubernetes objects"),
            id="text",
        ),
        pytest.param(
            {"values.yaml": "a:\n  - b\n  c: [\n"},
            ("values.yaml", 3, 3, "this is not YAML: did not find expected '-' indicator"),
            id="values",
        ),
        pytest.param(
            {"values.yaml": "- a\n"},
            ("values.yaml", 1, 1, "helm cannot read this file: it holds no mapping"),
            id="list",
        ),
        pytest.param(
            {"Chart.yaml": CHART + "x: [\n"},
            ("Chart.yaml", 5, 1, "this is not YAML: did not find expected node content"),
            id="chart",
        ),
        pytest.param(
            {"Chart.yaml": "version: 1\n"}, ("Chart.yaml", 1, 1, "Chart.yaml does not name the chart"), id="name"
        ),
        pytest.param(
            {"Chart.yaml": "apiVersion: v2\nname: web\nversion: x\n"},
            ("Chart.yaml", 1, 1, 'helm cannot render this chart: validation: chart.metadata.version "x" is invalid'),
            id="version",
        ),
        pytest.param(
            {"Chart.yaml": CHART + "kubeVersion: '>=1.99'\n"},
            ("Chart.yaml", 4, 14, "chart requires kubeVersion: >=1.99 which is incompatible with Kubernetes v1.34.0"),
            id="kubeVersion",
        ),
        pytest.param(
            {"Chart.yaml": CHART + "dependencies:\n- version: 1.0.0\n  repository: https://example.com\n  name: db\n"},
            ("Chart.yaml", 7, 9, "the dependency db is not in charts/, so the chart cannot be rendered"),
            id="dependency",
        ),
        pytest.param(
            {"values.schema.json": '{"properties": {"replicas": {"type": "string"}}}'},
            ("values.yaml", 1, 11, "the chart's schema refuses the value replicas: got number, want string"),
            id="schema",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_line(
    render: Render, files: dict[str, str], expected: tuple[str, int, int, str]
) -> None:
    path, *rest = expected
    assert failures(render(files)) == [(f"charts/web/{path}", *rest)]


def test_text_that_is_no_yaml_is_handed_on_for_its_reader(render: Render) -> None:
    rendering = render({"templates/t.yaml": "a: 1\nb: {{ .Values.replicas }}: [\n", "templates/u.yaml": "kind: U\n"})
    assert texts(rendering) == {
        "charts/web/templates/t.yaml": "a: 1\nb: 2: [\n",
        "charts/web/templates/u.yaml": "kind: U\n",
    }
    assert line_of(rendering, ": [") == ("charts/web/templates/t.yaml", 2, True)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (ChartRender("web", release="--post-renderer=x"), "'--post-renderer=x' cannot be the name of a release"),
        (ChartRender("web", namespace="a b"), "'a b' cannot be the name of a namespace"),
        (ChartRender("web", kube_version="new"), "kube-version 'new' is not a version, such as 1.34 or 1.34.2"),
        (ChartRender("web", api_versions=("-x",)), "api-version '-x' is not one, such as apps/v1"),
    ],
)
def test_options_that_helm_would_misread_are_refused(render: Render, asked: ChartRender, message: str) -> None:
    assert failures(render(None, asked)) == [("charts/web/Chart.yaml", 1, 1, message)]


def test_bad_set_expressions(render: Render) -> None:
    ((path, line, _, message),) = failures(render(None, ChartRender("web", set=("replicas",))))
    assert (path, line) == ("charts/web/Chart.yaml", 1)
    assert 'key "replicas" has no value' in message


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("missing.yaml", None, 1, "the values file missing.yaml does not exist"),
        ("../outside.yaml", "a: 1\n", 1, "the values file ../outside.yaml lies outside of the project"),
        (
            "https://example.com/v.yaml",
            None,
            1,
            "the values file https://example.com/v.yaml lies outside of the project",
        ),
        ("list.yaml", "# values\n- a\n", 2, "a values file holds a mapping"),
        ("bad.yaml", "a: 1\nb: ]\n", 2, "this is not YAML: did not find expected node content"),
        ("binary.yaml", "\udcff", 1, "this file is not UTF-8 text"),
    ],
)
def test_values_files_that_cannot_be_used(
    render: Render, chart: Path, name: str, text: str | None, line: int, message: str
) -> None:
    if text is not None:
        (chart.parent / name).write_bytes(text.encode(errors="surrogateescape"))
    ((path, at, _, said),) = failures(render(None, ChartRender("web", values=(name,))))
    assert path.endswith(Path(name).name)
    assert (at, said) == (line, message)


def test_links_out_of_the_project_are_refused(render: Render, chart: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("key: 1\n")
    (chart / "stolen").symlink_to(tmp_path / "secret")
    (chart / "nowhere").symlink_to("gone")
    (chart / "round").symlink_to(".")
    (chart.parent / "common").mkdir()
    (chart / "common").symlink_to("../common")
    assert failures(render()) == [
        ("charts/web/nowhere", 1, 1, "this link in the chart leads nowhere"),
        ("charts/web/round", 1, 1, "this link leads to a folder that contains it"),
        (
            "charts/web/stolen",
            1,
            1,
            "this link leads out of the chart and of the project, so the chart is not rendered",
        ),
    ]


def test_a_schema_on_the_network_is_left_out_and_noted(render: Render, chart: Path) -> None:
    before = {path: path.read_bytes() for path in chart.rglob("*") if path.is_file()}
    rendering = render(
        {
            "values.schema.json": '{"$ref": "https://example.com/s.json"}',
            "templates/t.yaml": "a: 1\nb: {{ .Values.x }}\n",
        }
    )
    assert texts(rendering) == {"charts/web/templates/t.yaml": "a: 1\nb:\n"}
    (note,) = rendering.notes
    assert note == (
        "charts/web/values.schema.json refers to https://example.com/s.json, which is not fetched: "
        "the values were not checked against it"
    )
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_chart_without_end_is_stopped(render: Render) -> None:
    ((path, line, _, message),) = failures(render({"templates/t.yaml": "{{ range until 1000000000 }}x{{ end }}\n"}))
    assert (path, line) == ("charts/web/Chart.yaml", 1)
    assert message.startswith("rendering this chart ")


def test_not_a_chart(environment: dict[str, str], tmp_path: Path) -> None:
    rendering = render_chart(tmp_path, "x", ChartRender("x"), tmp_path, environment)
    assert failures(rendering) == [("x/Chart.yaml", 1, 1, "this folder is not a chart: it has no Chart.yaml")]


def test_without_helm_the_failure_says_what_to_install(
    chart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policylint.sources.helm_backends.sdk_folder", lambda: None)
    rendering = render_chart(chart, ".", ChartRender("."), chart, {"PATH": str(tmp_path)})
    (failure,) = rendering.failures
    assert failure.location.path == "Chart.yaml"
    assert failure.message == "rendering a chart needs helm on PATH or helm-python-sdk; neither is there"
    assert failure.help == "install helm, or helm-python-sdk with `pip install 'policylint[helm]'`"


@pytest.mark.skipif(sdk_folder() is None, reason="needs helm-python-sdk (the extra `helm`)")
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            ChartRender("web", set=("n=1000000",)),
            "integers of seven and more digits are only supported by the helm program",
        ),
        (
            ChartRender("web", set=("l[0]=1",), values=("web/values.yaml",)),
            "a list index on top of values files is only supported by the helm program",
        ),
    ],
)
def test_what_the_sdk_would_render_otherwise_is_refused(
    chart: Path, tmp_path: Path, asked: ChartRender, message: str
) -> None:
    rendering = render_chart(chart, "web", asked, chart.parent, {"PATH": str(tmp_path)})
    assert failures(rendering) == [
        ("web/Chart.yaml", 1, 1, f"helm cannot render this chart: set {asked.set[0]}: {message}")
    ]


def test_both_ways_render_alike(chart: Path, tmp_path: Path) -> None:
    if HELM is None or sdk_folder() is None:
        pytest.skip("needs the helm program on PATH and helm-python-sdk")
    write(
        chart,
        {
            "templates/deployment.yaml": DEPLOYMENT,
            "templates/more.yaml": (
                "{{ range until 2 }}\n---\nkind: Service\nname: s{{ . }}\n---\nkind: Job\nname: j{{ . }}\n"
                'annotations:\n  "helm.sh/hook": pre-install\n{{ end }}'
            ),
            "templates/old.yaml": "kind: X\nmetadata:\n  annotations:\n    helm.sh/hook: crd-install\n",
            "crds/c.yaml": "kind: A\n---\nkind: B\n",
        },
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "helm").symlink_to(HELM)
    renders = [
        render_chart(chart, "web", ChartRender("web"), chart, {**os.environ, "PATH": path})
        for path in (str(tmp_path / "bin"), str(tmp_path))
    ]
    first, second = ([(source.path, source.text) for source in render.sources] for render in renders)
    assert first == second
    assert dict(first)["web/templates/more.yaml"] == (
        "kind: Service\nname: s0\n---\nkind: Service\nname: s1\n---\n"
        'kind: Job\nname: j0\nannotations:\n  "helm.sh/hook": pre-install\n---\n'
        'kind: Job\nname: j1\nannotations:\n  "helm.sh/hook": pre-install\n'
    )


def test_programs_of_the_current_folder_are_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "helm").write_text("#!/bin/sh\n")
    (tmp_path / "helm").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert find_program("helm", {"PATH": f".{os.pathsep}"}) is None
    assert find_program("helm", {"PATH": str(tmp_path)}) == str(tmp_path / "helm")


def test_limits_on_time_and_output_end_a_program_and_its_children(tmp_path: Path) -> None:
    environment = offline_environment(tmp_path, os.environ)
    shell = shutil.which("sh") or "/bin/sh"
    slow = run_limited([shell, "-c", "echo begun; sleep 60 & wait"], tmp_path, environment, time_limit=0.5)
    assert (slow.exceeded, slow.output) == ("time", b"begun\n")
    loud = run_limited([shell, "-c", "while :; do echo xxxxxxxx; done"], tmp_path, environment, output_limit=1000)
    assert loud.exceeded == "output"
    fine = run_limited([shell, "-c", "cat; echo e >&2; exit 3"], tmp_path, environment, b"in")
    assert fine[:4] == (3, b"in", "e\n", "")
