"""Policies evaluated from Python: what is taken, what comes of it, and how assertions fail."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import policylint
from conftest import Write
from policylint import UsageError, assert_allowed, assert_denied, assert_mutated, evaluate
from policylint.engine.backends import Backends
from policylint.engine.request import UserInfo

Data = dict[str, Any]


def pod(**labels: str) -> Data:
    spec = {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": labels}, "spec": spec}


def policy(*rules: Data, name: str = "p", **spec: Any) -> Data:
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": name},
        "spec": {"validationFailureAction": "Enforce", **spec, "rules": list(rules)},
    }


def rule(body: Mapping[str, Any], name: str = "r", **fields: Any) -> Data:
    return {"name": name, "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, **body, **fields}


TEAM = rule({"validate": {"message": "a team", "pattern": {"metadata": {"labels": {"team": "?*"}}}}}, "team")
COSTS = rule({"mutate": {"patchStrategicMerge": {"metadata": {"labels": {"costs": "4711"}}}}}, "costs")


def test_denied() -> None:
    result = evaluate(policy(TEAM), pod())
    assert (result.denied, result.allowed) == (True, False)
    assert [(each.rule, each.status) for each in result.denying] == [("team", "fail")]
    assert result.messages == ("validation error: a team. rule team failed at path /metadata/labels/team/",)
    assert result.failed == result.rules == result.denying
    assert_denied(result)
    assert_denied(result, rule="team", message="a team")


def test_allowed() -> None:
    result = evaluate(policy(TEAM), pod(team="a"))
    assert (result.denied, result.allowed, result.messages) == (False, True, ())
    assert result.rule("team").status == "pass"
    assert_allowed(result)


def test_what_audits_denies_nothing() -> None:
    result = evaluate(policy(TEAM, validationFailureAction="Audit"), pod())
    assert (result.denied, len(result.failed)) == (False, 1)
    with pytest.raises(AssertionError, match="the request is allowed; what fails is only reported:\nteam: fail:"):
        assert_denied(result)


def test_mutations_thread_through_policies() -> None:
    checks = rule({"validate": {"message": "m", "pattern": {"metadata": {"labels": {"costs": "4711"}}}}}, "check")
    result = evaluate([policy(checks, name="second"), policy(COSTS, name="first")], pod(team="a"))
    assert_allowed(result)
    assert_mutated(result, pod(team="a", costs="4711"))


def test_differences_are_shown_by_path() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_mutated(evaluate(policy(COSTS), pod()), pod(costs="4712"))
    text = str(caught.value)
    assert text.startswith("the object is not as expected:\n")
    assert "root['metadata']['labels']['costs'] changed from \"4712\" to \"4711\"" in text


def test_an_object_that_stays_as_it_was() -> None:
    with pytest.raises(AssertionError, match=r"^nothing was mutated:\n"):
        assert_mutated(evaluate(policy(TEAM), pod(team="a")), pod(team="b"))


def test_an_allowed_request_that_is_denied() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_allowed(evaluate(policy(TEAM), pod()))
    lines = str(caught.value).splitlines()
    assert lines[:2] == [
        "the request is denied:",
        "- team: validation error: a team. rule team failed at path /metadata/labels/team/",
    ]
    assert lines[-1].startswith('  metadata.labels.team is not set, but must match "?*": does not match (spec.rules[0]')


def test_denied_by_another_rule_or_saying_something_else() -> None:
    result = evaluate(policy(TEAM), pod())
    with pytest.raises(AssertionError, match="the request is denied by team, not by 'tam'"):
        assert_denied(result, rule="tam")
    with pytest.raises(AssertionError, match="the request is denied, but nothing says 'an owner':\n- team: validation"):
        assert_denied(result, message="an owner")


def test_pod_controllers_are_judged_by_the_rule_s_own_name() -> None:
    template = {"metadata": {"labels": {}}, "spec": pod()["spec"]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"template": template},
    }
    result = evaluate(policy(TEAM), deployment)
    assert result.rule("team").rule == "autogen-team"
    assert_denied(result, rule="team")


def test_a_rule_without_verdict_says_why() -> None:
    result = evaluate(policy(TEAM), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}})
    assert [each.rule for each in result.unmatched] == ["team"]
    assert result.explain() == "team: is not for the request: kind Secret is not Pod"
    with pytest.raises(UsageError, match="the rule 'team' gave no verdict: kind Secret is not Pod"):
        result.rule("team")


def test_operation() -> None:
    frozen = rule({"validate": {"message": "frozen", "deny": {}}})
    frozen["match"]["any"][0]["resources"]["operations"] = ["UPDATE"]
    assert_allowed(evaluate(policy(frozen), pod()))
    assert_denied(evaluate(policy(frozen), pod(), operation="UPDATE"))


def test_the_object_before() -> None:
    changed = {"key": "{{ request.object.metadata.labels.a }}", "operator": "NotEquals"}
    condition = {**changed, "value": "{{ request.oldObject.metadata.labels.a }}"}
    deny = {"conditions": {"all": [condition]}}
    grown = rule({"validate": {"message": "m", "deny": deny, "allowExistingViolations": False}})
    assert_denied(evaluate(policy(grown), pod(a="2"), operation="UPDATE", old=pod(a="1")))
    assert_allowed(evaluate(policy(grown), pod(a="2"), operation="UPDATE"))


def test_what_is_deleted_is_the_old_object() -> None:
    kept = {"key": "{{ request.oldObject.metadata.labels.keep }}", "operator": "Equals", "value": "yes"}
    deny = rule({"validate": {"message": "kept", "deny": {"conditions": {"all": [kept]}}}})
    assert_denied(evaluate(policy(deny), pod(keep="yes"), operation="DELETE"), message="kept")


@pytest.mark.parametrize(
    "user", ["jane", UserInfo("jane"), {"userInfo": {"username": "jane"}}], ids=["name", "value", "file"]
)
def test_users(user: Any) -> None:
    denying = rule({"validate": {"message": "m", "deny": {}}})
    denying["exclude"] = {"any": [{"subjects": [{"kind": "User", "name": "jane"}]}]}
    assert_allowed(evaluate(policy(denying), pod(), user=user))
    assert_denied(evaluate(policy(denying), pod(), user="joe"))


def test_namespace_labels() -> None:
    chosen = rule({"validate": {"message": "m", "deny": {}}})
    chosen["match"]["any"][0]["resources"]["namespaceSelector"] = {"matchLabels": {"stage": "prod"}}
    assert_denied(evaluate(policy(chosen), pod(), namespace_labels={"stage": "prod"}))
    assert_allowed(evaluate(policy(chosen), pod()))


def test_variables_and_backends() -> None:
    named = rule({"mutate": {"patchStrategicMerge": {"metadata": {"labels": {"v": "{{ given }}-{{ m.data.a }}"}}}}})
    named["context"] = [{"name": "m", "configMap": {"name": "m", "namespace": "default"}}]
    backends = Backends(config_maps={("default", "m"): {"data": {"a": "b"}}})
    result = evaluate(policy(named), pod(), variables={"given": "x"}, backends=backends)
    assert_mutated(result, pod(v="x-b"))


def test_exceptions() -> None:
    exception = {
        "apiVersion": "kyverno.io/v2",
        "kind": "PolicyException",
        "metadata": {"name": "e", "namespace": "n"},
        "spec": {
            "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
            "exceptions": [{"policyName": "p", "ruleNames": ["team"]}],
        },
    }
    result = evaluate(policy(TEAM), pod(), exceptions=[exception])
    assert_allowed(result)
    assert result.rule("team").exceptions == ("n/e",)


def test_generated_objects() -> None:
    made = {"apiVersion": "v1", "kind": "ConfigMap", "name": "made", "namespace": "shop", "data": {"data": {"a": "b"}}}
    [generated] = evaluate(policy(rule({"generate": made})), pod()).generated
    assert (generated["metadata"]["name"], generated["data"]) == ("made", {"a": "b"})


def test_files_and_documents(write: Write, policylint: Any) -> None:
    folder = write(
        {
            "policy.yaml": (
                "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\n"
                "spec: {rules: [{name: r, match: {any: [{resources: {kinds: [Pod]}}]},"
                " validate: {failureAction: Enforce, message: m, deny: {}}}]}\n"
            ),
            "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n",
        }
    )
    for given in ("policy.yaml", folder / "policy.yaml", policylint.manifest("policy.yaml")):
        assert_denied(evaluate(given, "pod.yaml"))
    assert_denied(evaluate("policy.yaml", policylint.manifest("pod.yaml")))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "Pod"}, "the policy is invalid: None Pod is not a kyverno.io ClusterPolicy or Policy"),
        (
            policy({"name": "r", "validate": {"deny": {}}}),
            r"the policy is invalid: the rule has no match \(spec.rules\[0\]\)",
        ),
        ("nowhere.yaml", "there is no file 'nowhere.yaml'"),
        ("pod.yaml", "pod.yaml holds no policy"),
        ("cel.yaml", r"cel.yaml: modern is not evaluated: ValidatingPolicy \(CEL\)"),
        ([], "there is no policy to evaluate"),
        (policy(rule({"validate": {"cel": {}}})), "the rule 'r' uses what is not evaluated: validate.cel"),
    ],
    ids=["no policy", "invalid", "no file", "another kind", "CEL", "none", "unsupported"],
)
def test_what_says_nothing_about_the_request_is_refused(given: Any, message: str, write: Write) -> None:
    cel = "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: modern}\n"
    write({"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "cel.yaml": cel})
    with pytest.raises(UsageError, match=message):
        evaluate(given, pod())


def test_a_resource_file_holds_one_object(write: Write) -> None:
    write({"two.yaml": "a: b\n---\nc: d\n"})
    with pytest.raises(UsageError, match=r"two\.yaml holds 2 documents, and one is the resource"):
        evaluate(policy(TEAM), Path("two.yaml"))


def test_the_fixture_is_the_function(evaluate: Any) -> None:
    assert evaluate is policylint.evaluate
