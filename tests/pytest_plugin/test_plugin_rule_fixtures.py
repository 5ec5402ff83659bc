"""Folders of rule fixtures as tests, by the ini key `policylint_fixtures`."""

from pathlib import Path

import pytest
from plugin_samples import lay_out

from policylint.lint.load_rules import load_rules
from policylint.suites.rule_fixtures import missing_cases

RULE = """\
id: ACM001
name: owner-label-missing
severity: error
kinds: [v1/Service]
checks:
- pattern: {metadata: {labels: {owner: "?*"}}}
  message: no owner
documentation: {what: Reports services without owner., why: Somebody must care.}
"""
GOOD = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels: {owner: shop}\n"
BAD = "apiVersion: v1\nkind: Service\nmetadata: # expect: ACM001\n  name: a\n"
PROJECT = {
    "pytest.ini": "[pytest]\npolicylint_fixtures = lint/fixtures\n",
    "policylint.yaml": "rule-paths: [lint/rules]\n",
    "lint/rules/ACM001.yaml": RULE,
    "lint/fixtures/ACM001/good.yaml": GOOD,
    "lint/fixtures/ACM001/bad.yaml": BAD,
    "lint/fixtures/ACM001/bad-two/a.yaml": BAD,
    "lint/fixtures/ACM001/bad-two/test_b.py": "raise OSError\n",
    "lint/fixtures/README.md": "hello\n",
    "lint/fixtures/test_other.py": "def test_other(): pass\n",
}
CASES = [f"lint/fixtures/ACM001/{name}::ACM001" for name in ("bad-two", "bad.yaml", "good.yaml")]


def ids(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    result = pytester.runpytest_inprocess("--collect-only", "-q", *arguments)
    return [line for line in result.outlines if "::" in line]


def test_cases_are_tests_and_so_is_their_completeness(pytester: pytest.Pytester) -> None:
    lay_out(pytester, PROJECT)
    assert ids(pytester) == [
        *CASES,
        "lint/fixtures/test_other.py::test_other",
        "lint/fixtures::every-rule-has-fixtures",
    ]
    pytester.runpytest_inprocess().assert_outcomes(passed=5)
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("lint/fixtures/ACM001", CASES),
        ("lint/fixtures/ACM001/bad.yaml", CASES[1:2]),
        ("lint/fixtures/ACM001/bad-two", CASES[:1]),
        (CASES[2], CASES[2:]),
    ],
)
def test_parts_of_them(pytester: pytest.Pytester, argument: str, expected: list[str]) -> None:
    lay_out(pytester, PROJECT)
    assert ids(pytester, argument) == expected


def test_by_keyword_and_mark(pytester: pytest.Pytester) -> None:
    lay_out(pytester, PROJECT)
    assert ids(pytester, "-k", "ACM001") == CASES
    assert ids(pytester, "-m", "not policylint") == ["lint/fixtures/test_other.py::test_other"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("good.yaml", BAD.replace("# expect", "#"), "good.yaml:3: ACM001 was not expected here: no owner"),
        ("bad.yaml", GOOD + "# expect: ACM001\n", "bad.yaml:6: expected ACM001, and it was not reported"),
        ("bad.yaml", GOOD, "a bad case needs a `# expect: ACM001` comment"),
    ],
)
def test_a_case_that_does_not_hold(pytester: pytest.Pytester, name: str, text: str, message: str) -> None:
    lay_out(pytester, {**PROJECT, f"lint/fixtures/ACM001/{name}": text})
    result = pytester.runpytest_inprocess(f"lint/fixtures/ACM001/{name}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message])


def test_rules_without_cases_are_named(pytester: pytest.Pytester) -> None:
    second = RULE.replace("ACM001", "ACM002").replace("owner-label", "owner")
    lay_out(pytester, {**PROJECT, "lint/rules/ACM002.yaml": second, "lint/fixtures/IMG001/good.yaml": GOOD})
    result = pytester.runpytest_inprocess("-k", "every")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(
        ["ACM002 has no good fixture", "ACM002 has no bad fixture", "IMG001 has no bad fixture"], consecutive=True
    )


def test_several_folders_make_a_whole(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {name: text for name, text in PROJECT.items() if not name.endswith("good.yaml")})
    lay_out(
        pytester, {"pytest.ini": "[pytest]\npolicylint_fixtures = lint/fixtures more\n", "more/ACM001/good.yaml": GOOD}
    )
    names = ids(pytester)
    assert "more/ACM001/good.yaml::ACM001" in names
    assert [name for name in names if "every" in name] == ["lint/fixtures::every-rule-has-fixtures"]
    pytester.runpytest_inprocess().assert_outcomes(passed=5)


def test_bad_cases_are_no_manifests_of_the_project(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {**PROJECT, "k8s/service.yaml": GOOD, "lint/fixtures/notes/service.yaml": GOOD})
    result = pytester.runpytest_inprocess("--policylint", "--collect-only", "-q")
    of_rule = [line for line in result.outlines if line.endswith("::ACM001")]
    manifests = ["k8s/service.yaml::Service/a::ACM001", "lint/fixtures/notes/service.yaml::Service/a::ACM001"]
    assert of_rule == [manifests[0], *CASES, manifests[1]]
    assert pytester.runpytest_inprocess("--policylint").ret == pytest.ExitCode.OK


def test_a_wrong_configuration_is_a_usage_error(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {**PROJECT, "policylint.yaml": "rule-path: [lint/rules]\n"})
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: policylint: policylint.yaml:1:1: unknown key 'rule-path'*"])


def test_a_broken_rule_file_fails_its_cases_in_one_line(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {**PROJECT, "lint/rules/ACM001.yaml": RULE.replace("kinds", "kind")})
    result = pytester.runpytest_inprocess("lint/fixtures/ACM001/good.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ACM001.yaml:4:1: unknown key 'kind'; did you mean 'kinds'?"])


def test_the_projects_own_rules_all_have_fixtures(repository: Path) -> None:
    assert missing_cases([repository / "fixtures"], [each.rule.id for each in load_rules()]) == []
