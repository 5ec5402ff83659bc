"""Who follows `docs/writing-rules.md` to the letter has rules that work in every door."""

import sys
from pathlib import Path

import pytest
from documented_commands import WrittenFile, steps

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 100\n"


@pytest.fixture
def project(pytester: pytest.Pytester, repository: Path) -> pytest.Pytester:
    """The files of the page, later versions in the place of earlier ones, and a manifest that both rules report."""
    page = (repository / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    files = {step.path: step.text for step in steps(page) if isinstance(step, WrittenFile)}
    files["manifests/web.yaml"] = DEPLOYMENT
    for name, text in files.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return pytester


def test_the_page_writes_one_rule_of_each_sort(project: pytest.Pytester) -> None:
    rules = sorted(path.name for path in (project.path / "lint" / "rules").iterdir())
    assert rules == ["ACM001-owner-label-missing.yaml", "ACM003-too-many-replicas.py"]


def test_in_the_command(project: pytest.Pytester) -> None:
    result = project.run(
        sys.executable, "-m", "policylint", "check", "--allow-python-rules", "--select=ACM", "manifests"
    )
    assert [line for line in result.outlines if line.startswith("manifests/")] == [
        "manifests/web.yaml:3:1: warning[ACM001] Deployment web has no owner",
        "manifests/web.yaml:6:13: error[ACM003] 100 replicas, 80 more than the 20 that there is room for",
    ]
    assert result.ret == 1


def test_python_rules_run_only_when_told_to(project: pytest.Pytester) -> None:
    result = project.run(sys.executable, "-m", "policylint", "check", "manifests")
    result.stderr.fnmatch_lines(["policylint: *ACM003-too-many-replicas.py is a Python rule*"])
    assert result.ret == 2


@pytest.mark.parametrize("rule", ["ACM001", "owner-label-missing", "ACM003", "too-many-replicas"])
def test_in_explain(project: pytest.Pytester, rule: str) -> None:
    result = project.run(sys.executable, "-m", "policylint", "explain", "--allow-python-rules", rule)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["# ACM*", "## What it does", "## Why is this bad"])


def test_in_pytest(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--policylint", "--policylint-select=ACM", "manifests")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["manifests/web.yaml:6:13: error[[]ACM003[]]*", "manifests/web.yaml:3:1: warning[[]ACM001[]]*"]
    )


def test_in_pytest_fixtures(project: pytest.Pytester) -> None:
    project.runpytest_inprocess("lint/fixtures/ACM001").assert_outcomes(passed=2)
    complete = project.runpytest_inprocess("lint/fixtures", "-k", "every")
    complete.stdout.fnmatch_lines(["ACM003 has no good fixture", "ACM003 has no bad fixture"])
    for name, text in {
        "bad": DEPLOYMENT.replace("100", "100 # expect: ACM003"),
        "good": DEPLOYMENT.replace("100", "2"),
    }.items():
        path = project.path / "lint" / "fixtures" / "ACM003" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project.runpytest_inprocess("lint/fixtures").assert_outcomes(passed=5)
