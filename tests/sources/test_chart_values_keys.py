"""The values key that sets a rendered value is found by rendering with it, or it is said that none was found."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policylint.config import ChartRender
from policylint.document.document import Document
from policylint.model import Operation, RemoveKey, SetValue, YamlPath
from policylint.sources import values_search
from policylint.sources.documents import load_documents
from policylint.sources.helm import render_chart
from policylint.sources.helm_backends import sdk_folder
from policylint.sources.template_values import definitions_of, references
from policylint.sources.values_files import ValuesFiles, is_below
from policylint.sources.values_keys import how_to_change, values_key_for

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n"
SURGE = YamlPath.of("spec", "strategy", "rollingUpdate", "maxSurge")

Load = Callable[..., Document]


@pytest.fixture(params=["program", "sdk"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """An environment in which only one of the two ways to run Helm is there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    if request.param == "program":
        program = shutil.which("helm")
        if program is None:
            pytest.skip("needs the helm program on PATH")
        (folder / "helm").symlink_to(program)
    elif sdk_folder() is None:
        pytest.skip("needs helm-python-sdk (the extra `helm`)")
    return {**os.environ, "PATH": str(folder)}


@pytest.fixture
def load(tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Load:
    """The first Deployment of a chart of these files, its template beginning with HEAD."""
    monkeypatch.chdir(tmp_path)

    def loaded(spec: str, values: str, files: dict[str, str] | None = None, /, **render: Any) -> Document:
        every = {"web/Chart.yaml": CHART, "web/values.yaml": values, "web/templates/d.yaml": HEAD + spec}
        for name, text in {**every, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        rendering = render_chart(tmp_path / "web", "web", ChartRender("web", **render), tmp_path, environment)
        assert rendering.failures == ()
        items = (item for source in rendering.sources for item in load_documents(source))
        return next(item for item in items if isinstance(item, Document) and item.kind == "Deployment")

    return loaded


def told(document: Document, *operations: Operation) -> str:
    advice = how_to_change(document, operations or (SetValue(SURGE, 0),))
    return advice.text if advice is not None else ""


DIRECT = "  strategy:\n    rollingUpdate:\n      maxSurge: {{ .Values.rollout.maxSurge }}\n"


def test_a_key_that_the_line_names(load: Load) -> None:
    document = load(DIRECT, "rollout:\n  maxSurge: 1\n")
    key = values_key_for(document, SetValue(SURGE, 0))
    assert key is not None
    assert (str(key.path), key.value, key.given, key.also) == ("rollout.maxSurge", 0, True, ())
    assert (key.location.path, key.location.line, key.location.column) == ("web/values.yaml", 2, 13)
    advice = how_to_change(document, (SetValue(SURGE, 0),))
    assert advice is not None
    assert advice.text == "set `rollout.maxSurge: 0` in web/values.yaml:2"
    assert [(each.location, each.message) for each in advice.related] == [
        (key.location, "rollout.maxSurge is given here")
    ]


@pytest.mark.parametrize(
    ("spec", "values", "expected"),
    [
        pytest.param(
            "  {{- with .Values.strategy }}\n  strategy:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n",
            "strategy: {}\n",
            "set `strategy.rollingUpdate.maxSurge: 0` in web/values.yaml:1, which does not give it yet",
            id="a mapping that is copied, and empty so far",
        ),
        pytest.param(
            "  {{- with .Values.a.b }}\n  strategy:\n    rollingUpdate: {maxSurge: {{ .surge }}}\n  {{- end }}\n",
            "a:\n  b:\n    surge: 1\n",
            "set `a.b.surge: 0` in web/values.yaml:3",
            id="below with",
        ),
        pytest.param(
            '  strategy: {{- include "s" (dict "root" . "way" .Values.way) | nindent 4 }}\n',
            "way: {most: 1}\n",
            "set `way.most: 0` in web/values.yaml:1",
            id="in a helper that is handed a part of the values",
        ),
        pytest.param(
            "  strategy:\n    rollingUpdate:\n      {{- $way := index .Values.ways 0 }}\n"
            "      maxSurge: {{ $way.maxSurge }}\n",
            "ways:\n- {other: 2, maxSurge: 1}\n",
            "set `ways[0].maxSurge: 0` in web/values.yaml:2",
            id="in a list, which is replaced as a whole",
        ),
        pytest.param(
            "  strategy:\n    rollingUpdate:\n      maxSurge: 1\n",
            "rollout: {maxSurge: 1}\n",
            "no values key was found that sets it: edit web/templates/d.yaml:8, "
            "which renders spec.strategy.rollingUpdate.maxSurge",
            id="a number in the template, though a value is called alike",
        ),
        pytest.param(
            "  strategy:\n    rollingUpdate:\n      maxSurge: {{ max 1 .Values.maxSurge }}\n",
            "maxSurge: 2\n",
            "no values key was found that sets it: edit web/templates/d.yaml:8, "
            "which renders spec.strategy.rollingUpdate.maxSurge",
            id="a value that does not come out as it was given",
        ),
        pytest.param(
            "  replicas: 1\n",
            "replicas: 1\n",
            "no values key was found that sets it: add spec.strategy.rollingUpdate.maxSurge in web/templates/d.yaml:5",
            id="nothing there at all",
        ),
    ],
)
def test_keys_of_every_sort(load: Load, spec: str, values: str, expected: str) -> None:
    helper = '{{ define "s" }}\nrollingUpdate:\n  maxSurge: {{ .way.most }}\n{{- end }}'
    assert told(load(spec, values, {"web/templates/_h.tpl": helper})) == expected


def test_what_changes_besides_is_said(load: Load) -> None:
    other = HEAD.replace("{{ .Release.Name }}", "other") + DIRECT
    twice = DIRECT + "  revisionHistoryLimit: {{ .Values.rollout.maxSurge }}\n"
    document = load(twice, "rollout: {maxSurge: 1}\n", {"web/templates/o.yaml": other})
    assert told(document) == (
        "set `rollout.maxSurge: 0` in web/values.yaml:1 (this also changes spec.revisionHistoryLimit, Deployment/other)"
    )


def test_what_differs_by_itself_is_not_laid_at_the_keys_door(load: Load) -> None:
    other = "kind: Job\nmetadata: {name: j-{{ randAlpha 9 }}}\nx: {{ uuidv4 }}\n"
    document = load(DIRECT, "rollout: {maxSurge: 1}\n", {"web/templates/o.yaml": other})
    assert told(document) == "set `rollout.maxSurge: 0` in web/values.yaml:1"


def test_the_file_that_decides_is_named(load: Load) -> None:
    files = {"prod.yaml": "rollout:\n  maxSurge: 2\n", "more.yaml": "a: 1\n"}
    document = load(DIRECT, "rollout: {maxSurge: 1}\n", files, values=("prod.yaml", "more.yaml"))
    assert told(document) == "set `rollout.maxSurge: 0` in prod.yaml:2"


def test_an_expression_that_outranks_the_files_is_named(load: Load) -> None:
    document = load(DIRECT, "rollout: {maxSurge: 1}\n", set=("rollout.maxSurge=3",))
    assert told(document) == (
        "set `rollout.maxSurge: 0` in place of `rollout.maxSurge=3`, which the configuration sets"
    )


def test_subcharts_are_set_under_their_alias(load: Load) -> None:
    chart = (
        CHART + "dependencies:\n- {name: sub, version: 1.0.0, alias: one}\n- {name: sub, version: 1.0.0, alias: two}\n"
    )
    deployment = HEAD.replace("{{ .Release.Name }}", "{{ .Chart.Name }}") + DIRECT
    files = {
        "web/Chart.yaml": chart,
        "web/templates/d.yaml": "",
        "web/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        "web/charts/sub/values.yaml": "rollout: {maxSurge: 1}\n",
        "web/charts/sub/templates/d.yaml": deployment,
    }
    document = load("", "two: {}\n", files)
    assert (
        told(document) == f"set `{document.name}.rollout.maxSurge: 0` in web/values.yaml:1, which does not give it yet"
    )


def test_to_remove_a_value_is_to_remove_its_key(load: Load) -> None:
    spec = "  strategy: {{- toYaml .Values.strategy | nindent 4 }}\n"
    document = load(spec, "strategy:\n  type: RollingUpdate\n  rollingUpdate: {maxSurge: 1}\n")
    rolling, kind = YamlPath.of("spec", "strategy", "rollingUpdate"), YamlPath.of("spec", "strategy", "type")
    assert told(document, RemoveKey(rolling), SetValue(kind, "Recreate")) == (
        "remove `strategy.rollingUpdate` in web/values.yaml:3; set `strategy.type: Recreate` in web/values.yaml:2"
    )


def test_what_is_so_already_needs_no_key(load: Load) -> None:
    assert how_to_change(load(DIRECT, "rollout: {maxSurge: 0}\n"), (SetValue(SURGE, 0),)) is None


def test_a_search_ends_in_time_and_says_so(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values_search, "SECONDS", 0.0)
    assert told(load(DIRECT, "rollout: {maxSurge: 1}\n")).startswith("the search for a values key was stopped after")


def test_documents_of_plain_files_have_no_values() -> None:
    from policylint.document.source import Source

    (document,) = load_documents(Source("a.yaml", "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\n"))
    assert isinstance(document, Document)
    assert how_to_change(document, (SetValue(SURGE, 0),)) is None
    assert values_key_for(document, SetValue(SURGE, 0)) is None


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ .Values.a.b }}", [("a.b", 1)]),
        ("\n{{ $.Values.a }}{{ .Release.Name }}", [("a", 2)]),
        ("{{ with .Values.a }}\n{{ .b }}{{ end }}{{ .c }}", [("a", 1), ("a.b", 2)]),
        ("{{ range $k, $v := .Values.a }}{{ $v.x }}{{ end }}", [("a", 1), ("a.*.x", 1)]),
        ("{{ $x := .Values.a }}{{ $x.b }}", [("a", 1), ("a.b", 1)]),
        ('{{ index .Values.a "b-c" "d" }}', [("a.b-c.d", 1), ("a", 1)]),
        ('{{ include "h" .Values.a }}', [("a", 1), ("a.inner", 1)]),
        ('{{ "not .Values.a" }}', []),
        ("{{ if .Values.a }}x{{ else if .Values.b }}y{{ end }}", [("a", 1), ("b", 1)]),
        ("{{ unclosed", []),
    ],
)
def test_what_a_template_refers_to(template: str, expected: list[tuple[str, int]]) -> None:
    found = references(template, definitions_of(['{{ define "h" }}{{ .inner }}{{ end }}']))
    assert [(".".join(each.path), each.line) for each in found] == expected


def test_helpers_that_include_each_other_end() -> None:
    definitions = definitions_of(
        [
            '{{ define "a" }}{{ include "b" . }}{{ include "b" . }}{{ end }}{{ define "b" }}'
            '{{ .Values.x }}{{ include "a" . }}{{ include "a" . }}{{ end }}'
        ]
    )
    assert [each.path for each in references('{{ include "a" . }}', definitions)] == [("x",)]


@pytest.mark.parametrize(
    ("expression", "path", "expected"),
    [
        ("a.b=1", YamlPath.of("a", "b"), True),
        ("a=1", YamlPath.of("a", "b"), True),
        ("a.b.c=1", YamlPath.of("a", "b"), True),
        ("a.c=1", YamlPath.of("a", "b"), False),
        ("a[0].b=1", YamlPath.of("a", 0, "b"), True),
        ("a[1].b=1", YamlPath.of("a", 0, "b"), False),
        (r"a\.b=1", YamlPath.of("a.b"), True),
    ],
)
def test_which_expressions_are_about_a_key(expression: str, path: YamlPath, expected: bool) -> None:
    assert is_below(path, expression) is expected


def test_values_files_come_to_what_helm_makes_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: {b: 1, c: 2}\nl: [1, 2]\ngone: 1\n")
    (tmp_path / "b.yaml").write_text("a: {b: 3}\nl: [4]\ngone: null\n")
    files = ValuesFiles.read([(tmp_path / name, name) for name in ("a.yaml", "none.yaml", "b.yaml")])
    assert files.data == {"a": {"b": 3, "c": 2}, "l": [4]}
    assert files.with_value(YamlPath.of("l", 0), 5) == {"l": [5]}
    assert files.with_value(YamlPath.of("a", "x", "y"), 5) == {"a": {"x": {"y": 5}}}
    place, given = files.place_of(YamlPath.of("a", "c"))
    assert (place.path, place.line, given) == ("a.yaml", 1, True)
    place, given = files.place_of(YamlPath.of("a", "z"))
    assert (place.path, place.line, given) == ("b.yaml", 1, False)
