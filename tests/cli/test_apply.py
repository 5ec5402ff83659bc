"""`policylint apply` from the command line: what would happen, why, and how it ends."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import Write
from policylint.cli import main

GOLDEN = Path(__file__).parent / "golden"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n"
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: teams
spec:
  validationFailureAction: Audit
  validationFailureActionOverrides:
  - action: Enforce
    namespaces: [prod-*]
  rules:
  - name: team
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: a team
      pattern: {metadata: {labels: {team: "?*"}}}
"""
USER_RULE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: who}
spec:
  validationFailureAction: Enforce
  rules:
  - name: nobody-else
    match: {any: [{resources: {kinds: [Pod], operations: [DELETE]}}]}
    exclude: {any: [{subjects: [{kind: User, name: jane}]}]}
    validate:
      message: only jane
      deny: {}
"""
USER_INFO = "apiVersion: cli.kyverno.io/v1alpha1\nkind: UserInfo\nmetadata: {name: u}\nuserInfo: {username: jane}\n"
CONFIGURED = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: configured}
spec:
  rules:
  - name: from-map
    match: {any: [{resources: {kinds: [Pod]}}]}
    context: [{name: settings, configMap: {name: settings, namespace: shop}}]
    validate:
      message: the name
      deny:
        conditions:
          all: [{key: "{{ request.object.metadata.name }}", operator: NotEquals, value: "{{ settings.data.name }}"}]
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {name: web}\n"
GENERATING = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: maker}
spec:
  rules:
  - name: make
    match: {any: [{resources: {kinds: [Namespace]}}]}
    generate:
      apiVersion: v1
      kind: ConfigMap
      name: made
      namespace: "{{ request.object.metadata.name }}"
      data: {data: {a: b}}
"""
EXCEPTION = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: spared, namespace: shop}
spec:
  match: {any: [{resources: {kinds: [Pod], names: [web]}}]}
  exceptions: [{policyName: teams, ruleNames: [team]}]
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["apply", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def answers(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Any]:
    _, out, _ = run(capsys, *arguments, "--output-format", "json")
    found: list[Any] = json.loads(out)["answers"]
    return found


def test_the_whole_picture(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(repository / "fixtures" / "projects" / "suites", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("COLUMNS", "120")
    code, out, err = run(capsys, "policies", "-r", "pods.yaml", "--values", "values.yaml", "--diff")
    assert (code, err) == (1, "")
    assert out == (GOLDEN / "apply.out").read_text("utf-8")


def test_audit_does_not_fail_unless_asked(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": POLICY, "pod.yaml": POD})
    code, out, _ = run(capsys, "policy.yaml", "-r", "pod.yaml")
    assert code == 0
    assert "  fail      teams/team (Audit): reported, the request is allowed\n" in out
    assert out.endswith("Nothing is denied.\n")
    assert run(capsys, "policy.yaml", "-r", "pod.yaml", "--fail-on", "audit")[0] == 1


def test_the_action_is_the_one_of_the_namespace(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": POLICY, "pod.yaml": POD.replace("shop", "prod-1")})
    [answer] = answers(capsys, "policy.yaml", "-r", "pod.yaml")
    assert (answer["status"], answer["action"], answer["denies"]) == ("fail", "Enforce", True)
    assert run(capsys, "policy.yaml", "-r", "pod.yaml")[0] == 1


def test_an_answer_in_json(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": POLICY, "pod.yaml": POD})
    _, out, _ = run(capsys, "policy.yaml", "-r", "pod.yaml", "--output-format", "json")
    data = json.loads(out)
    assert data["summary"] == {
        "policies": 1,
        "resources": 1,
        "unread": 0,
        "denied": 0,
        "pass": 0,
        "fail": 1,
        "warn": 0,
        "error": 0,
        "skip": 0,
        "unmatched": 0,
    }
    [answer] = data["answers"]
    steps = answer.pop("steps")
    assert answer == {
        "policy": "teams",
        "rule": "team",
        "resource": "Pod/shop/web",
        "status": "fail",
        "message": "validation error: a team. rule team failed at path /metadata/labels/",
        "type": "validate",
        "action": "Audit",
        "denies": False,
        "policy_file": "policy.yaml",
        "policy_line": 15,
        "resource_file": "pod.yaml",
        "resource_line": 3,
        "diff": "",
    }
    assert [step["what"] for step in steps] == ["match", 'metadata.labels is not set, but must match team: "?*"']


def test_rules_that_are_not_for_a_resource_say_why(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    write({"policy.yaml": POLICY, "service.yaml": service})
    code, out, _ = run(capsys, "policy.yaml", "-r", "service.yaml")
    assert code == 0
    assert "  unmatched teams/team: kind Service is not Pod (policy.yaml:12)\n" in out


def test_operation_and_user(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": USER_RULE, "pod.yaml": POD, "user.yaml": USER_INFO})
    [created] = answers(capsys, "policy.yaml", "-r", "pod.yaml")
    [deleted] = answers(capsys, "policy.yaml", "-r", "pod.yaml", "--operation", "DELETE")
    [by_jane] = answers(capsys, "policy.yaml", "-r", "pod.yaml", "--operation", "DELETE", "--userinfo", "user.yaml")
    assert [each["status"] for each in (created, deleted, by_jane)] == ["unmatched", "fail", "unmatched"]
    assert deleted["message"] == "only jane"
    assert by_jane["message"].startswith("excluded: ")


def test_the_given_objects_stand_for_the_cluster(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": CONFIGURED, "pod.yaml": POD, "map.yaml": CONFIG_MAP})
    found = answers(capsys, "policy.yaml", "-r", "pod.yaml", "map.yaml")
    assert [(each["resource"], each["status"]) for each in found] == [
        ("ConfigMap/shop/settings", "unmatched"),
        ("Pod/shop/web", "pass"),
    ]


def test_what_is_generated_is_a_diff_from_nothing(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": GENERATING, "ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"})
    [answer] = answers(capsys, "policy.yaml", "-r", "ns.yaml", "--diff")
    assert answer["diff"].startswith("--- nothing\n+++ ConfigMap/made\n@@ -0,0 +1,")
    assert "+  namespace: shop\n" in answer["diff"]


def test_exceptions_among_the_policies_hold(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policies/policy.yaml": POLICY, "policies/exception.yaml": EXCEPTION, "pod.yaml": POD})
    [answer] = answers(capsys, "policies", "-r", "pod.yaml")
    assert (answer["status"], answer["message"]) == ("skip", "rule is skipped due to policy exceptions shop/spared")


def test_errors_are_no_answers(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    failing = POLICY.replace('"?*"', '"{{ request.object.spec.nothing }}"')
    write({"policy.yaml": failing, "pod.yaml": POD})
    code, out, _ = run(capsys, "policy.yaml", "-r", "pod.yaml")
    assert code == 1
    assert out.endswith("1 answer could not be had: what would happen there is not known.\n")


def test_inputs_that_cannot_be_used_fail_and_are_named(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    cel = "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: modern}\nspec: {}\n"
    invalid = POLICY.replace("    match:", "    matches:").replace("name: teams", "name: broken")
    write(
        {"p/cel.yaml": cel, "p/invalid.yaml": invalid, "p/ok.yaml": POLICY, "r/pod.yaml": POD, "r/bad.yaml": "a: [\n"}
    )
    code, out, _ = run(capsys, "p", "-r", "r")
    assert code == 1
    assert "p/cel.yaml:1:1: error policy 'modern': unsupported: ValidatingPolicy (CEL)\n" in out
    assert "p/invalid.yaml:1:1: error policy 'broken': the rule has no match (p/invalid.yaml:11)\n" in out
    assert "r/bad.yaml:2:1: error cannot be parsed: " in out
    assert "3 policies asked about 1 resource; 3 inputs could not be used.\n" in out


def test_what_is_no_policy_is_noted(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": f"{POLICY}---\n{POD}", "pod.yaml": POD})
    assert "Note: policy.yaml:17: Pod/shop/web is no policy\n" in run(capsys, "policy.yaml", "-r", "pod.yaml")[1]


def test_exit_codes_without_anything_to_ask(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.yaml": POLICY, "pod.yaml": POD, "notes.yaml": "a: b\n"})
    assert run(capsys, "policy.yaml", "-r", "notes.yaml")[::2] == (
        4,
        "policylint: there are no resources to ask about\n",
    )
    assert run(capsys, "pod.yaml", "-r", "pod.yaml")[::2] == (4, "policylint: there are no policies to ask about\n")
    assert run(capsys, "polcy.yaml", "-r", "pod.yaml") == (
        2,
        "",
        "policylint: there is no file 'polcy.yaml'; did you mean 'policy.yaml'?\n",
    )
    assert run(capsys, "policy.yaml", "-r", "pod.yaml", "--values", "pod.yaml")[0] == 2
    assert run(capsys, "policy.yaml", "-r", "nowhere.yaml")[0] == 1


def test_a_chart_is_rendered(repository: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("helm") is None:
        pytest.skip("needs helm")
    folder = write({"policy.yaml": POLICY.replace("kinds: [Pod]", "kinds: [Deployment]")})
    shutil.copytree(repository / "fixtures/projects/incident/after/charts", folder / "charts")
    found = answers(capsys, "policy.yaml", "-r", "charts/persons-finder")
    assert [(each["status"], each["resource_file"]) for each in found if each["status"] != "unmatched"] == [
        ("fail", "charts/persons-finder/templates/deployment.yaml")
    ]
