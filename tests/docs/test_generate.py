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


def test_the_index_lists_every_family_of_rules_by_its_title(generate: ModuleType) -> None:
    titles = re.findall(r"^## (.*)$", generate.pages()["index.md"], re.MULTILINE)
    assert titles == list(generate.FAMILIES.values())


def test_the_page_of_a_rule_about_changes_shows_what_changed(generate: ModuleType) -> None:
    run = "$ policylint check --select KYV127 --against fixtures/KYV127/before fixtures/KYV127/bad.yaml\n"
    assert f"{run}fixtures/KYV127/bad.yaml:" in generate.pages()["KYV127.md"]


def test_tables_of_rules_hold_the_named_and_those_in_a_range(generate: ModuleType) -> None:
    page = "a\n<!-- rules SUP002-SUP003 KYV001 XYZ001 -->\nold\n<!-- end of rules -->\nb\n"
    made = generate.with_tables(page, generate.load_rules())
    assert re.findall(r"^\| \[(\w+)\]\(rules/\1\.md\)", made, re.MULTILINE) == ["SUP002", "SUP003", "KYV001"]
    assert made.startswith("a\n<!-- rules SUP002-SUP003 KYV001 XYZ001 -->\n| rule | default | finds |\n")
    assert made.endswith("|\n<!-- end of rules -->\nb\n")
    assert generate.with_tables(made, generate.load_rules()) == made


def test_the_page_about_admission_lists_every_rule_about_it(generate: ModuleType, repository: Path) -> None:
    page = (repository / "docs" / "admission.md").read_text("utf-8")
    listed = re.findall(r"^\| \[(\w+)\]", page, re.MULTILINE)
    about = re.compile(r"(KYV|SIG)1[0-3]\d|HOK\d+|GTK\d+|PRJ01\d")
    rules = [loaded.rule.id for loaded in generate.load_rules() if about.fullmatch(loaded.rule.id)]
    assert sorted(listed) == sorted([*rules, "KYV001", "KYV003"])


def test_stale_tables_are_named_and_written(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("<!-- rules KYV001 -->\n<!-- end of rules -->\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "pages", dict)
    assert (generate.main(["--check"]), capsys.readouterr().out) == (1, "stale: docs/page.md\n")
    assert (generate.main([]), capsys.readouterr().out) == (0, "written: docs/page.md\n")
    assert "[KYV001](rules/KYV001.md) mutate-digest-audit | error |" in page.read_text()
    assert generate.main(["--check"]) == 0
