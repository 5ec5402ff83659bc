"""What a row says of why: golden/explanations.out has one example of each kind, every one of them expecting otherwise.

`POLICYLINT_UPDATE_GOLDEN=1 pytest tests/suites/test_explanations.py` writes the file anew.
"""

import os
from pathlib import Path

import pytest

from conftest import Write
from policylint.report.lines import LineReader
from policylint.report.options import RenderOptions
from policylint.report.suites_text import render_row
from policylint.suites.run import run_suite

GOLDEN = Path(__file__).parent / "golden" / "explanations.out"
SUITE = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: explained}
policies: [policy.yaml]
resources: [pod.yaml]
results:
- {policy: p, rule: r, kind: Pod, resources: [web], result: warn}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels:
    app: web
spec:
  containers:
  - name: app
    image: nginx:latest
    resources:
      limits:
        memory: 2Gi
  - name: side
    image: busybox:1
  initContainers:
  - name: init
    image: busybox:latest
"""
HEAD = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: p
spec:
  rules:
  - name: r
"""
MATCH = """\
    match:
      any:
      - resources:
          kinds:
          - Pod
"""
RULES = {
    "a pattern that does not match": """\
    validate:
      message: memory is limited to 1Gi
      pattern:
        spec:
          containers:
          - resources:
              limits:
                memory: "<=1Gi"
""",
    "a pattern that matches": """\
    validate:
      pattern:
        metadata:
          labels:
            app: "?*"
""",
    "a conditional anchor that is not met": """\
    validate:
      pattern:
        metadata:
          (name): api
          labels:
            team: "?*"
""",
    "the first of two patterns": """\
    validate:
      anyPattern:
      - metadata:
          labels:
            team: "?*"
      - metadata:
          labels:
            app: web
""",
    "a precondition that does not hold": """\
    preconditions:
      any:
      - key: "{{ request.operation }}"
        operator: AnyIn
        value: [UPDATE, DELETE]
      - key: "{{ request.object.metadata.labels.app }}"
        operator: Equals
        value: api
    validate:
      deny: {}
""",
    "a precondition that holds, and a condition that does not": """\
    preconditions:
      all:
      - key: "{{ request.object.spec.containers | length(@) }}"
        operator: GreaterThan
        value: 1
    validate:
      deny:
        conditions:
          any:
          - key: "{{ request.object.spec.containers[0].resources.limits.memory }}"
            operator: GreaterThan
            value: 4Gi
""",
    "the second element of a list": """\
    validate:
      message: "{{ element.image }} is the latest"
      foreach:
      - list: request.object.spec.[initContainers, containers][]
        preconditions:
          all:
          - key: "{{ element.name }}"
            operator: NotEquals
            value: init
        deny:
          conditions:
            all:
            - key: "{{ element.image }}"
              operator: Equals
              value: "*:latest"
""",
    "a variable that is not there": """\
    validate:
      pattern:
        metadata:
          labels:
            owner: "{{ request.object.metadata.annotations.owner }}"
""",
    "a mutation": """\
    mutate:
      patchStrategicMerge:
        metadata:
          labels:
            +(team): shop
""",
    "a mutation whose anchor is not met": """\
    mutate:
      patchStrategicMerge:
        metadata:
          labels:
            (app): api
            team: shop
""",
    "pod security": """\
    validate:
      podSecurity:
        level: restricted
        version: v1.24
        exclude:
        - controlName: Capabilities
          images: ["*"]
""",
    "something that is not supported": """\
    validate:
      cel:
        expressions:
        - expression: "true"
""",
}
OTHER_MATCHES = {
    "another kind": """\
    match:
      any:
      - resources:
          kinds:
          - Deployment
      - resources:
          kinds:
          - Pod
          namespaces:
          - default
""",
    "an exclude": MATCH
    + """\
    exclude:
      any:
      - resources:
          names:
          - w*
""",
}
CASES = {
    **{name: f"{HEAD}{MATCH}{rule}" for name, rule in RULES.items()},
    **{name: f"{HEAD}{match}    validate:\n      deny: {{}}\n" for name, match in OTHER_MATCHES.items()},
}


def explained(write: Write, policy: str) -> str:
    write({"kyverno-test.yaml": SUITE, "policy.yaml": policy, "pod.yaml": POD})
    outcome = run_suite(Path("kyverno-test.yaml"))
    assert outcome.error is None
    options = RenderOptions(width=120, verbose=True, read_line=LineReader().read)
    return "\n".join(render_row(outcome, row, options) for row in outcome.rows)


def test_explanations_are_as_recorded(write: Write) -> None:
    found = "".join(f"## {name}\n\n{explained(write, policy)}\n\n" for name, policy in CASES.items())
    if os.environ.get("POLICYLINT_UPDATE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_every_row_points_at_the_line_that_decided(write: Write, name: str) -> None:
    write({"kyverno-test.yaml": SUITE, "policy.yaml": CASES[name], "pod.yaml": POD})
    (row,) = run_suite(Path("kyverno-test.yaml")).rows
    assert row.policy_place is not None
    assert row.policy_place.line > len(HEAD.splitlines())
    assert row.reason
    decided = [step for step in row.steps if step.holds is not None]
    assert row.actual == "excluded" or decided[0].what == "match"
    assert all(step.policy_place is not None for step in row.steps)
