"""A small project for pytest runs: manifests that pass, warn and fail, and what its runs say."""

from collections.abc import Mapping

import pytest

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:latest
"""
# of a kind that no rule will ever be about
WIDGET = """\
apiVersion: example.com/v1
kind: Widget
metadata:
  name: web
spec:
  size: 80
"""
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signatures
spec:
  rules:
  - name: check
    match: {any: [{resources: {kinds: [Pod]}}]}
    verifyImages:
    - imageReferences: ["registry.example.com/*"]
      failureAction: Enforce
      attestors:
      - entries:
        - keys: {publicKeys: "k8s://kyverno/cosign"}
"""
WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
    - uses: actions/checkout@main
"""
BROKEN = "a: [\n"
PROJECT = {
    # the rules that run here stay the same, whichever others there are
    "policylint.yaml": "select: [IMG001, IMG003, KYV002, KYV003, KYV005, WFL001, WFL002]\n",
    "k8s/web.yaml": f"{DEPLOYMENT}---\n{WIDGET}",
    "k8s/policy.yaml": POLICY,
    ".github/workflows/ci.yml": WORKFLOW,
    "broken.yaml": BROKEN,
}

WEB_IMAGE = "k8s/web.yaml::Deployment/shop/web::IMG001"
WEB_WIDGET = "k8s/web.yaml::Widget/web::structure"
TIMEOUT = "k8s/policy.yaml::ClusterPolicy/signatures::KYV002"
ACTION = ".github/workflows/ci.yml::WFL001"
UNPARSED = "broken.yaml::PRJ001"


def lay_out(pytester: pytest.Pytester, files: Mapping[str, str] = PROJECT) -> None:
    """Writes `files`, by path, into the folder that the runs of `pytester` take place in."""
    for name, text in files.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def outcomes(pytester: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """The outcome of every test of a run with these arguments, by id."""
    run = pytester.inline_run("--policylint", *arguments)
    calls = (report for report in run.getreports("pytest_runtest_logreport") if report.when == "call")
    return {report.nodeid: report.outcome for report in calls}


def collected(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    """The ids of the tests that a run with these arguments would run."""
    result = pytester.runpytest_inprocess("--policylint", "--collect-only", "-q", *arguments)
    return [line for line in result.outlines if "::" in line and " " not in line]
