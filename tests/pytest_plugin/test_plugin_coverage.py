"""`--policy-cov`: the table, the files, the least that is asked for, alone and under pytest-xdist."""

import json
from pathlib import Path

import pytest

POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: %s}
spec:
  rules:
  - name: team
    match: {any: [{resources: {kinds: [ConfigMap]}}]}
    validate: {failureAction: Audit, pattern: {metadata: {labels: {team: "?*"}}}}
"""
SUITE = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: a}
policies: [../policy-%s.yaml]
resources: [resources.yaml]
results:
- {policy: %s, rule: team, kind: ConfigMap, result: pass, resources: [m]}
"""
GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, labels: {team: a}}\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\npolicylint = true\n")
    for name in ("one", "two"):
        pytester.path.joinpath(f"policy-{name}.yaml").write_text(POLICY % name)
        pytester.mkdir(name)
        pytester.path.joinpath(name, "kyverno-test.yaml").write_text(SUITE % (name, name))
        pytester.path.joinpath(name, "resources.yaml").write_text(GOOD)
    return pytester


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_table_in_the_terminal(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    result = project.runpytest_subprocess("--policy-cov", *workers)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*= policy coverage =*",
            "covered    goals  policy",
            "  66.6%      2/3  policy-one.yaml:1 ClusterPolicy/one",
            "                  6 team: not reached: fail",
            "  66.6%      2/3  policy-two.yaml:1 ClusterPolicy/two",
            "Policy coverage: 66.6%, 4 of 6 goals in 2 policies.",
        ]
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_too_little_fails_the_run(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    result = project.runpytest_subprocess("--policy-cov-fail-under", "80", *workers)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAIL policy coverage is 66.6%, which is less than the 80% that were asked for"])
    assert project.runpytest("--policy-cov-fail-under", "66.6").ret == 0


def test_files(project: pytest.Pytester) -> None:
    result = project.runpytest("--policy-cov-report", "json:c.json", "--policy-cov-report", "html:c.html")
    result.stdout.fnmatch_lines(["Policy coverage written to c.json", "Policy coverage written to c.html"])
    result.stdout.no_fnmatch_line("covered    goals  policy")
    assert json.loads(Path("c.json").read_text())["summary"]["reached"] == 4
    assert Path("c.html").read_text().count("not reached: fail") == 2


def test_only_suites_whose_tests_ran_count(project: pytest.Pytester) -> None:
    result = project.runpytest("--policy-cov", "-k", "two/")
    result.stdout.fnmatch_lines(["Policy coverage: 66.6%, 2 of 3 goals in 1 policy."])


def test_wrong_usage_is_said_before_anything_runs(project: pytest.Pytester) -> None:
    for form, message in (
        ("xml", "'xml' is no coverage report: write text, json, json:FILE or html:FILE"),
        ("json", "the JSON coverage report needs a file: write json:FILE"),
    ):
        result = project.runpytest("--policy-cov-report", form)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: --policy-cov-report: {message}"])


def test_coverage_needs_suites_to_be_collected(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--policy-cov")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --policy-cov measures suites, which are collected with --policylint"])


def test_runs_without_the_options_say_nothing_of_it(project: pytest.Pytester) -> None:
    result = project.runpytest()
    result.stdout.no_fnmatch_line("*policy coverage*")
