"""What a start of the program loads: the budget of `policylint check one.yaml` is counted in modules, not in time."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Write = Callable[[Mapping[str, str]], Path]

HEAVY = {
    "asyncio",
    "click",
    "concurrent.futures",
    "dataclasses",
    "deepdiff",
    "docker_image",
    "email",
    "helm_sdk",
    "importlib.metadata",
    "inspect",
    "json",
    "jsonschema",
    "kubernetes",
    "logging",
    "multiprocessing",
    "pathspec",
    "pytest",
    "rich",
    "ruamel",
    "shtab",
    "socket",
    "subprocess",
    "urllib.request",
}

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx:1.27.3
"""
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: verify
spec:
  rules:
  - name: verify
    match: {any: [{resources: {kinds: [Pod]}}]}
    verifyImages:
    - imageReferences: ["registry.example.com/*"]
"""
DEPLOYMENT = """\
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
      - {name: web, image: nginx:1.27.3}
"""
WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    container: node:22
    steps:
    - uses: actions/checkout@main
"""
CLUSTER = "cluster: {node-pools: [{name: default, count: 1, max-pods: 11}], other-pods: [{name: others, pods: 10}]}\n"

# the names go out without the json module, whose absence is among what is tested
_CHECK = """
import sys
from policylint.cli import main
code = main(["check", *sys.argv[1:]])
names = sorted(sys.modules)
sys.stderr.write(str(code) + " " + " ".join(names))
"""
_PYTEST = """
import sys
import pytest
code = pytest.console_main()
sys.stderr.write(str(int(code)) + " " + " ".join(sorted(sys.modules)))
"""


def run(folder: Path, program: str, *arguments: str) -> tuple[int, set[str]]:
    """The exit code of `program` and the modules that it has loaded in the end, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    code, *names = done.stderr.rpartition("\n")[2].split()
    return int(code), set(names)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        pytest.param({"one.yaml": POD}, 0, id="clean"),
        pytest.param({"one.yaml": POLICY}, 1, id="policy"),
        pytest.param({"one.yaml": DEPLOYMENT, "policylint.yaml": CLUSTER}, 1, id="cluster"),
        pytest.param({"one.yaml": WORKFLOW}, 1, id="workflow"),
        pytest.param({"one.yaml": "a: [\n"}, 1, id="broken"),
    ],
)
def test_checking_one_file_loads_nothing_heavy(write: Write, files: dict[str, str], code: int) -> None:
    found, modules = run(write(files), _CHECK, "one.yaml")
    # the schemas of policy kinds are JSON
    allowed = {"json"} if "policy" in files["one.yaml"].casefold() else set()
    assert (found, modules & HEAVY - allowed) == (code, set())


# what no rule may load before a document calls for it: the sum of what all rules import is paid for by every run
ON_DEMAND = (
    "policylint.admission.kinds.find",
    "policylint.admission.schema",
    "policylint.capacity",
    "policylint.config.convert",
    "policylint.document.edits",
    "policylint.document.layout",
    "policylint.engine",
    "policylint.lint.baseline",
    "policylint.lint.comments",
    "policylint.lint.declarative_body",
    "policylint.sources.helm",
    "policylint.sources.kustomize",
    "policylint.suites.load",
    "policylint.suites.schema",
    "policylint.views.expressions",
    "policylint.views.kyverno.verify_images",
    "policylint.views.matrix",
)


def test_a_pod_loads_nothing_that_other_documents_need(write: Write) -> None:
    code, modules = run(write({"one.yaml": POD}), _CHECK, "one.yaml")
    assert code == 0
    assert [name for name in sorted(modules) if name.startswith(ON_DEMAND)] == []


def test_pytest_with_the_plugin_installed_loads_only_its_front(write: Write) -> None:
    folder = write({"test_one.py": "def test_one(): pass\n"})
    code, modules = run(folder, _PYTEST, "-q", "-p", "no:cacheprovider", "test_one.py")
    assert code == 0
    assert {name for name in modules if name.partition(".")[0] == "policylint"} == {
        "policylint",
        "policylint.pytest_plugin",
    }
