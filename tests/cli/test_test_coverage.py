"""`policylint test --coverage`: which report goes where, and when too little fails."""

import json
from pathlib import Path

import pytest

from conftest import Write
from policylint.cli import main

POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: team}
spec:
  rules:
  - name: team
    match: {any: [{resources: {kinds: [ConfigMap]}}]}
    validate: {pattern: {metadata: {labels: {team: "?*"}}}}
"""
SUITE = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: a}
policies: [../policy.yaml]
resources: [resources.yaml]
results:
- {policy: team, rule: team, kind: ConfigMap, result: %s, resources: [m]}
"""
GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, labels: {team: a}}\n"
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"
LAST = "Policy coverage: 66.6%, 2 of 3 goals in 1 policy."


@pytest.fixture
def one(write: Write) -> Path:
    """A policy, and a suite that never sees it fail."""
    return write({"policy.yaml": POLICY, "one/kyverno-test.yaml": SUITE % "pass", "one/resources.yaml": GOOD})


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["test", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_table_follows_the_report(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, ".", "--coverage")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[-1] == LAST
    assert lines[-3].split() == ["66.6%", "2/3", "policy.yaml:1", "ClusterPolicy/team"]
    assert lines[-2].strip() == "6 team: not reached: fail"
    assert "1 suite: 1 passed, 0 failed." in lines


def test_a_path_after_the_option_is_a_path(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--coverage", "one")
    assert code == 0
    assert out.splitlines()[-1] == LAST


def test_suites_count_together(one: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"two/kyverno-test.yaml": SUITE % "fail", "two/resources.yaml": BAD})
    code, out, _ = run(capsys, ".", "--coverage", "--coverage-fail-under", "100")
    assert code == 0
    assert out.splitlines()[-1] == "Policy coverage: 100.0%, 3 of 3 goals in 1 policy."


def test_worker_processes_hand_over_what_they_reached(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"policy.yaml": POLICY, "fail/kyverno-test.yaml": SUITE % "fail", "fail/resources.yaml": BAD}
    for number in range(20):
        files |= {f"{number}/kyverno-test.yaml": SUITE % "pass", f"{number}/resources.yaml": GOOD}
    write(files)
    _, out, _ = run(capsys, ".", "--coverage")
    assert out.splitlines()[-1] == "Policy coverage: 100.0%, 3 of 3 goals in 1 policy."


@pytest.mark.parametrize(("least", "code"), [("66.6", 0), ("66.7", 1), ("0", 0)])
def test_too_little_fails(one: Path, capsys: pytest.CaptureFixture[str], least: str, code: int) -> None:
    found, out, err = run(capsys, ".", "--coverage-fail-under", least)
    assert found == code
    assert "Policy coverage" not in out
    message = f"policylint: policy coverage is 66.6%, which is less than the {least}% that were asked for\n"
    assert err == (message if code else "")


def test_json_alone_on_stdout_moves_the_report(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, ".", "--coverage=json")
    found = json.loads(out)
    assert code == 0
    assert found["summary"] == {
        "policies": 1,
        "not_measured": 0,
        "rules": 1,
        "total": 3,
        "reached": 2,
        "percent": 66.6,
    }
    (rule,) = found["policies"][0]["rules"]
    assert [(goal["name"], goal["line"], goal["reached"]) for goal in rule["goals"]] == [
        ("pass", 8, True),
        ("fail", 8, False),
        ("match.any[0]", 7, True),
    ]
    assert err.startswith("pass  one/kyverno-test.yaml: 1 row\n")


def test_files(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--coverage=json:c.json", "--coverage=html:c.html", "--output-format", "json")
    code, out, err = run(capsys, ".", *arguments)
    assert (code, err) == (0, "")
    assert json.loads(out)["summary"]["pass"] == 1
    assert json.loads(Path("c.json").read_text())["summary"]["reached"] == 2
    assert '<td class="note">not reached: fail</td>' in Path("c.html").read_text()


def test_the_table_does_not_mix_with_another_format(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = run(capsys, ".", "--coverage", "--output-format", "json")
    assert json.loads(out)["schema_version"] == 1
    assert err.splitlines()[-1] == LAST


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--coverage=xml",), "--coverage: 'xml' is no coverage report: write text, json, json:FILE or html:FILE"),
        (("--coverage=html",), "--coverage: the HTML coverage report needs a file: write html:FILE"),
        (
            ("--coverage=json", "--output-format", "sarif"),
            "--coverage=json and the report would both be on stdout: write json:FILE, or --output-file FILE",
        ),
    ],
)
def test_wrong_usage(one: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str) -> None:
    assert run(capsys, ".", *arguments) == (2, "", f"policylint: {message}\n")


def test_nothing_measured_is_too_little(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    cel = POLICY.replace(
        '{pattern: {metadata: {labels: {team: "?*"}}}}', "{cel: {expressions: [{expression: 'true'}]}}"
    )
    write({"policy.yaml": cel, "one/kyverno-test.yaml": SUITE % "pass", "one/resources.yaml": GOOD})
    _, _, err = run(capsys, ".", "--coverage-fail-under", "0")
    assert err == "policylint: policy coverage: nothing could be measured, and 0% were asked for\n"
