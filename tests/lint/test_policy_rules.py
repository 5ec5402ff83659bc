"""Kyverno policies as rules of `check`: ids, places, severities, selection, suppression, baseline, refusals."""

import json
from typing import Any

import pytest

from conftest import Write
from policylint.cli import main

POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: teams
  annotations:
    policies.kyverno.io/title: Every pod has a team
    policies.kyverno.io/description: Somebody has to be called.
spec:
  validationFailureAction: Enforce
  rules:
  - name: default-owner
    match: {any: [{resources: {kinds: [Pod]}}]}
    mutate: {patchStrategicMerge: {metadata: {labels: {+(owner): nobody}}}}
  - name: team
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: a team
      pattern:
        metadata:
          labels:
            team: "?*"
  - name: owner
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: an owner
      pattern: {metadata: {labels: {owner: "?*"}}}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
  - name: web
    image: registry.example.com/web:1.0.0
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec: {containers: [{name: web, image: "registry.example.com/web:1.0.0"}]}
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
CONFIG = "policies: [policies]\n"
TEAM = "policy:teams/team"
EXCEPTION = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: spared, namespace: shop}
spec:
  match: {any: [{resources: {kinds: [Pod]}}]}
  exceptions: [{policyName: teams, ruleNames: [team]}]
"""


def report(capsys: pytest.CaptureFixture[str], *arguments: str, paths: tuple[str, ...] = ("k8s",)) -> Any:
    main(["check", "--output-format", "json", *arguments, *paths])
    return json.loads(capsys.readouterr().out)


def project(write: Write, *, config: str = CONFIG, policy: str = POLICY, **files: str) -> None:
    manifests = {f"k8s/{name}.yaml": text for name, text in (files or {"pod": POD}).items()}
    write({"policylint.yaml": config, "policies/teams.yaml": policy, **manifests})


def test_a_finding(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write)
    [finding] = report(capsys)["findings"]
    finding.pop("fingerprint")
    assert finding == {
        "rule": TEAM,
        "name": "teams/team",
        "severity": "error",
        "message": "validation error: a team. rule team failed at path /metadata/labels/team/",
        "help": "The policy decides this at policies/teams.yaml:21.",
        "url": "",
        "path": "k8s/pod.yaml",
        "line": 5,
        "column": 3,
        "end_line": 5,
        "end_column": 9,
        "resource": {"apiVersion": "v1", "kind": "Pod", "namespace": None, "name": "web"},
        "yaml_path": "metadata.labels.team",
        "related": [],
        "fix": None,
        "rendered": None,
        "renders": None,
    }


def test_pod_controllers_and_other_kinds(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write, deployment=DEPLOYMENT, service=SERVICE)
    found = [
        (each["rule"], each["path"], each["yaml_path"]) for each in report(capsys, "--select", "policy")["findings"]
    ]
    assert found == [(TEAM, "k8s/deployment.yaml", "spec.template.metadata.labels.team")]


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        (
            "    policies.kyverno.io/title",
            "    policies.kyverno.io/severity: critical\n    policies.kyverno.io/title",
            "error",
        ),
        (
            "    policies.kyverno.io/title",
            "    policies.kyverno.io/severity: Medium\n    policies.kyverno.io/title",
            "warning",
        ),
        (
            "    policies.kyverno.io/title",
            "    policies.kyverno.io/severity: low\n    policies.kyverno.io/title",
            "info",
        ),
        (
            "    policies.kyverno.io/title",
            '    policies.kyverno.io/scored: "false"\n    policies.kyverno.io/title',
            "warning",
        ),
        ("Enforce", "Audit", "warning"),
        (
            "Enforce\n",
            "Enforce\n  validationFailureActionOverrides: [{action: Audit, namespaces: [default]}]\n",
            "warning",
        ),
    ],
    ids=["critical", "medium", "low", "not scored", "audit", "audit in this namespace"],
)
def test_severity(old: str, new: str, severity: str, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write, policy=POLICY.replace(old, new))
    [finding] = report(capsys)["findings"]
    assert finding["severity"] == severity


def test_the_configuration_outranks_the_policy(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write, config=f"{CONFIG}severity: {{'{TEAM}': info}}\n")
    [finding] = report(capsys)["findings"]
    assert finding["severity"] == "info"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--select", TEAM), [TEAM]),
        (("--select", "teams/team"), [TEAM]),
        (("--select", "policy"), [TEAM]),
        (("--select", "IMG"), []),
        (("--ignore", TEAM), []),
        (("--ignore", "policy"), []),
    ],
)
def test_selection(
    arguments: tuple[str, ...], found: list[str], write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    project(write)
    assert [each["rule"] for each in report(capsys, *arguments)["findings"]] == found


def test_a_mistyped_id_gets_a_suggestion(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write)
    assert main(["check", "--ignore", "policy:teams/tam", "k8s"]) == 2
    assert "unknown rule 'policy:teams/tam'; did you mean 'policy:teams/team'?" in capsys.readouterr().err


def test_suppressions(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    comment = f"  labels:  # policylint: ignore[{TEAM}] it has none\n"
    annotation = f"  annotations: {{policylint.dev/ignore: '{TEAM}', policylint.dev/ignore-reason: none}}\n  labels:\n"
    project(write, comment=POD.replace("  labels:\n", comment), annotation=POD.replace("  labels:\n", annotation))
    result = report(capsys)
    assert (result["findings"], result["summary"]["suppressed"]) == ([], 2)


def test_baseline(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write)
    assert main(["check", "k8s", "--write-baseline", "baseline.json"]) == 0
    capsys.readouterr()
    result = report(capsys, "--baseline", "baseline.json")
    assert (result["findings"], result["summary"]["baselined"]) == ([], 1)


def test_per_file_ignores_and_options(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write, config=f"{CONFIG}per-file-ignores: {{'k8s/*': [policy]}}\n")
    assert report(capsys)["findings"] == []


def test_exceptions_beside_the_policies_hold(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write)
    write({"policies/exception.yaml": EXCEPTION})
    assert report(capsys)["findings"] == []


def test_a_rule_that_cannot_be_evaluated_is_a_finding(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write, policy=POLICY.replace('"?*"\n  - name: owner', '"{{ request.nothing }}"\n  - name: owner'))
    [finding] = report(capsys)["findings"]
    assert (finding["rule"], finding["severity"]) == (TEAM, "error")
    assert finding["message"].startswith("cannot be judged: variable substitution failed: ")


def test_what_is_not_supported_is_a_finding(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    cel = "    validate: {cel: {expressions: [{expression: 'true'}]}}\n"
    rule = f"  - name: modern\n    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}\n{cel}"
    project(write, policy=POLICY + rule)
    messages = {each["rule"]: each["message"] for each in report(capsys)["findings"]}
    assert messages["policy:teams/modern"] == "cannot be judged: unsupported: validate.cel"


def test_worker_processes_judge_the_same(
    write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policylint.lint.targets._PARALLEL_BYTES", 1)
    monkeypatch.setattr("policylint.lint.targets.cores", lambda: 2)
    project(write, one=POD, two=POD, three=DEPLOYMENT)
    assert [each["path"] for each in report(capsys)["findings"]] == ["k8s/one.yaml", "k8s/three.yaml", "k8s/two.yaml"]


def test_explain_and_rules_know_it(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write)
    assert main(["explain", TEAM]) == 0
    assert capsys.readouterr().out == (
        "# policy:teams/team teams/team\n\nEvery pod has a team\n\nDefault: error.\n\n"
        "## What it does\n\nSomebody has to be called.\n"
    )
    assert main(["rules", "--output-format", "json"]) == 0
    listed = {record["id"]: record for record in json.loads(capsys.readouterr().out)}
    assert [name for name in listed if name.startswith("policy:")] == [TEAM, "policy:teams/owner"]
    assert listed[TEAM]["url"] == ""


@pytest.mark.parametrize(
    ("config", "files", "message"),
    [
        (
            CONFIG,
            {"policies/teams.yaml": POLICY.replace("    match:", "    matches:")},
            "policies/teams.yaml:11:5: the policy is invalid: the rule has no match",
        ),
        (
            CONFIG,
            {"policies/cel.yaml": "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: m}\n"},
            "policies/cel.yaml:2:7: unsupported: ValidatingPolicy (CEL) 'm' cannot judge manifests yet",
        ),
        (CONFIG, {"policies/broken.yaml": "a: [\n"}, "policies/broken.yaml:2:1: cannot be parsed: "),
        (
            "fail-on: info\npolicies:\n- policies\n- nowhere.yaml\n",
            {"policies/teams.yaml": POLICY},
            "policylint.yaml:4:3: policies: 'nowhere.yaml' names no policy of Kyverno",
        ),
        (
            "policies: ['k8s/*.yaml']\n",
            {},
            "policylint.yaml:1:12: policies: 'k8s/*.yaml' names no policy of Kyverno",
        ),
        (
            CONFIG,
            {"policies/teams.yaml": POLICY.partition("  - name: team\n")[0]},
            "policylint.yaml:1:12: policies: 'policies' has no validate rule, so that it cannot judge manifests",
        ),
        (
            CONFIG,
            {"policies/a.yaml": POLICY, "policies/b.yaml": POLICY},
            "policies/b.yaml:1:1: policy:teams/team is already the rule of",
        ),
    ],
    ids=["invalid", "CEL", "no YAML", "no file", "no policy", "no validation", "twice"],
)
def test_what_cannot_judge_ends_the_run(
    config: str, files: dict[str, str], message: str, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"policylint.yaml": config, "k8s/pod.yaml": POD, **files})
    assert main(["check", "k8s"]) == 2
    assert message in capsys.readouterr().err


def test_hidden_folders_hold_the_policies_tests(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    project(write)
    write({"policies/.tests/policy.yaml": POLICY})
    assert [each["rule"] for each in report(capsys)["findings"]] == [TEAM]
