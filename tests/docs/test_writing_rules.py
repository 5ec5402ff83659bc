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
    assert rules == [
        "ACM001-owner-label-missing.yaml",
        "ACM003-too-many-replicas.py",
        "ACM004-budget-for-nobody.py",
        "ACM005-selector-changed.py",
    ]


def test_in_the_command(project: pytest.Pytester) -> None:
    result = project.run(
        sys.executable, "-m", "policylint", "check", "--allow-python-rules", "--select=ACM", "manifests"
    )
    assert [line for line in result.outlines if line.startswith("manifests/")] == [
        "manifests/web.yaml:3:1: warning[ACM001] Deployment web has no owner",
        "manifests/web.yaml:6:13: error[ACM003] 100 replicas, 80 more than the 20 that there is room for",
    ]
    assert result.ret == 1


def budget(app: str) -> str:
    spec = f"spec:\n  selector: {{matchLabels: {{app: {app}}}}}\n"
    return f"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: {app}}}\n{spec}"


def test_a_rule_about_several_documents(project: pytest.Pytester) -> None:
    web = DEPLOYMENT + "  template: {metadata: {labels: {app: web, tier: front}}}\n"
    (project.path / "manifests" / "web.yaml").write_text(web, encoding="utf-8")
    for app in ("web", "shop"):
        (project.path / "manifests" / f"{app}-budget.yaml").write_text(budget(app), encoding="utf-8")
    command = (sys.executable, "-m", "policylint", "check", "--allow-python-rules", "--select=ACM004")
    result = project.run(*command, "manifests")
    assert [line for line in result.outlines if line.startswith("manifests/")] == [
        "manifests/shop-budget.yaml:5:14: warning[ACM004] no Deployment has pods with these labels"
    ]
    alone = project.run(*command, "manifests/shop-budget.yaml")
    assert alone.ret == 0
    alone.stdout.fnmatch_lines(["*rules that need the whole project did not run*"])


def test_a_rule_about_changes(project: pytest.Pytester) -> None:
    after, before = project.path / "manifests" / "web.yaml", project.path / "deployed" / "web.yaml"
    before.parent.mkdir()
    for path, app in ((before, "web"), (after, "shop")):
        path.write_text(DEPLOYMENT + f"  selector: {{matchLabels: {{app: {app}}}}}\n", encoding="utf-8")
    command = (sys.executable, "-m", "policylint", "check", "--allow-python-rules", "--select=ACM005", "manifests")
    assert project.run(*command).ret == 0
    result = project.run(*command, "--against", "deployed")
    assert [line for line in result.outlines if line.startswith("manifests/")] == [
        "manifests/web.yaml:7:3: error[ACM005] the selector of a Deployment cannot be changed"
    ]


def test_python_rules_run_only_when_told_to(project: pytest.Pytester) -> None:
    result = project.run(sys.executable, "-m", "policylint", "check", "manifests")
    result.stderr.fnmatch_lines(["policylint: *ACM003-too-many-replicas.py is a Python rule*"])
    assert result.ret == 2


@pytest.mark.parametrize("rule", ["ACM001", "owner-label-missing", "ACM003", "too-many-replicas", "ACM004", "ACM005"])
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
    shop = budget("shop")
    for name, text in {
        "ACM003/bad.yaml": DEPLOYMENT.replace("100", "100 # expect: ACM003"),
        "ACM003/good.yaml": DEPLOYMENT.replace("100", "2"),
        "ACM004/bad-nobody/budget.yaml": shop.replace("}}", "}} # expect: ACM004"),
        "ACM004/good-no-budget/web.yaml": DEPLOYMENT,
        "ACM005/before/web.yaml": DEPLOYMENT + "  selector: {matchLabels: {app: web}}\n",
        "ACM005/bad.yaml": DEPLOYMENT + "  selector: {matchLabels: {app: shop}} # expect: ACM005\n",
        "ACM005/good.yaml": DEPLOYMENT + "  selector: {matchLabels: {app: web}}\n",
    }.items():
        path = project.path / "lint" / "fixtures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project.runpytest_inprocess("lint/fixtures").assert_outcomes(passed=9)
