"""`policylint check --against`: changes judged against a folder or a git revision."""

import subprocess
from pathlib import Path

import pytest

from conftest import Write
from policylint.cli import main

POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: default-deny
spec:
  rules:
  - name: {name}
    match:
      any:
      - resources:
          kinds: [Namespace]
    generate:
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      name: default-deny
      namespace: "{{{{request.object.metadata.name}}}}"
      data:
        spec: {{podSelector: {{}}}}
"""


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["check", "--select", "KYV127", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_folder(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"now/a.yaml": POLICY.format(name="deny"), "next/b.yaml": POLICY.format(name="deny-all")})
    code, out, _ = run(capsys, "next", "--against", "now")
    assert code == 1
    assert "next/b.yaml:6:3: error[KYV127] generate rule 'deny' is gone, or has another name now" in out
    assert "1 policy was held against now" in out
    code, out, _ = run(capsys, "now", "--against", "now")
    assert (code, "No findings." in out) == (0, True)


def test_a_revision(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    root = write({"policies/a.yaml": POLICY.format(name="deny")})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    Path(root, "policies/a.yaml").unlink()
    write({"policies/moved.yaml": POLICY.format(name="deny-all")})
    code, out, _ = run(capsys, ".", "--against", "HEAD")
    assert code == 1
    assert "policies/moved.yaml:6:3: error[KYV127]" in out
    code, out, _ = run(capsys, "policies", "--against", "HEAD")
    assert (code, "1 policy was held against HEAD" in out) == (1, True)
    # a file alone is held against what the revision has at its place, which is nothing here
    code, out, _ = run(capsys, "policies/moved.yaml", "--against", "HEAD")
    assert (code, "0 policies were held against HEAD" in out) == (0, True)


def test_a_suppression_holds(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    after = POLICY.format(name="deny-all").replace(
        "  rules:", "  rules:  # policylint: ignore[KYV127] recreated by hand"
    )
    write({"now/a.yaml": POLICY.format(name="deny"), "next/a.yaml": after})
    code, out, _ = run(capsys, "next", "--against", "now")
    assert (code, "1 suppressed" in out) == (0, True)


@pytest.mark.parametrize(
    ("before", "against", "message"),
    [
        ("a: [1", "now", "--against now: now/a.yaml:1: "),
        ("a: 1", "v1.0", "is in no git repository"),
        ("a: 1", "--all", "'--all' is no git revision"),
    ],
)
def test_what_cannot_be_held_against(
    write: Write, capsys: pytest.CaptureFixture[str], before: str, against: str, message: str
) -> None:
    write({"now/a.yaml": before, "next/a.yaml": POLICY.format(name="deny")})
    code, _, err = run(capsys, "next", f"--against={against}")
    assert code == 2
    assert message in err
