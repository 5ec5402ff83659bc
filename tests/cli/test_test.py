"""`policylint test` from the command line: what is found, what is said, and how it ends."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import Draft7Validator

from policylint.cli import main
from policylint.config.file import default_config
from policylint.errors import UsageError
from policylint.model import InternalError
from policylint.outcome import Row
from policylint.report import FORMATS
from policylint.suites import testing
from policylint.suites.find import FoundSuite, find_suites
from policylint.suites.testing import RowFilter, run_suites

GOLDEN = Path(__file__).parent / "golden"
BROKEN = (
    "absent-object",
    "different-object",
    "invalid-policy",
    "mistyped-resource",
    "mistyped-rule",
    "unknown-value",
)


@pytest.fixture
def suites(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's own suites, which is the working directory."""
    folder = tmp_path / "project"
    shutil.copytree(repository / "fixtures" / "projects" / "suites", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "120")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["test", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    _, out, _ = run(capsys, "--output-format", "json", *arguments)
    return json.loads(out)


@pytest.mark.usefixtures("suites")
def test_a_suite_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "good") == (
        0,
        (
            "pass  good/kyverno-test.yaml: 4 rows\n"
            "1 suite: 1 passed, 0 failed.\n"
            "4 rows: 4 pass, 0 fail, 0 error, 0 unmatched, 0 lenient.\n"
        ),
        "",
    )


@pytest.mark.usefixtures("suites")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_suite_fails_and_says_why(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, name)
    assert (code, err) == (1, "")
    assert out == (GOLDEN / f"suite.{name}.out").read_text("utf-8")


@pytest.mark.usefixtures("suites")
@pytest.mark.parametrize(
    ("name", "status", "hint"),
    [
        ("mistyped-rule", "lenient", "did you mean 'check-team'?"),
        ("mistyped-resource", "unmatched", "did you mean 'batch'?"),
        ("invalid-policy", "lenient", "the rule has no match (invalid-policy/policy.yaml:7)"),
        ("absent-object", "lenient", "add the object, or set `failOnMissingResources: true`"),
        ("different-object", "fail", "the patched Pod/shop/web is not as ../patched.yaml:1 expects"),
    ],
)
def test_the_reason_names_the_fix(name: str, status: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    row = as_json(capsys, name)["suites"][0]["rows"][0]
    assert row["status"] == status
    assert hint in row["reason"]


@pytest.mark.usefixtures("suites")
def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    data = as_json(capsys)
    assert list(data) == ["schema_version", "tool", "compat", "summary", "suites", "errors"]
    assert data["summary"] == {
        "suites": 7,
        "rows": 10,
        "pass": 4,
        "fail": 2,
        "error": 0,
        "unmatched": 1,
        "lenient": 3,
        "suite_errors": 1,
        "not_run": 0,
        "left_out": 0,
    }
    assert [(each["path"], each["status"]) for each in data["suites"]] == [
        ("absent-object/kyverno-test.yaml", "fail"),
        ("different-object/kyverno-test.yaml", "fail"),
        ("good/kyverno-test.yaml", "pass"),
        ("invalid-policy/kyverno-test.yaml", "fail"),
        ("mistyped-resource/kyverno-test.yaml", "fail"),
        ("mistyped-rule/kyverno-test.yaml", "fail"),
        ("unknown-value/kyverno-test.yaml", "error"),
    ]
    failed = data["suites"][2]["rows"][1]
    decisive = failed.pop("steps")[-1]
    assert failed == {
        "line": 20,
        "policy": "require-team",
        "rule": "check-team",
        "resource": "Pod/shop/batch",
        "expected": "fail",
        "actual": "fail",
        "status": "pass",
        "reason": (
            "validation error: Every pod has a label `team`. rule check-team failed at path /metadata/labels/team/"
        ),
        "policy_line": 28,
        "resource_line": 18,
        "policy_file": "policies/require-team.yaml",
        "resource_file": "pods.yaml",
        "diff": "",
    }
    assert decisive == {
        "what": 'metadata.labels.team is not set, but must match "?*"',
        "outcome": "does not match",
        "policy_path": "spec.rules[0].validate.pattern.metadata.labels.team",
        "policy_line": 28,
        "resource_path": "metadata.labels.team",
        "resource_line": 18,
        "holds": False,
    }
    broken = data["suites"][6]
    assert (broken["error_line"], broken["rows"]) == (9, [])


@pytest.mark.usefixtures("suites")
def test_compat_counts_lenient_rows_as_passed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--compat", "kyverno", "mistyped-rule", "absent-object", "invalid-policy")
    assert code == 0
    assert "pass  mistyped-rule/kyverno-test.yaml: 1 row\n      lenient line 14: require-team/chek-team on" in out
    assert "count as passed, as upstream has it" in out
    assert as_json(capsys, "--compat", "kyverno", "mistyped-rule")["compat"] == "kyverno"


@pytest.mark.usefixtures("suites")
def test_verbose_lists_what_passes(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "good", "--verbose")
    assert "      pass line 25: require-team/check-team on Pod/kube-system/proxy: preconditions not met\n" in out


@pytest.mark.usefixtures("suites")
@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ("policy=add-*", ["add-costs/add-costs Pod/shop/web"]),
        ("resource=batch", ["require-team/check-team Pod/shop/batch"]),
        ("resource=kube-system/*", ["require-team/check-team Pod/kube-system/proxy"]),
        ("resource=Pod/shop/web, rule=check-team", ["require-team/check-team Pod/shop/web"]),
        (
            "resource=web,resource=batch,policy=require-team",
            ["require-team/check-team Pod/shop/web", "require-team/check-team Pod/shop/batch"],
        ),
    ],
)
def test_filter(wanted: str, rows: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    data = as_json(capsys, "good", "--filter", wanted)
    found = [f"{row['policy']}/{row['rule']} {row['resource']}" for row in data["suites"][0]["rows"]]
    assert found == rows
    assert data["summary"]["left_out"] == 4 - len(rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("polcy=a", "--filter takes policy=, rule= and resource=, but not 'polcy=a'; did you mean 'policy'?"),
        ("a", "--filter takes policy=, rule= and resource=, but not 'a'"),
        ("rule=", "--filter: rule has no value: write rule=NAME, * stands for anything"),
    ],
)
def test_filters_that_are_none(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        RowFilter.parse(text)


def test_a_filter_takes_the_rules_of_pod_controllers_by_their_own_name() -> None:
    row = Row(1, "apps/limits", "autogen-cronjob-check", "CronJob/a/b", "pass", "pass", "pass")
    assert RowFilter.parse("rule=check,policy=limits,resource=b").takes(row)
    assert not RowFilter.parse("rule=chek").takes(row)
    assert RowFilter.parse("rule=x,resource=y").takes(row._replace(rule="", resource=""))


@pytest.mark.usefixtures("suites")
def test_fail_fast(capsys: pytest.CaptureFixture[str]) -> None:
    data = as_json(capsys, "--fail-fast")
    assert [each["path"] for each in data["suites"]] == ["absent-object/kyverno-test.yaml"]
    assert data["summary"]["not_run"] == 6


@pytest.mark.usefixtures("suites")
def test_exit_codes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(capsys, str(empty))[::2] == (
        4,
        "policylint: no suites found: they are called kyverno-test.yaml, or named one by one\n",
    )
    assert run(capsys, "good", "--filter", "rule=none")[::2] == (
        4,
        "policylint: no row of 1 suites matches --filter rule=none\n",
    )
    assert run(capsys, "nowhere") == (2, "", "policylint: nowhere: no such file or folder\n")
    assert run(capsys, "good", "--filter", "x=y")[0] == 2


@pytest.mark.usefixtures("suites")
def test_a_defect_of_ours_is_told_from_a_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = testing.run_suite

    def breaks(path: Path, **options: Any) -> Any:
        if path.parent.name == "good":
            raise ZeroDivisionError("a defect")
        return real(path, **options)

    monkeypatch.setattr(testing, "run_suite", breaks)
    code, out, _ = run(capsys, "good", "mistyped-rule")
    assert code == 3
    assert "Internal error on good/kyverno-test.yaml, which was not run: ZeroDivisionError: a defect\n" in out
    assert "fail  mistyped-rule/kyverno-test.yaml" in out


@pytest.mark.usefixtures("suites")
def test_every_format_tells_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    outputs = {name: run(capsys, "--output-format", name, "mistyped-rule", "unknown-value") for name in FORMATS}
    assert {code for code, _, _ in outputs.values()} == {1}
    for _, out, err in outputs.values():
        assert err == ""
        assert "mistyped-rule/kyverno-test.yaml" in out
        assert "did you mean" in out


@pytest.mark.usefixtures("suites")
def test_junit(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--output-format", "junit")
    root = ET.fromstring(out)  # noqa: S314 -- made here
    assert root.attrib == {"name": "policylint", "tests": "12", "failures": "6", "errors": "1", "skipped": "0"}
    names = [case.get("name") for case in root.iter("testcase")]
    assert "require-team/check-team on Pod/shop/web (line 15)" in names
    failure = root.find(".//testcase[@file='mistyped-rule/kyverno-test.yaml']/failure")
    assert failure is not None
    assert failure.get("type") == "lenient"
    assert failure.get("message", "").startswith("lenient[require-team/chek-team] Pod/shop/web: expected fail")
    error = root.find(".//error")
    assert error is not None
    assert "there is no field 'globalValue'" in (error.text or "")


@pytest.mark.usefixtures("suites")
def test_sarif_and_gitlab(
    capsys: pytest.CaptureFixture[str], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(repository / "tests" / "report")
    schema = import_module("sarif_schema").SARIF
    log = json.loads(run(capsys, "--output-format", "sarif")[1])
    assert list(Draft7Validator(schema).iter_errors(log)) == []
    results = log["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == [
        "row-lenient",
        "row-failed",
        "row-failed",
        "row-lenient",
        "row-unmatched",
        "row-lenient",
        "suite-not-run",
    ]
    assert results[1]["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "policies/add-costs.yaml"
    issues = json.loads(run(capsys, "--output-format", "gitlab")[1])
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 7


@pytest.mark.usefixtures("suites")
def test_output_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    assert run(capsys, "good", "--output-format", "json", "--output-file", str(file)) == (0, "", "")
    assert json.loads(file.read_text())["summary"]["rows"] == 4


@pytest.mark.usefixtures("suites")
def test_color(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b[1;31m-    costs: '4711'\x1b[0m" in run(capsys, "different-object", "--color", "always")[1]
    assert "\x1b" not in run(capsys, "different-object")[1]


def test_suites_are_found_everywhere_and_by_name(suites: Path) -> None:
    hidden = suites / "good" / ".kyverno-test"
    hidden.mkdir()
    shutil.copy(suites / "good" / "kyverno-test.yaml", hidden / "kyverno-test.yml")
    shutil.copy(suites / "good" / "kyverno-test.yaml", suites / "good" / "own.yaml")
    config = default_config(suites)
    assert [each.shown for each in find_suites(["good", "good/kyverno-test.yaml"], config)] == [
        "good/.kyverno-test/kyverno-test.yml",
        "good/kyverno-test.yaml",
    ]
    assert [each.shown for each in find_suites(["good/own.yaml"], config)] == ["good/own.yaml"]
    assert find_suites(["good/own.yaml"], config, by_name=True) == []
    excluding = config._replace(exclude=(".kyverno-test/",))
    assert [each.shown for each in find_suites(["good"], excluding)] == ["good/kyverno-test.yaml"]
    assert len(find_suites(["."], config)) == 8


def test_what_version_control_ignores_is_left_out(suites: Path) -> None:
    (suites / ".git").mkdir()
    (suites / ".gitignore").write_text("/mistyped-*/\n")
    found = [each.shown.partition("/")[0] for each in find_suites(["."], default_config(suites))]
    assert found == ["absent-object", "different-object", "good", "invalid-policy", "unknown-value"]


def test_many_suites_in_worker_processes_come_to_the_same(suites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [each for each in find_suites(["."], default_config(suites)) for _ in range(3)]
    alone = run_suites(found, parallel=False)
    monkeypatch.setattr(testing, "cores", lambda: 2)
    heard: list[tuple[int, int]] = []
    assert run_suites(found, progress=lambda done, total: heard.append((done, total))) == alone
    assert heard[-1] == (21, 21)


def test_a_lost_worker_costs_its_suites_only() -> None:
    lost = testing._lost([FoundSuite("/a", "a")])
    assert lost == [InternalError("", "a", "a worker process ended while it ran this suite or one beside it")]
