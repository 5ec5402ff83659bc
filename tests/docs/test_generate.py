"""docs/generate.py: what it makes is what is there, and it says what is stale."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def generate(repository: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", repository / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(repository)
    return module


def test_the_pages_are_up_to_date(generate: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert (generate.main(["--check"]), capsys.readouterr().out) == (0, "")


def test_every_rule_has_a_page_and_a_row(generate: ModuleType, repository: Path) -> None:
    made = generate.pages()
    rules = {path.name.partition("-")[0] for path in (repository / "rules").glob("*/*-*")}
    assert {name.removesuffix(".md") for name in made} == rules | {"index"}
    assert set(re.findall(r"^\| \[(\w+)\]", made["index.md"], re.MULTILINE)) == rules


def test_a_page_shows_what_the_command_prints(generate: ModuleType) -> None:
    page = generate.pages()["KYV001.md"]
    assert (
        "$ policylint check --select KYV001 fixtures/KYV001/bad.yaml\nfixtures/KYV001/bad.yaml:11:7: error[KYV001]"
        in page
    )
    assert "+      mutateDigest: false\n" in page


def test_a_rule_judged_by_its_fixtures_configuration_shows_that_run(generate: ModuleType) -> None:
    assert "$ policylint check fixtures/SUP002/bad.yaml\n" in generate.pages()["SUP002.md"]


def test_stale_missing_and_left_over_pages_are_named_and_written(generate: ModuleType, tmp_path: Path) -> None:
    made = {"index.md": "new", "AAA001.md": "same", "AAA002.md": "added"}
    for name, text in {"index.md": "old", "AAA001.md": "same", "AAA003.md": "left over"}.items():
        (tmp_path / name).write_text(text)
    changed = ["AAA002.md", "AAA003.md", "index.md"]
    assert generate.stale(made, tmp_path) == changed
    assert generate.write(made, tmp_path) == changed
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == made
    assert generate.stale(made, tmp_path) == []
