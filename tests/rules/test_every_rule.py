"""What every rule file of ours has to be: named after its rule, short, documented in order, and shown in fixtures."""

import ast
import re
from pathlib import Path

import pytest

from policylint.lint.load_rules import load_rules
from policylint.lint.loaded import LoadedRule
from policylint.suites.rule_fixtures import find_cases

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "rules").rglob("*") if path.suffix in (".py", ".yaml"))
FAMILIES = {
    "KYV": "kyverno", "SIG": "sigstore", "HOK": "webhook", "GTK": "gatekeeper", "IMG": "image", "WFL": "workflow",
    "ROL": "rollout", "PRJ": "project", "SUP": "suppression", "SUI": "suite",
}  # fmt: skip
SECTIONS = ["What it does", "Why is this bad", "Example", "Use instead", "References"]
LONGEST = 80
# what every run pays for, whatever it judges
LIGHT = ("collections.abc", "typing", "re", "policylint.api", "policylint.views", "policylint.admission.stored")
LIGHT_OF_SUITES = ("policylint.suites.view", "policylint.suites.legacy")

LOADED = {loaded.path: loaded for loaded in load_rules()}


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


@pytest.fixture
def loaded(path: Path) -> LoadedRule:
    return LOADED[path]


def test_it_is_named_after_its_rule_in_the_folder_of_its_family(path: Path, loaded: LoadedRule) -> None:
    rule = loaded.rule
    assert path.stem == f"{rule.id}-{rule.name}"
    assert path.parent.name == FAMILIES[rule.family]
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.name)


def test_names_and_ids_are_taken_once() -> None:
    rules = [loaded.rule for loaded in LOADED.values()]
    assert len({rule.id for rule in rules}) == len({rule.name for rule in rules}) == len(rules) == len(FILES)


def test_it_is_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


def test_its_documentation_is_whole(loaded: LoadedRule) -> None:
    documentation = loaded.documentation
    assert re.fullmatch(r"[^\n]+\.", documentation.summary)
    assert all((documentation.what, documentation.why, documentation.example, documentation.instead))
    assert all(reference.startswith("https://") for reference in documentation.references)
    # what is said of our own comments is written nowhere else
    sections = SECTIONS if documentation.references or loaded.rule.family != "SUP" else SECTIONS[:-1]
    if isinstance(loaded.text, str):
        assert re.findall(rf"^({'|'.join(SECTIONS)})\n-{{3,}}$", loaded.text, re.MULTILINE) == sections
    else:
        assert documentation.references


def test_it_imports_nothing_heavy_before_it_judges(path: Path) -> None:
    if path.suffix != ".py":
        return
    modules = [
        name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    ]
    light = LIGHT + (LIGHT_OF_SUITES if path.parent.name == "suite" else ())
    assert [
        name for name in modules if name is not None and not f"{name}.".startswith(tuple(f"{e}." for e in light))
    ] == []


def test_its_fixtures_show_what_it_reports_and_what_not(loaded: LoadedRule) -> None:
    cases = [case for case in find_cases(ROOT / "fixtures") if case.rule == loaded.rule.id]
    assert any(case.good for case in cases)
    for case in cases:
        files = [case.path] if case.path.is_file() else sorted(each for each in case.path.rglob("*") if each.is_file())
        marks = re.compile(rf"#.*\bexpect(-next)?:[ A-Z0-9,]*\b{loaded.rule.id}\b")
        marked = any(marks.search(file.read_text("utf-8", "replace")) for file in files)
        assert marked is not case.good, case.name
    assert any(not case.good for case in cases)


def test_no_fixtures_are_left_of_rules_that_are_gone() -> None:
    ids = {loaded.rule.id for loaded in LOADED.values()}
    assert {case.rule for case in find_cases(ROOT / "fixtures")} == ids
