"""Rules that generate objects."""

from typing import Any

import pytest

from policylint.engine.backends import Backends
from policylint.engine.engine import evaluate
from policylint.engine.policy import Policy
from policylint.engine.request import Request
from policylint.engine.response import RuleResponse

NAMESPACE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "team", "uid": "u-1", "annotations": {"copies": "one,two"}},
}
LABELS = {
    "app.kubernetes.io/managed-by": "kyverno",
    "generate.kyverno.io/policy-name": "p",
    "generate.kyverno.io/policy-namespace": "",
    "generate.kyverno.io/rule-name": "r",
    "generate.kyverno.io/trigger-version": "v1",
    "generate.kyverno.io/trigger-group": "",
    "generate.kyverno.io/trigger-kind": "Namespace",
    "generate.kyverno.io/trigger-namespace": "",
    "generate.kyverno.io/trigger-uid": "u-1",
}


def secret(name: str, namespace: str = "default", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "data": {"a": "Yg=="},
    }


def generated(
    body: dict[str, Any], sources: Any = (), trigger: dict[str, Any] = NAMESPACE, objects: Any = (), **rule: Any
) -> RuleResponse:
    match = {"any": [{"resources": {"kinds": ["Namespace"]}}]}
    rules = [{"name": "r", "match": match, "generate": body, **rule}]
    policy = Policy.of(
        {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}, "spec": {"rules": rules}}
    )
    backends = Backends(clone_sources={("p", "r"): sources}, objects=objects)
    (response,) = evaluate(policy, Request(trigger), backends=backends).rules
    return response


TARGET = {"apiVersion": "v1", "kind": "ConfigMap", "name": "zk", "namespace": "{{request.object.metadata.name}}"}


def test_data() -> None:
    data = {"metadata": {"labels": {"team": "{{request.object.metadata.name}}"}}, "data": {"a": "b"}}
    response = generated({**TARGET, "data": data})
    assert (response.status, response.message) == ("pass", "generated ConfigMap team/zk")
    assert response.generated == (
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "zk", "namespace": "team", "labels": {**LABELS, "team": "team"}},
            "data": {"a": "b"},
        },
    )


def test_cluster_scoped_targets_have_no_namespace() -> None:
    target = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "name": "x", "data": {"rules": []}}
    (made,) = generated(target).generated
    assert "namespace" not in made["metadata"]


def test_a_manager_named_in_the_data_stays() -> None:
    labels = {"app.kubernetes.io/managed-by": "helm"}
    (made,) = generated({**TARGET, "data": {"metadata": {"labels": labels}}}).generated
    assert made["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "helm"


def test_no_data_makes_nothing() -> None:
    response = generated(TARGET)
    assert (response.status, response.generated) == ("pass", ())
    assert response.message == "nothing was generated; the rule has no data for ConfigMap team/zk"


def test_what_is_there_is_not_made_again() -> None:
    target = {"apiVersion": "v1", "kind": "Namespace", "name": "team", "data": {}}
    response = generated(target)
    assert response.generated == ()
    assert response.message == "nothing was generated; Namespace team is there already"


CLONE = {
    "apiVersion": "v1",
    "kind": "Secret",
    "name": "copy",
    "namespace": "{{request.object.metadata.name}}",
    "clone": {"name": "reg", "namespace": "default"},
}


def test_clone() -> None:
    source = secret("reg", uid="s", resourceVersion="7", ownerReferences=[{"name": "o"}], labels={"x": "y"})
    (made,) = generated(CLONE, [source]).generated
    assert made == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "copy",
            "namespace": "team",
            "labels": {**LABELS, "x": "y", "generate.kyverno.io/clone-source": ""},
        },
        "data": {"a": "Yg=="},
    }


def test_clone_finds_the_objects_of_the_suite_too() -> None:
    assert len(generated(CLONE, objects=[secret("reg")]).generated) == 1


def test_clone_of_what_is_not_there() -> None:
    response = generated(CLONE, [secret("other")])
    assert response.generated == ()
    assert response.message == (
        "nothing was generated; the source Secret default/reg is not declared: name its file as cloneSourceResource"
    )


def test_clone_onto_itself() -> None:
    body = {**CLONE, "name": "reg", "namespace": "default"}
    assert generated(body, [secret("reg")]).message == (
        "nothing was generated; Secret default/reg is not cloned onto itself"
    )


def test_clone_list() -> None:
    listed = {
        "namespace": "default",
        "kinds": ["v1/Secret", "v1/ConfigMap"],
        "selector": {"matchLabels": {"share": "yes"}},
    }
    sources = [
        secret("a", labels={"share": "yes"}),
        secret("b"),
        secret("c", namespace="other", labels={"share": "yes"}),
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "d", "namespace": "default", "labels": {"share": "yes"}},
        },
    ]
    response = generated({"namespace": "{{request.object.metadata.name}}", "cloneList": listed}, sources)
    assert response.message == "generated Secret team/a, ConfigMap team/d"
    nothing = generated({"namespace": "team", "cloneList": listed}, sources[1:2])
    assert nothing.message == (
        "nothing was generated; no Secret in namespace default is selected: its labels do not fit;"
        " no ConfigMap in namespace default is selected: name their file as cloneSourceResource"
    )


def test_foreach() -> None:
    entry = {
        **TARGET,
        "list": "request.object.metadata.annotations.copies | split(@, ',')",
        "preconditions": {"all": [{"key": "{{element}}", "operator": "NotEquals", "value": "one"}]},
        "context": [{"name": "suffix", "variable": {"value": "-{{elementIndex}}"}}],
        "name": "{{element}}{{suffix}}",
        "data": {},
    }
    response = generated({"foreach": [entry]})
    assert [made["metadata"]["name"] for made in response.generated] == ["two-1"]
    outcomes = {step.outcome for step in response.steps}
    assert "the preconditions of element 0 are not met" in outcomes


def test_empty_foreach() -> None:
    response = generated({"foreach": [{**TARGET, "list": "`[]`", "data": {}}]})
    assert response.message == "nothing was generated; the list `[]` is empty"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({**TARGET, "name": "{{request.object.metadata.labels.x}}", "data": {}}, "failed to generate"),
        ({**TARGET, "name": "{{`1`}}", "data": {}}, "name becomes something that is not text"),
        ({**TARGET, "data": "text"}, "data of a generate rule is a mapping"),
        ({"foreach": [{"data": {}}]}, "a foreach has no list"),
        ({"foreach": {"list": "x"}}, "takes a list, but is a mapping"),
    ],
)
def test_errors(body: dict[str, Any], message: str) -> None:
    response = generated(body)
    assert (response.status, response.generated) == ("error", ())
    assert message in response.message


def test_preconditions_that_do_not_hold_skip() -> None:
    conditions = {"all": [{"key": "{{request.object.metadata.name}}", "operator": "Equals", "value": "other"}]}
    assert generated({**TARGET, "data": {}}, preconditions=conditions).status == "skip"
