"""`policylint init`: the file it writes loads, lists the charts, and overwrites nothing unasked."""

import argparse
import re
from pathlib import Path

import pytest
import yaml

from policylint.cli.init import add_arguments, run
from policylint.config import ChartRender, Config
from policylint.config.file import load_config
from policylint.errors import ConfigError, UsageError


def init(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(words))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def chart(folder: Path, text: str = "name: app\n") -> None:
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text(text)


def with_examples(text: str) -> str:
    """The configuration with every example switched on."""
    return re.sub(r"^( *)#(?! [^ ])", r"\1", text, flags=re.MULTILINE)


def test_a_folder_without_charts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init() == 0
    assert capsys.readouterr() == ("wrote policylint.yaml\n", "")
    assert load_config(folder / "policylint.yaml") == Config(root=str(folder), file="policylint.yaml")


def test_the_examples_are_right(folder: Path) -> None:
    init()
    file = folder / "policylint.yaml"
    file.write_text(with_examples(file.read_text()))
    config = load_config(file)
    unset = [key for key in config._fields if getattr(config, key) == Config._field_defaults[key]]
    assert unset == ["rule_paths", "rules", "baseline", "crds"]
    assert config.charts == (ChartRender("charts/app", ("charts/app/values-production.yaml",), ("image.tag=1.2.3",)),)


def test_charts_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart(folder / "charts" / "app")
    for name in ("values.yaml", "values-prod.yaml", "values.dev.yaml"):
        (folder / "charts" / "app" / name).write_text("")
    (folder / "charts" / "app" / "ci").mkdir()
    (folder / "charts" / "app" / "ci" / "small-values.yaml").write_text("")
    chart(folder / "charts" / "app" / "charts" / "part")
    chart(folder / "charts" / "common", "name: common\ntype: library\n")
    chart(folder / "node_modules" / "other")
    chart(folder / ".hidden" / "other")
    chart(folder / "0x10")
    chart(folder / 'it\'s: "odd" # é')
    assert init() == 0
    assert capsys.readouterr().out == "wrote policylint.yaml, with 3 charts\n"
    file = folder / "policylint.yaml"
    assert [render.path for render in load_config(file).charts] == ["0x10", "charts/app", 'it\'s: "odd" # é']
    assert re.findall(r"^  #values: .*$", file.read_text(), re.MULTILINE) == [
        "  #values: [charts/app/values-prod.yaml]",
        "  #values: [charts/app/values.dev.yaml]",
        "  #values: [charts/app/ci/small-values.yaml]",
    ]


def test_the_folder_is_a_chart_itself(folder: Path) -> None:
    chart(folder / "app")
    assert init("app") == 0
    assert [render.path for render in load_config(folder / "app" / "policylint.yaml").charts] == ["."]


def test_nothing_is_overwritten_unasked(folder: Path) -> None:
    file = folder / "policylint.yaml"
    file.write_text("fail-on: info\n")
    with pytest.raises(UsageError, match=r"^policylint\.yaml is there already; --force overwrites it$"):
        init()
    assert file.read_text() == "fail-on: info\n"
    assert init("--force") == 0
    assert load_config(file).fail_on == "error"


@pytest.mark.parametrize(
    ("name", "text"), [(".policylint.yaml", "fail-on: info\n"), ("pyproject.toml", "[tool.policylint]\n")]
)
def test_a_second_configuration_is_not_made(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UsageError, match=f"^{re.escape(name)} already configures policylint here$"):
        init("--force")
    assert not (folder / "policylint.yaml").exists()


def test_a_configuration_under_a_wrong_name_is_said(folder: Path) -> None:
    (folder / "policylint.yml").write_text("fail-on: info\n")
    with pytest.raises(ConfigError, match=r"policylint\.yml is not read: name it policylint\.yaml"):
        init()


def test_a_configuration_above_is_no_hindrance(folder: Path) -> None:
    (folder / "policylint.yaml").write_text("fail-on: info\n")
    (folder / "deploy").mkdir()
    assert init("deploy") == 0
    assert (folder / "deploy" / "policylint.yaml").is_file()


def test_places_that_cannot_be_written(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"^nowhere is not a folder$"):
        init("nowhere")
    (folder / "policylint.yaml").mkdir()
    with pytest.raises(UsageError, match=r"^cannot write policylint\.yaml: Is a directory$"):
        init("--force")


def test_pre_commit_hooks_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init("--pre-commit") == 0
    assert capsys.readouterr().out == (
        "wrote policylint.yaml\nwrote .pre-commit-config.yaml; `pre-commit install` switches it on\n"
    )
    hooks = yaml.safe_load((folder / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [(hook["id"], hook["entry"]) for hook in hooks] == [
        ("policylint", "policylint check --allow-empty"),
        ("policylint-project", "policylint check ."),
    ]
    pattern = hooks[0]["files"]
    names = ("a/pod.yaml", "pod.yml", "pod.json", "chart/templates/_x.tpl", "README.md", "yaml")
    assert [name for name in names if re.search(pattern, name)] == list(names[:4])


def test_pre_commit_hooks_that_are_there_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / ".pre-commit-config.yaml").write_text("repos: []\n")
    assert init("--pre-commit") == 0
    said = capsys.readouterr().out
    assert ".pre-commit-config.yaml is there already; add this under its `repos:`\n\n- repo: local\n" in said
    assert (folder / ".pre-commit-config.yaml").read_text() == "repos: []\n"
