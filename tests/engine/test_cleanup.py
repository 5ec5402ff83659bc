"""Cleanup policies."""

from typing import Any

import pytest

from policylint.engine.cleanup import CleanupPolicy
from policylint.engine.errors import InvalidPolicy
from policylint.engine.request import Request
from policylint.model import YamlPath

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "old-1", "namespace": "test", "labels": {"keep": "no"}},
    "spec": {"containers": [{"name": "a", "image": "nginx:1"}]},
}
PODS = {"any": [{"resources": {"kinds": ["Pod"], "name": "old-*"}}]}


def policy(kind: str = "ClusterCleanupPolicy", match: Any = PODS, **spec: Any) -> CleanupPolicy:
    body = {"schedule": "*/1 * * * *", "match": match, **spec}
    metadata = {"name": "clean", **({"namespace": "test"} if kind == "CleanupPolicy" else {})}
    return CleanupPolicy.of({"apiVersion": "kyverno.io/v2", "kind": kind, "metadata": metadata, "spec": body})


def condition(value: str, key: str = "{{ target.metadata.labels.keep }}") -> dict[str, Any]:
    return {"all": [{"key": key, "operator": "Equals", "value": value}]}


def test_matching_objects_would_be_deleted() -> None:
    (response,) = policy().evaluate(Request(POD)).rules
    assert (response.type, response.status, response.message) == ("cleanup", "pass", "would be deleted")


def test_conditions_decide() -> None:
    (deleted,) = policy(conditions=condition("no")).evaluate(Request(POD)).rules
    (kept,) = policy(conditions=condition("yes")).evaluate(Request(POD)).rules
    assert deleted.status == "pass"
    assert (kept.status, kept.message) == ("skip", "would be kept: its conditions are not met")
    assert kept.policy_path == YamlPath.parse("spec.conditions.all[0]")


def test_context_and_images() -> None:
    context = [{"name": "wanted", "variable": {"value": "no"}}]
    asked = policy(context=context, conditions=condition("{{ wanted }}"))
    assert asked.evaluate(Request(POD)).rules[0].status == "pass"
    tags = policy(conditions=condition("1", "{{ images.containers.a.tag }}"))
    assert tags.evaluate(Request(POD)).rules[0].status == "pass"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (policy(match={"any": [{"resources": {"kinds": ["Job"]}}]}), "kind Pod is not "),
        (policy(exclude=PODS), "excluded: "),
    ],
)
def test_objects_that_are_not_meant(asked: CleanupPolicy, reason: str) -> None:
    response = asked.evaluate(Request(POD))
    assert response.rules == ()
    assert response.unmatched[0].reason.startswith(reason)


def test_namespaced_policies_clean_up_their_namespace() -> None:
    other = {**POD, "metadata": {"name": "old-1", "namespace": "other"}}
    asked = policy("CleanupPolicy")
    assert asked.evaluate(Request(POD)).rules[0].status == "pass"
    assert asked.evaluate(Request(other)).rules == ()


def test_conditions_that_cannot_be_evaluated() -> None:
    (response,) = (
        policy(conditions=condition("x", "{{ target.metadata.annotations.none }}")).evaluate(Request(POD)).rules
    )
    assert response.status == "error"
    assert response.message.startswith("failed to evaluate conditions: ")


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "ClusterPolicy", "apiVersion": "kyverno.io/v1"},
        {"kind": "CleanupPolicy", "apiVersion": "example.com/v1", "metadata": {"name": "a"}},
        {"kind": "CleanupPolicy", "apiVersion": "kyverno.io/v2", "metadata": {}},
        {"kind": "CleanupPolicy", "apiVersion": "kyverno.io/v2", "metadata": {"name": "a"}, "spec": {}},
        {
            "kind": "CleanupPolicy",
            "apiVersion": "kyverno.io/v2",
            "metadata": {"name": "a"},
            "spec": {"match": {"any": {"resources": {}}}},
        },
    ],
)
def test_wrong_documents(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        CleanupPolicy.of(data)
