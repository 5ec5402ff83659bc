"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit itself in a repository of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from policylint.cli import main

HOOKS = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"
_PACKAGE = ("src", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:latest
"""
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signatures
spec:
  validationFailureAction: Audit
  webhookTimeoutSeconds: 15
  failurePolicy: Ignore
  rules:
  - name: check
    match: {any: [{resources: {kinds: [Pod]}}]}
    verifyImages:
    - imageReferences: ["registry.example.com/*"]
      attestors:
      - entries:
        - keys: {publicKeys: "k8s://kyverno/cosign"}
"""
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n    - uses: actions/checkout@main\n"
PROJECT = {
    ".github/workflows/ci.yml": WORKFLOW,
    "k8s/web.yaml": WEB,
    "k8s/policy.yaml": POLICY,
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "tag: latest\n",
    "chart/templates/_helpers.tpl": '{{ define "tag" }}{{ .Values.tag }}{{ end }}\n',
    "chart/templates/web.yaml": WEB.replace(":latest", ':{{ include "tag" . }}'),
    "chart/templates/NOTES.txt": "hello\n",
    "lint/bad.yaml": WEB,
    "mail/templates/hello.tpl": "Hello {{ name }}\n",
    "README.md": "hello\n",
    "policylint.yaml": "exclude: [lint/]\n",
}


class Hooked(NamedTuple):
    """A git repository with pre-commit's hooks set up, whose environment is built already."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, hook: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--color=never", hook, *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def git(self, *arguments: str) -> str:
        return _git(self.folder, self.environment, *arguments)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Hooked:
    """One environment for all tests here: pre-commit builds it from this working tree, at a commit made for it."""
    pytest.importorskip("pre_commit", reason="needs pre-commit")
    if shutil.which("git") is None:
        pytest.skip("needs git on PATH")
    _need_package_index()
    base = tmp_path_factory.mktemp("pre-commit")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
        **{f"GIT_{who}_{what}": "test@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(base / "home"),
    }
    for name in _PACKAGE:
        source = repository / name
        if source.is_dir():
            shutil.copytree(source, base / "hooks" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (base / "hooks").mkdir(exist_ok=True)
            shutil.copy(source, base / "hooks" / name)
    revision = _commit(base / "hooks", environment)
    hooks = [
        {"id": "policylint", "args": ["--output-format=json", "--output-file=.git/found.json"]},
        {"id": "policylint-project", "args": ["--output-format=json", "--output-file=.git/found.json"]},
        {"id": "policylint-fix"},
    ]
    files = {
        **PROJECT,
        ".pre-commit-config.yaml": json.dumps(
            {"repos": [{"repo": (base / "hooks").as_uri(), "rev": revision, "hooks": hooks}]}
        ),
    }
    for name, text in files.items():
        path = base / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _commit(base / "project", environment)
    built = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install-hooks"],
        cwd=base / "project",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return Hooked(base / "project", environment)


@pytest.fixture
def hooked(installed: Hooked, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooked]:
    """The repository as it was committed; whatever a test changes is undone."""
    monkeypatch.chdir(installed.folder)
    yield installed
    installed.git("reset", "--quiet", "--hard")
    (installed.folder / ".git" / "found.json").unlink(missing_ok=True)


def _need_package_index() -> None:
    probe = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--quiet",
        "--ignore-installed",
        "--no-deps",
        "hatchling",
    ]
    result = subprocess.run(probe, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        pytest.skip(f"needs a package index that pip reaches, to build the hooks' environment: {result.stderr[-200:]}")


def _commit(folder: Path, environment: Mapping[str, str]) -> str:
    _git(folder, environment, "init", "--quiet")
    _git(folder, environment, "add", "--all", "--force")
    _git(folder, environment, "commit", "--quiet", "--message=all")
    return _git(folder, environment, "rev-parse", "HEAD").strip()


def _git(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def _needs_helm() -> None:
    if shutil.which("helm") is None:
        pytest.skip("needs the helm program on PATH")


Findings = list[tuple[str, str, int]]


def _found(report: str) -> Findings:
    return [(each["rule"], each["path"], each["line"]) for each in json.loads(report)["findings"]]


def by_hook(hooked: Hooked) -> Findings:
    return _found((hooked.folder / ".git" / "found.json").read_text())


def by_check(capsys: pytest.CaptureFixture[str], *paths: str) -> Findings:
    main(["check", "--output-format", "json", *paths])
    return _found(capsys.readouterr().out)


def test_all_files_at_the_lines_of_check(hooked: Hooked, capsys: pytest.CaptureFixture[str]) -> None:
    _needs_helm()
    result = hooked.run("policylint", "--all-files")
    assert result.returncode == 1
    assert by_hook(hooked) == by_check(capsys, ".")
    assert {("IMG001", "k8s/web.yaml", 12), ("IMG001", "chart/templates/web.yaml", 12)} <= set(by_hook(hooked))
    assert {("WFL001", ".github/workflows/ci.yml", 6), ("KYV001", "k8s/policy.yaml", 13)} <= set(by_hook(hooked))


def test_only_what_is_staged(hooked: Hooked, capsys: pytest.CaptureFixture[str]) -> None:
    hooked.write("k8s/web.yaml", f"# changed\n{WEB}")
    hooked.git("add", "k8s/web.yaml")
    assert hooked.run("policylint").returncode == 1
    assert by_hook(hooked) == by_check(capsys, "k8s/web.yaml")
    assert ("IMG001", "k8s/web.yaml", 13) in by_hook(hooked)


@pytest.mark.parametrize(
    "name", ["chart/Chart.yaml", "chart/values.yaml", "chart/templates/_helpers.tpl", "chart/templates/web.yaml"]
)
def test_a_file_of_a_chart_stands_for_the_chart(hooked: Hooked, name: str) -> None:
    _needs_helm()
    assert hooked.run("policylint", "--files", name).returncode == 1
    assert ("IMG001", "chart/templates/web.yaml", 12) in by_hook(hooked)


@pytest.mark.parametrize("name", ["README.md", "chart/templates/NOTES.txt"])
def test_files_that_it_is_not_for(hooked: Hooked, name: str) -> None:
    result = hooked.run("policylint", "--files", name)
    assert (result.returncode, "Skipped" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    "name", ["lint/bad.yaml", "mail/templates/hello.tpl", ".pre-commit-config.yaml", "policylint.yaml"]
)
def test_files_with_nothing_to_judge(hooked: Hooked, name: str) -> None:
    result = hooked.run("policylint", "--files", name)
    assert (result.returncode, "Passed" in result.stdout) == (0, True)
    assert by_hook(hooked) == []


def test_the_whole_project_whichever_file_changed(hooked: Hooked, capsys: pytest.CaptureFixture[str]) -> None:
    _needs_helm()
    assert hooked.run("policylint-project", "--files", "policylint.yaml").returncode == 1
    assert by_hook(hooked) == by_check(capsys, ".")


def test_fixing(hooked: Hooked) -> None:
    result = hooked.run("policylint-fix", "--files", "k8s/policy.yaml")
    assert result.returncode == 1
    assert "files were modified by this hook" in result.stdout
    assert "mutateDigest: false" in (hooked.folder / "k8s/policy.yaml").read_text()
    assert hooked.git("diff", "--name-only").split() == ["k8s/policy.yaml"]
    hooked.git("add", "k8s/policy.yaml")
    assert hooked.run("policylint-fix", "--files", "k8s/policy.yaml").returncode == 0


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("k8s/web.yaml", True),
        ("web.yml", True),
        ("web.json", True),
        ("chart/templates/_helpers.tpl", True),
        ("chart/charts/sub/templates/tests/_helpers.tpl", True),
        ("base/Kustomization", True),
        ("chart/templates/NOTES.txt", False),
        ("terraform/user-data.tpl", False),
        ("yaml", False),
        ("main.py", False),
    ],
)
def test_which_files_reach_the_hooks(name: str, wanted: bool) -> None:
    for hook in yaml.safe_load(HOOKS.read_text(encoding="utf-8")):
        assert bool(re.search(hook["files"], name)) is wanted
