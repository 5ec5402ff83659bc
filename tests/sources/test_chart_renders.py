"""Which renders of a chart there are: what the configuration asks for, and the values that the chart is tested with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policylint.config import ChartRender, Config
from policylint.config.file import load_config
from policylint.errors import ConfigError
from policylint.sources.charts import ci_values, render_name
from policylint.sources.discover import discover

Write = Callable[[dict[str, str]], Path]

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"


def found(config: Config) -> list[tuple[int, str, bool]]:
    return [(target.render, target.ci, target.wanting) for target in discover(["."], config).targets]


@pytest.fixture
def project(write: Write) -> Path:
    files = {"web/Chart.yaml": CHART, "web/templates/a.yaml": "", "web/charts/sub/ci/x-values.yaml": ""}
    return write({**files, "web/ci/b-values.yaml": "", "web/ci/a-values.yaml": "", "web/ci/notes.yaml": ""})


def test_ci_values_are_those_that_chart_testing_takes(project: Path) -> None:
    assert ci_values(project / "web") == ["ci/a-values.yaml", "ci/b-values.yaml"]


def test_a_chart_is_rendered_with_its_defaults_and_with_each_of_its_ci_values(project: Path) -> None:
    assert found(Config(root=str(project))) == [
        (-1, "", True),
        (-1, "ci/a-values.yaml", False),
        (-1, "ci/b-values.yaml", False),
    ]


@pytest.mark.parametrize(
    ("charts", "expected"),
    [
        pytest.param((ChartRender("web", namespace="shop"),), ["", "a", "b"], id="nothing about values"),
        pytest.param((ChartRender("web", values=("web/ci/a-values.yaml",)),), [""], id="values"),
        pytest.param((ChartRender("web", set=("a=1",)),), [""], id="set"),
        pytest.param((ChartRender("web"), ChartRender("web", set=("a=1",))), ["", ""], id="one of two entries"),
        pytest.param((ChartRender("web", ci_values=False),), [""], id="turned off"),
        pytest.param((ChartRender("web", set=("a=1",), ci_values=True),), ["", "a", "b"], id="turned on"),
    ],
)
def test_values_in_the_configuration_decide(
    project: Path, charts: tuple[ChartRender, ...], expected: list[str]
) -> None:
    targets = found(Config(root=str(project), charts=charts))
    assert [ci.removeprefix("ci/").removesuffix("-values.yaml") for _, ci, _ in targets] == expected


def test_a_chart_with_very_many_ci_values_says_which_are_left_out(project: Path, write: Write) -> None:
    write({f"web/ci/n{number:02}-values.yaml": "" for number in range(40)})
    discovery = discover(["."], Config(root=str(project)))
    assert len(discovery.targets) == 33
    left_out = [item for item in discovery.not_judged if item.what == "values file"]
    assert (len(left_out), left_out[0].path) == (10, "web/ci/n30-values.yaml")


@pytest.mark.parametrize(
    ("render", "ci", "name"),
    [
        (ChartRender("web"), "", "default values"),
        (ChartRender("web"), "ci/a-values.yaml", "ci/a-values.yaml"),
        (ChartRender("web", values=("a.yaml", "b.yaml"), set=("x=1",)), "", "a.yaml + b.yaml, set x=1"),
        (ChartRender("web", release="r", namespace="n"), "", "default values, release r, namespace n"),
        (ChartRender("web", values=("a.yaml",), name="small"), "", "small"),
    ],
)
def test_what_a_render_is_called(render: ChartRender, ci: str, name: str) -> None:
    assert render_name(render, ci) == name


def configured(folder: Path, text: str) -> Any:
    file = folder / "policylint.yaml"
    file.write_text(text)
    return load_config(file).charts


def test_renders_stand_on_what_their_entry_says(tmp_path: Path) -> None:
    text = (
        "charts:\n- path: web\n  values: base.yaml\n  set: [a=1]\n  namespace: shop\n  renders:\n"
        "  - {name: small}\n  - {name: large, values: [large.yaml], set: {b: 2}, namespace: big}\n"
    )
    common = ChartRender("web", ci_values=False)
    assert configured(tmp_path, text) == (
        common._replace(name="small", values=("base.yaml",), set=("a=1",), namespace="shop"),
        common._replace(name="large", values=("base.yaml", "large.yaml"), set=("a=1", "b=2"), namespace="big"),
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("renders: []", "charts[0].renders is empty: name a render, or remove the key"),
        ("renders: [{values: a.yaml}]", "charts[0].renders[0] lacks the key 'name'"),
        ("renders: [{name: a}, {name: a}]", "charts[0].renders[1]: there are two renders called 'a'"),
        ("renders: [{name: a, path: b}]", "unknown key 'path' in charts[0].renders[0]"),
        (
            "renders: [{name: a}]\n  ci-values: true",
            "charts[0] has both 'renders' and 'ci-values': name the ci values among the renders",
        ),
        ("ci-values: some", "charts[0].ci-values takes true or false, but is 'some'"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(tmp_path, f"charts:\n- path: web\n  {entry}\n")
    assert message in str(refused.value)
