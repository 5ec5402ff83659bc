"""Policies against requests: order, preconditions, context, exceptions, values, and what is said of rules left out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.backends import Backends, RuleValues
from policylint.engine.engine import evaluate, evaluate_all
from policylint.engine.errors import InvalidPolicy
from policylint.engine.exceptions import PolicyException
from policylint.engine.policy import Policy
from policylint.engine.request import Request

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"containers": [{"name": "c", "image": "nginx"}], "priority": 3},
}
NAMED = {"pattern": {"metadata": {"name": "web"}}}


def rule(name: str = "r", validate: Any = None, **rest: Any) -> dict[str, Any]:
    body = rest if "mutate" in rest or "verifyImages" in rest or "generate" in rest else {"validate": validate or NAMED}
    return {"name": name, "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, **body, **rest}


def policy(*rules: Any, name: str = "p", kind: str = "ClusterPolicy", **spec: Any) -> Policy:
    metadata = {"name": name, **({"namespace": "shop"} if kind == "Policy" else {})}
    return Policy.of(
        {"apiVersion": "kyverno.io/v1", "kind": kind, "metadata": metadata, "spec": {**spec, "rules": list(rules)}}
    )


def when(key: str, value: Any) -> dict[str, Any]:
    return {"all": [{"key": key, "operator": "Equals", "value": value}]}


def test_each_rule_has_a_verdict_or_a_reason() -> None:
    other = {**rule("b"), "match": {"any": [{"resources": {"kinds": ["Service"]}}]}}
    found = evaluate(policy(rule("a"), other), Request(POD))
    assert [(each.rule, each.status, each.source_rule) for each in found.rules] == [("a", "pass", 0)]
    assert [(each.rule, each.reason) for each in found.unmatched] == [("b", "kind Pod is not Service")]
    assert str(found.unmatched[0].policy_path) == "spec.rules[1].match.any[0].resources.kinds"
    assert found.rules[0].steps[0].what == "match"


def test_preconditions_that_do_not_hold_skip_and_say_which() -> None:
    found = evaluate(policy(rule(preconditions=when("{{ request.object.metadata.name }}", "api"))), Request(POD))
    (skipped,) = found.rules
    assert (skipped.status, skipped.message) == ("skip", "preconditions not met")
    assert str(skipped.policy_path) == "spec.rules[0].preconditions.all[0]"
    assert skipped.steps[-1].what == '"web" Equals "api"'


def test_preconditions_that_cannot_be_evaluated_are_an_error() -> None:
    (found,) = evaluate(policy(rule(preconditions=when("{{ nothing }}", 1))), Request(POD)).rules
    assert found.status == "error"
    assert found.message.startswith("failed to evaluate preconditions: ")
    assert str(found.policy_path) == "spec.rules[0].preconditions.all[0].key"


def test_context_entries_are_there_for_preconditions_and_rule_and_gone_after() -> None:
    context = [{"name": "n", "variable": {"value": "web"}}]
    body = {"pattern": {"metadata": {"name": "{{ n }}"}}}
    first = rule("a", body, context=context, preconditions=when("{{ n }}", "web"))
    found = evaluate(policy(first, rule("b", body)), Request(POD))
    assert [each.status for each in found.rules] == ["pass", "error"]


def test_a_context_entry_of_no_kind_is_an_error() -> None:
    (found,) = evaluate(policy(rule(context=[{"name": "n"}])), Request(POD)).rules
    assert found.status == "error"
    assert found.message.startswith("failed to load context: ")


def exception(**spec: Any) -> PolicyException:
    return PolicyException.of(
        {
            "metadata": {"name": "e", "namespace": "n"},
            "spec": {
                "exceptions": [{"policyName": "p", "ruleNames": ["r"]}],
                "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
                **spec,
            },
        }
    )


def test_an_exception_skips_after_the_preconditions() -> None:
    fails = rule(validate={"pattern": {"metadata": {"name": "x"}}})
    (found,) = evaluate(policy(fails), Request(POD), exceptions=[exception()]).rules
    assert (found.status, found.message, found.exceptions) == (
        "skip",
        "rule is skipped due to policy exceptions n/e",
        ("n/e",),
    )
    broken = rule(preconditions=when("{{ nothing }}", 1))
    assert evaluate(policy(broken), Request(POD), exceptions=[exception()]).rules[0].status == "error"


def test_an_exception_of_another_policy_changes_nothing() -> None:
    assert evaluate(policy(rule(), name="q"), Request(POD), exceptions=[exception()]).rules[0].status == "pass"


def test_values_come_before_the_rules_and_may_change_the_object() -> None:
    body = {"deny": {"conditions": when("{{ request.object.metadata.name }}-{{ color }}", "other-red")}}
    variables = {"request.object.metadata.name": "other", "color": "red"}
    (found,) = evaluate(policy(rule(validate=body)), Request(POD), variables=variables).rules
    assert found.status == "fail"
    (found,) = evaluate(policy(rule()), Request(POD), variables=variables).rules
    assert found.status == "fail"
    assert POD["metadata"]["name"] == "web"


@pytest.mark.parametrize(("operation", "old"), [("CREATE", False), ("UPDATE", True), ("DELETE", True)])
def test_a_value_for_the_operation_changes_the_request(operation: str, old: bool) -> None:
    said = "{{ request.operation }} {{ request.oldObject.metadata.name || 'none' }}"
    body = {"deny": {"conditions": when(said, f"{operation} {'web' if old else 'none'}")}}
    (found,) = evaluate(policy(rule(validate=body)), Request(POD), variables={"request.operation": operation}).rules
    assert found.status == "fail"


def test_values_of_a_rule_are_only_there_for_that_rule() -> None:
    body = {"pattern": {"metadata": {"name": "{{ n }}"}}}
    backends = Backends(rule_values={("p", "a"): RuleValues({"n": "web"})})
    found = evaluate(policy(rule("a", body), rule("b", body)), Request(POD), backends=backends)
    assert [each.status for each in found.rules] == ["pass", "error"]


def test_apply_one_stops_after_the_first_verdict() -> None:
    skipped = rule("a", preconditions=when("x", "y"))
    found = evaluate(policy(skipped, rule("b"), rule("c"), applyRules="One"), Request(POD))
    assert [(each.rule, each.status) for each in found.rules] == [("a", "skip"), ("b", "pass")]


def test_a_namespaced_policy_leaves_other_namespaces_alone() -> None:
    assert evaluate(policy(rule(), kind="Policy"), Request(POD)).rules[0].status == "pass"
    elsewhere = {**POD, "metadata": {"name": "web", "namespace": "other"}}
    found = evaluate(policy(rule(), kind="Policy"), Request(elsewhere))
    assert found.rules == ()
    assert found.unmatched[0].reason == "the policy is for namespace shop, the resource is in other"


def test_conditions_on_all_requests_are_not_supported_and_say_so() -> None:
    webhook = {"matchConditions": [{"name": "x", "expression": "true"}]}
    (found,) = evaluate(policy(rule(), webhookConfiguration=webhook), Request(POD)).rules
    assert (found.status, found.unsupported) == ("error", "spec.webhookConfiguration.matchConditions")


@pytest.mark.parametrize("feature", ["cel", "assert"])
def test_what_is_not_supported_is_an_error_with_its_place(feature: str) -> None:
    (found,) = evaluate(policy(rule(validate={feature: {"a": 1}})), Request(POD)).rules
    assert (found.status, found.message) == ("error", f"unsupported: validate.{feature}")
    assert (found.unsupported, str(found.policy_path)) == (f"validate.{feature}", f"spec.rules[0].validate.{feature}")


def test_policies_answer_in_their_order() -> None:
    policies = [policy(rule(), name="a"), policy(rule(), name="b")]
    found = evaluate_all(policies, Request(POD), variables={"b": {"request.object.metadata.name": "x"}})
    assert [(each.policy, each.rules[0].status) for each in found] == [("a", "pass"), ("b", "fail")]


def test_integers_stay_integers_for_patterns_and_are_numbers_for_queries() -> None:
    pattern = {"pattern": {"spec": {"priority": "3"}}}
    deny = {"deny": {"conditions": when("{{ request.object.spec.priority }}", 3)}}
    found = evaluate(policy(rule("a", pattern), rule("b", deny)), Request(POD))
    assert [each.status for each in found.rules] == ["pass", "fail"]


def test_the_same_policy_answers_again_and_again() -> None:
    asked = policy(rule(validate={"pattern": {"metadata": {"name": "{{ request.object.metadata.name }}"}}}))
    answers = [evaluate(asked, Request(POD)).rules[0] for _ in range(3)]
    assert len(set(answers)) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 99) | st.sampled_from(["", "web", "{{ request.object }}", "$(x)", "*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("any", "all", "key", "operator", "value", "spec", "(a)")), inner, max_size=3)
    ),
    max_leaves=10,
)
BODIES = st.one_of(
    st.fixed_dictionaries({"pattern": JSON}, optional={"message": st.sampled_from(["", "{{ x }}", "m"])}),
    st.fixed_dictionaries({"anyPattern": st.lists(JSON, max_size=2)}),
    st.fixed_dictionaries({"deny": st.fixed_dictionaries({"conditions": JSON})}),
    st.fixed_dictionaries(
        {
            "foreach": st.lists(
                st.fixed_dictionaries(
                    {"list": st.sampled_from(["request.object.spec.containers", "x[", "@", "`1`"]), "pattern": JSON},
                    optional={"preconditions": JSON, "elementScope": st.booleans()},
                ),
                max_size=2,
            )
        }
    ),
)


@given(BODIES, st.none() | JSON, JSON)
def test_whatever_a_policy_says_the_answer_is_a_verdict_or_a_reason(body: Any, preconditions: Any, spec: Any) -> None:
    try:
        asked = policy(rule(validate=body, **({} if preconditions is None else {"preconditions": preconditions})))
    except InvalidPolicy:
        return
    found = evaluate(asked, Request({**POD, "spec": spec}))
    assert len(found.rules) + len(found.unmatched) == 1
