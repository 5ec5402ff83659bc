"""`pytest --policylint` says what `policylint check` says: the same findings on the same lines, however it is run."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from policylint.cli import main

Findings = Counter[tuple[str, str, int, str]]

# writes down what a run tells, in the process that it was started in
_LISTENER = """
import json
import os

def pytest_configure(config):
    config.pluginmanager.register(Listener())

class Listener:
    def __init__(self):
        self.told = []

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            findings = [value for name, value in report.user_properties if name == "policylint_finding"]
            self.told += [[report.outcome, finding] for finding in findings]

    def pytest_sessionfinish(self, session):
        if not hasattr(session.config, "workerinput"):
            with open(os.environ["TOLD"], "w", encoding="utf-8") as file:
                json.dump(self.told, file)
"""


@pytest.fixture
def told(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of the test write what was told."""
    path = pytester.path / "told.json"
    monkeypatch.setenv("TOLD", str(path))
    (pytester.path / "listener.py").write_text(_LISTENER)
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    return path


def by_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> Findings:
    main(["check", str(folder), "--output-format", "json"])
    report = json.loads(capsys.readouterr().out)
    return Counter((each["rule"], each["path"], each["line"], each["severity"]) for each in report["findings"])


def by_pytest(pytester: pytest.Pytester, told: Path, folder: Path, *arguments: str) -> Findings:
    pytester.runpytest_subprocess("-p", "listener", "-q", "--policylint", str(folder), *arguments)
    found: Findings = Counter()
    for outcome, line in json.loads(told.read_text(encoding="utf-8")):
        match = re.match(r"(.+?):(\d+):\d+: (\w+)\[(\w+)\] ", line)
        assert match is not None
        path, number, severity, rule = match.groups()
        found[rule, path, int(number), severity] += 1
        assert outcome == "failed" or severity != "error"
    return found


_ARGUMENTS = pytest.mark.parametrize(
    "arguments", [[], ["-n", "2"], ["-o", "policylint_granularity=file"]], ids=" ".join
)


@_ARGUMENTS
def test_on_the_incident(
    pytester: pytest.Pytester,
    told: Path,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    folder = repository / "fixtures" / "projects" / "incident" / "before"
    expected = by_check(folder, capsys)
    assert {rule for rule, *_ in expected} >= {"IMG001", "KYV001", "ROL001", "WFL001"}
    assert by_pytest(pytester, told, folder, *arguments) == expected


@_ARGUMENTS
def test_on_a_project_whose_files_disagree(
    pytester: pytest.Pytester,
    told: Path,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    """Findings of rules that judge all files of a project together belong to no test of one document."""
    fixtures = repository / "fixtures"
    folder = pytester.path / "project"
    shutil.copytree(fixtures / "PRJ010" / "bad", folder / "policies")
    shutil.copytree(fixtures / "GTK003" / "bad", folder / "gatekeeper")
    shutil.copytree(fixtures / "HOK030" / "bad-names", folder / "admission")
    expected = by_check(folder, capsys)
    assert {rule for rule, *_ in expected} >= {"PRJ010", "GTK003", "HOK030"}
    assert by_pytest(pytester, told, folder, *arguments) == expected


def test_on_public_manifests(
    pytester: pytest.Pytester, told: Path, corpora: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = corpora / "seed-manifests"
    expected = by_check(folder, capsys)
    assert sum(expected.values()) > 0
    assert by_pytest(pytester, told, folder) == expected


def test_the_configuration_is_the_one_nearest_to_what_is_judged(
    pytester: pytest.Pytester, told: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pytester.path)
    assert not (pytester.path / "policylint.yaml").exists()
    found = by_pytest(pytester, told, repository / "fixtures" / "projects" / "incident" / "before" / "charts")
    assert [(rule, Path(path).name) for rule, path, *_ in found] == [("ROL001", "deployment.yaml")]
