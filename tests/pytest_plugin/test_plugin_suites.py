"""Suites of policy tests as tests: ids, selection, failures, workers, and what the summary says."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from plugin_samples import outcomes

WEB = "good/kyverno-test.yaml::require-team/check-team::Pod/web"
BATCH = "good/kyverno-test.yaml::require-team/check-team::Pod/batch"
COSTS = "good/kyverno-test.yaml::add-costs/add-costs::Pod/web"
MISTYPED = "mistyped-rule/kyverno-test.yaml::require-team/chek-team::Pod/web"
PROBLEM = "unknown-value/kyverno-test.yaml::suite"
NAMESPACES = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: namespaces}
policies: [../policies/require-team.yaml]
resources: [pods.yaml]
results:
- {policy: require-team, rule: check-team, kind: Pod, result: pass, resources: [a/web, b/web, other]}
- {policy: require-team, rule: check-team, kind: Pod, result: pass, resources: [other]}
"""


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, repository: Path) -> None:
    shutil.copytree(repository / "fixtures" / "projects" / "suites", pytester.path, dirs_exist_ok=True)


def rows(pytester: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """The outcomes of rows and suites, without those of rules."""
    found = outcomes(pytester, *arguments)
    return {name: outcome for name, outcome in found.items() if "kyverno-test" in name and "::Test/" not in name}


def test_a_test_for_every_row(pytester: pytest.Pytester) -> None:
    assert rows(pytester) == {
        "absent-object/kyverno-test.yaml::add-costs/add-costs::Pod/batch": "failed",
        "different-object/kyverno-test.yaml::add-costs/add-costs::Pod/web": "failed",
        "different-object/kyverno-test.yaml::require-team/check-team::Pod/batch": "failed",
        WEB: "passed",
        BATCH: "passed",
        "good/kyverno-test.yaml::require-team/check-team::Pod/proxy": "passed",
        COSTS: "passed",
        "invalid-policy/kyverno-test.yaml::require-team/check-team::Pod/web": "failed",
        "mistyped-resource/kyverno-test.yaml::require-team/check-team::bacth": "failed",
        MISTYPED: "failed",
        PROBLEM: "failed",
    }


def test_compat_lets_lenient_rows_pass(pytester: pytest.Pytester) -> None:
    found = rows(pytester, "-o", "policylint_compat=kyverno")
    assert found[MISTYPED] == "passed"
    assert found["different-object/kyverno-test.yaml::add-costs/add-costs::Pod/web"] == "failed"


def test_a_wrong_compat_is_refused(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--policylint", "-o", "policylint_compat=kyvern")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*policylint_compat is 'kyvern': use kyverno, or nothing"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((WEB,), [WEB]),
        (("good/kyverno-test.yaml::require-team/check-team", "-k", "web or batch"), [WEB, BATCH]),
        (("good", "-k", "add-costs"), [COSTS]),
        (("-k", "lenient and chek-team"), [MISTYPED]),
        (("unknown-value/kyverno-test.yaml::suite",), [PROBLEM]),
    ],
)
def test_selection(pytester: pytest.Pytester, arguments: tuple[str, ...], expected: list[str]) -> None:
    assert list(rows(pytester, *arguments)) == expected


def test_what_failed_before(pytester: pytest.Pytester) -> None:
    before = [name for name, outcome in outcomes(pytester, ".").items() if outcome == "failed"]
    again = outcomes(pytester, ".", "--lf")
    assert list(again) == before
    assert MISTYPED in again


def test_the_failure_says_what_the_command_says(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--policylint", "different-object", "-k", "batch")
    result.stdout.fnmatch_lines(
        [
            "*_ Pod/batch require-team/check-team _*",
            "different-object/kyverno-test.yaml:21: fail[[]require-team/check-team[]] Pod/shop/batch:"
            " expected pass, actual fail",
            "    = policy: policies/require-team.yaml:28:19",
            '*28 |             team: "[?][*]"',
            "    = resource: pods.yaml:18:3",
            "*= policylint suites =*",
            "1 suite: 0 passed, 1 failed.",
            "FAILED different-object/kyverno-test.yaml::require-team/check-team::Pod/batch*",
        ]
    )


def test_a_suite_that_cannot_be_run(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--policylint", "unknown-value")
    result.stdout.fnmatch_lines(["unknown-value/kyverno-test.yaml:9: *there is no field 'globalValue'*"])


def test_junit(pytester: pytest.Pytester) -> None:
    pytester.runpytest_inprocess("--policylint", "different-object", "--junitxml=out.xml")
    root = ET.parse(pytester.path / "out.xml").getroot()  # noqa: S314 -- made here
    failed = {case.get("name"): failure for case in root.iter("testcase") for failure in case.iter("failure")}
    assert set(failed) == {"Pod/web", "Pod/batch"}
    assert "-    costs: '4711'" in (failed["Pod/web"].text or "")


def test_worker_processes_collect_the_same(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--policylint", "good", "mistyped-rule", "-n", "2", "-q")
    result.stdout.fnmatch_lines([f"FAILED {MISTYPED}*"])
    result.stdout.fnmatch_lines(["2 suites: 1 passed, 1 failed."])


def test_hidden_folders_are_collected(pytester: pytest.Pytester) -> None:
    shutil.move(pytester.path / "good", pytester.path / ".kyverno-test")
    assert rows(pytester, "-k", "proxy") == {
        ".kyverno-test/kyverno-test.yaml::require-team/check-team::Pod/proxy": "passed"
    }


def test_what_is_excluded_is_not_collected(pytester: pytest.Pytester) -> None:
    (pytester.path / "policylint.yaml").write_text("exclude: [good/]\n")
    assert [name for name in rows(pytester) if name.startswith("good/")] == []


def test_names_that_would_be_the_same(pytester: pytest.Pytester) -> None:
    pods = [("a", "web"), ("b", "web"), ("b", "other")]
    text = "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{team: x}}}}\n"
        for namespace, name in pods
    )
    pytester.mkdir("names")
    (pytester.path / "names" / "pods.yaml").write_text(text)
    (pytester.path / "names" / "kyverno-test.yaml").write_text(NAMESPACES)
    found = rows(pytester, "names")
    assert [name.rpartition("::")[2] for name in found] == ["Pod/a/web", "Pod/b/web", "Pod/other", "Pod/other#2"]
    assert list(rows(pytester, "names/kyverno-test.yaml::require-team/check-team::Pod/other#2")) == [list(found)[3]]


def test_without_policylint_nothing_is_collected(pytester: pytest.Pytester) -> None:
    assert pytester.runpytest_inprocess().ret == pytest.ExitCode.NO_TESTS_COLLECTED
