"""Policy exceptions."""

from typing import Any

import pytest

from policylint.engine.context import request_context
from policylint.engine.errors import InvalidPolicy
from policylint.engine.exceptions import PolicyException, matching_exceptions
from policylint.engine.request import GroupVersionKind, Request, UserInfo

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "tool-1", "namespace": "delta", "labels": {"color": "blue"}},
}
PODS = {"any": [{"resources": {"kinds": ["Pod"]}}]}


def exception(
    name: str = "e", policy: str = "p", rules: Any = ("r",), match: Any = PODS, **spec: Any
) -> PolicyException:
    entry = {"policyName": policy, "ruleNames": list(rules)}
    return PolicyException.of(
        {
            "apiVersion": "kyverno.io/v2",
            "kind": "PolicyException",
            "metadata": {"name": name, "namespace": "exceptions"},
            "spec": {"exceptions": [entry], "match": match, **spec},
        }
    )


def found(
    *exceptions: PolicyException, policy: str = "p", rule: str = "r", request: Request | None = None
) -> list[str]:
    asked = request or Request(POD)
    return [each.key for each in matching_exceptions(exceptions, policy, rule, asked, request_context(asked))]


@pytest.mark.parametrize(
    ("named", "policy", "rule", "expected"),
    [
        (("p", ["r"]), "p", "r", True),
        (("p", ["*"]), "p", "autogen-r", True),
        (("p", ["r", "autogen-r"]), "p", "autogen-r", True),
        (("p", ["r"]), "p", "autogen-r", False),
        (("q", ["r"]), "p", "r", False),
        (("ns/p", ["r"]), "ns/p", "r", True),
        (("p*", ["r"]), "p", "r", False),
    ],
)
def test_rules_are_named_by_policy_and_wildcard(named: Any, policy: str, rule: str, expected: bool) -> None:
    assert exception(policy=named[0], rules=named[1]).names(policy, rule) is expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (PODS, True),
        ({"any": [{"resources": {"kinds": ["Deployment"]}}]}, False),
        ({"any": [{"resources": {"kinds": ["Deployment"]}}, {"resources": {"names": ["tool-*"]}}]}, True),
        ({"all": [{"resources": {"kinds": ["Pod"]}}, {"resources": {"namespaces": ["delta"]}}]}, True),
        ({"all": [{"resources": {"kinds": ["Pod"]}}, {"resources": {"namespaces": ["other"]}}]}, False),
        ({"any": [{}]}, False),
        ({}, False),
        ({"any": [{"resources": {"kinds": ["Pod"], "operations": ["DELETE"]}}]}, True),
        ({"any": [{"subjects": [{"kind": "User", "name": "eve"}]}]}, False),
    ],
)
def test_an_exception_matches_as_rules_do_save_for_operations(match: Any, expected: bool) -> None:
    assert found(exception(match=match)) == (["exceptions/e"] if expected else [])


def test_users_always_count() -> None:
    match = {"any": [{"resources": {"kinds": ["Pod"]}, "subjects": [{"kind": "User", "name": "eve"}]}]}
    assert found(exception(match=match), request=Request(POD, user=UserInfo("eve"))) == ["exceptions/e"]
    assert found(exception(match=match)) == []


def test_ephemeral_containers_have_to_be_named() -> None:
    request = Request(
        POD, operation="UPDATE", subresource="ephemeralcontainers", parent=GroupVersionKind("", "v1", "Pod")
    )
    assert found(exception(), request=request) == []


def test_conditions_decide_too() -> None:
    def conditions(value: str) -> dict[str, Any]:
        return {"any": [{"key": "{{ request.object.metadata.labels.color }}", "operator": "Equals", "value": value}]}

    assert found(exception("a", conditions=conditions("blue")), exception("b", conditions=conditions("red"))) == [
        "exceptions/a"
    ]


def test_conditions_that_cannot_be_evaluated_end_the_search() -> None:
    broken = {"any": [{"key": "{{ nothing }}", "operator": "Equals", "value": "x"}]}
    assert found(exception("a"), exception("b", conditions=broken), exception("c")) == []


def test_a_deleted_object_is_the_old_one() -> None:
    assert found(exception(), request=Request({}, POD, "DELETE")) == ["exceptions/e"]


def test_wrong_types_are_refused_with_their_place() -> None:
    with pytest.raises(InvalidPolicy) as caught:
        exception(match={"any": [{"resources": {"kinds": "Pod"}}]})
    assert str(caught.value.path) == "spec.match.any[0].resources.kinds"
