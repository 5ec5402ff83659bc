"""Rules with pattern, anyPattern, deny and foreach: verdicts, messages, and where they were decided."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.backends import Backends, RuleValues
from policylint.engine.engine import evaluate
from policylint.engine.policy import Policy
from policylint.engine.request import Request
from policylint.engine.response import PolicyResponse, RuleResponse


def pod(*images: str, **spec: Any) -> dict[str, Any]:
    containers = [{"name": f"c{index}", "image": image} for index, image in enumerate(images)]
    metadata = {"name": "web", "namespace": "shop", "labels": {"app": "web"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers, **spec}}


def deployment(*images: str) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod(*images)["spec"]}
    metadata = {"name": "web", "namespace": "shop"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}


def policy(validate: Mapping[str, Any], **rest: Any) -> Policy:
    spec = rest.pop("spec", {})
    rule = {"name": "r", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, "validate": validate, **rest}
    metadata = {"name": "p"}
    return Policy.of(
        {
            "apiVersion": "kyverno.io/v1",
            "kind": "ClusterPolicy",
            "metadata": metadata,
            "spec": {**spec, "rules": [rule]},
        }
    )


def answer(
    validate: Mapping[str, Any], request: Request, backends: Backends | None = None, **rest: Any
) -> PolicyResponse:
    return evaluate(policy(validate, **rest), request, backends=backends or Backends())


def verdict(validate: Mapping[str, Any], resource: Any, backends: Backends | None = None, **rest: Any) -> RuleResponse:
    (found,) = answer(validate, Request(resource), backends, **rest).rules
    return found


def places(response: RuleResponse) -> tuple[str, str]:
    assert response.resource_path is not None
    return str(response.policy_path), str(response.resource_path)


TAGGED = {"message": "Tag it", "pattern": {"spec": {"containers": [{"image": "*:*"}]}}}


def test_a_pattern_that_matches_passes() -> None:
    found = verdict(TAGGED, pod("nginx:1"))
    assert (found.status, found.message) == ("pass", "validation rule 'r' passed.")
    assert places(found) == ("spec.rules[0].validate.pattern", "")


def test_a_pattern_that_does_not_names_both_places_and_the_value() -> None:
    found = verdict(TAGGED, pod("nginx:1", "redis"))
    assert (found.status, found.message) == (
        "fail",
        "validation error: Tag it. rule r failed at path /spec/containers/1/image/",
    )
    assert places(found) == ("spec.rules[0].validate.pattern.spec.containers[0].image", "spec.containers[1].image")
    step = found.steps[-1]
    assert (step.what, step.outcome) == ('spec.containers[1].image is "redis", but must match "*:*"', "does not match")


def test_the_place_in_the_policy_is_that_of_the_document_for_controllers_too() -> None:
    found = answer(TAGGED, Request(deployment("redis"))).rules[0]
    assert (found.rule, found.status) == ("autogen-r", "fail")
    assert found.message.endswith("rule autogen-r failed at path /spec/template/spec/containers/0/image/")
    assert places(found) == (
        "spec.rules[0].validate.pattern.spec.containers[0].image",
        "spec.template.spec.containers[0].image",
    )
    assert all("template" not in str(step.policy_path) for step in found.steps)


def test_without_a_message_there_is_a_standard_one() -> None:
    found = verdict({"pattern": TAGGED["pattern"]}, pod("redis"))
    assert found.message == "validation error: rule r failed at path /spec/containers/0/image/"


def test_variables_in_the_message_are_replaced() -> None:
    found = verdict({**TAGGED, "message": "{{ request.object.metadata.name }} is not tagged."}, pod("redis"))
    assert found.message.startswith("validation error: web is not tagged. rule r failed")
    found = verdict({**TAGGED, "message": "{{ nothing }}"}, pod("redis"))
    assert found.message.startswith("validation error: variables substitution error in rule r failed")


def test_variables_in_the_pattern_are_replaced_before_it_is_held_against_the_object() -> None:
    body = {"pattern": {"metadata": {"labels": {"app": "{{ request.object.metadata.name }}"}}}}
    assert verdict(body, pod()).status == "pass"
    missing = verdict({"pattern": {"metadata": {"name": "{{ request.object.metadata.annotations.x }}"}}}, pod())
    assert missing.status == "error"
    assert missing.message.startswith("variable substitution failed: the variable")
    assert str(missing.policy_path) == "spec.rules[0].validate.pattern.metadata.name"


def test_a_conditional_anchor_that_is_not_met_skips() -> None:
    found = verdict({"pattern": {"metadata": {"(namespace)": "other", "name": "x"}}}, pod())
    assert found.status == "skip"
    assert places(found) == ('spec.rules[0].validate.pattern.metadata["(namespace)"]', "metadata.namespace")


def test_nothing_is_said_of_deleted_objects() -> None:
    found = answer(TAGGED, Request({}, pod("redis"), "DELETE"))
    assert found.rules == ()
    assert found.unmatched[0].reason == "patterns are not held against objects that are deleted"


ANY = {
    "message": "Choose",
    "anyPattern": [{"spec": {"hostNetwork": False}}, {"spec": {"(hostIPC)": True, "hostPID": True}}],
}


def test_the_first_pattern_that_matches_passes_and_is_named() -> None:
    found = verdict(ANY, pod(hostNetwork=True, hostIPC=True, hostPID=True))
    assert (found.status, found.message) == ("pass", "validation rule 'r' anyPattern[1] passed.")
    assert str(found.policy_path) == "spec.rules[0].validate.anyPattern[1]"


def test_skipped_patterns_do_not_count_against_those_that_fail() -> None:
    found = verdict(ANY, pod(hostNetwork=True))
    assert (found.status, found.message) == (
        "fail",
        "validation error: Choose. rule r[0] failed at path /spec/hostNetwork/",
    )
    assert places(found) == ("spec.rules[0].validate.anyPattern[0].spec.hostNetwork", "spec.hostNetwork")


def test_only_skipped_patterns_skip() -> None:
    found = verdict({"anyPattern": [{"spec": {"(hostIPC)": True}}]}, pod())
    assert (found.status, found.message) == ("skip", "rule r[0] skipped: spec.hostIPC is not set")


def test_a_variable_may_be_the_whole_list_of_patterns() -> None:
    context = [{"name": "x", "variable": {"value": "just text"}}]
    found = verdict({"anyPattern": ["{{ x }}"]}, pod(), context=context)
    assert found.status == "fail"


def conditions(key: str, operator: str, value: Any, **rest: Any) -> dict[str, Any]:
    return {"conditions": {"any": [{"key": key, "operator": operator, "value": value, **rest}]}}


def test_deny_fails_when_its_conditions_hold() -> None:
    body = {
        "message": "No {{ element || 'x' }}",
        "deny": conditions("{{ request.object.spec.hostPID }}", "Equals", True),
    }
    found = verdict(body, pod(hostPID=True))
    assert (found.status, found.message) == ("fail", "No x")
    assert places(found) == ("spec.rules[0].validate.deny.conditions.any[0]", "spec.hostPID")
    found = verdict(body, pod(hostPID=False))
    assert (found.status, found.message) == ("pass", "validation rule 'r' passed.")


def test_messages_of_conditions_follow_that_of_the_rule() -> None:
    deny = conditions("{{ request.object.spec.hostPID }}", "Equals", True, message="host PID")
    assert verdict({"message": "No", "deny": deny}, pod(hostPID=True)).message == "No; host PID"
    assert verdict({"deny": deny}, pod(hostPID=True)).message == "host PID"
    plain = conditions("{{ request.object.spec.hostPID }}", "Equals", True)
    assert verdict({"deny": plain}, pod(hostPID=True)).message == "validation error: rule r failed"


def test_deny_conditions_that_cannot_be_evaluated_are_an_error() -> None:
    found = verdict({"deny": conditions("{{ request.object.spec.nothing }}", "Equals", True)}, pod())
    assert found.status == "error"
    assert found.message.startswith("failed to check deny conditions: ")
    assert str(found.policy_path) == "spec.rules[0].validate.deny.conditions.any[0].key"


def test_deny_is_also_asked_about_deleted_objects() -> None:
    body = {"deny": conditions("{{ request.operation }}", "Equals", "DELETE")}
    assert answer(body, Request({}, pod(), "DELETE")).rules[0].status == "fail"


def foreach(
    check: Mapping[str, Any], expression: str = "request.object.spec.containers", **entry: Any
) -> dict[str, Any]:
    return {"message": "Bad", "foreach": [{"list": expression, **check, **entry}]}


IMAGE = {"pattern": {"image": "*:*"}}


def test_foreach_holds_the_pattern_against_every_element() -> None:
    found = verdict(foreach(IMAGE), pod("a:1", "b:2"))
    assert (found.status, found.message) == ("pass", "rule passed")
    found = verdict(foreach(IMAGE), pod("a:1", "b"))
    assert (found.status, found.message) == (
        "fail",
        "validation failure: validation error: Bad. rule r failed at path /image/",
    )
    assert places(found) == ("spec.rules[0].validate.foreach[0].pattern.image", "spec.containers[1].image")


def test_foreach_deny_knows_the_element_and_its_index() -> None:
    body = foreach({"deny": conditions("{{ element.image }}", "Equals", "b")})
    body["message"] = "{{ element.name }} at {{ elementIndex }}"
    found = verdict(body, pod("a", "b"))
    assert (found.status, found.message) == ("fail", "validation failure: c1 at 1")
    assert places(found) == ("spec.rules[0].validate.foreach[0].deny.conditions.any[0]", "spec.containers[1]")


def test_elements_are_found_in_joined_lists_too() -> None:
    expression = "request.object.spec.[initContainers, containers][]"
    resource = pod("a:1", initContainers=[{"name": "i", "image": "b"}])
    found = verdict(foreach(IMAGE, expression), resource)
    assert (found.status, str(found.resource_path)) == ("fail", "spec.initContainers[0].image")


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("request.object.spec.volumes || `[]`", ""),
        (
            "request.object.spec.volumes",
            '; foreach request.object.spec.volumes: no list: Unknown key "volumes" in path',
        ),
    ],
)
def test_without_elements_there_is_no_verdict(expression: str, why: str) -> None:
    found = answer(foreach(IMAGE, expression), Request(pod("a")))
    assert found.rules == ()
    assert found.unmatched[0].reason == f"its foreach had no element to judge{why}"
    assert str(found.unmatched[0].policy_path) == "spec.rules[0].validate.foreach[0].list"


def test_elements_that_preconditions_leave_out_do_not_count() -> None:
    when = {"any": [{"key": "{{ element.name }}", "operator": "Equals", "value": "c0"}]}
    assert verdict(foreach(IMAGE, preconditions=when), pod("a:1", "b")).status == "pass"
    never = {"any": [{"key": "{{ element.name }}", "operator": "Equals", "value": "x"}]}
    assert answer(foreach(IMAGE, preconditions=never), Request(pod("a:1"))).rules == ()


def test_context_entries_of_a_foreach_are_loaded_for_each_element() -> None:
    context = [{"name": "tag", "variable": {"jmesPath": "split(element.image, ':')[-1]"}}]
    body = foreach({"deny": conditions("{{ tag }}", "Equals", "bad")}, context=context)
    assert verdict(body, pod("a:1", "b:2")).status == "pass"
    assert verdict(body, pod("a:1", "b:bad")).status == "fail"


def test_an_element_that_cannot_be_judged_is_passed_over_unless_it_is_the_last() -> None:
    body = foreach({"deny": conditions("{{ element.image }}", "Equals", "x")})
    broken = pod("a", "b")
    del broken["spec"]["containers"][0]["image"]
    assert verdict(body, broken).status == "pass"
    broken = pod("a", "b")
    del broken["spec"]["containers"][1]["image"]
    found = verdict(body, broken)
    assert found.status == "error"
    assert found.message.startswith("validation failure: failed to check deny conditions: ")


def test_patterns_of_elements_that_are_no_mappings_are_about_the_object() -> None:
    body = foreach({"pattern": {"metadata": {"name": "{{ element }}"}}}, "['web']")
    assert verdict(body, pod()).status == "pass"
    assert verdict(foreach({"pattern": {"metadata": {"name": "x"}}}, "['web']"), pod()).status == "fail"


def test_the_scope_can_be_said() -> None:
    about_object = foreach({"pattern": {"kind": "Pod"}}, elementScope=False)
    assert verdict(about_object, pod("a")).status == "pass"
    about_element = foreach({"pattern": {"kind": "Pod"}}, "['x']", elementScope=True)
    found = verdict(about_element, pod())
    assert (found.status, str(found.policy_path)) == ("error", "spec.rules[0].validate.foreach[0].elementScope")


def test_foreach_nests() -> None:
    inner = {"foreach": [{"list": "element0.ports", "deny": conditions("{{ element1.hostPort }}", "Equals", 80)}]}
    resource = pod("a", "b")
    resource["spec"]["containers"][1]["ports"] = [{"hostPort": 1}, {"hostPort": 80}]
    found = verdict(foreach(inner), resource)
    assert (found.status, found.message) == ("fail", "validation failure: validation failure: Bad")
    assert places(found) == (
        "spec.rules[0].validate.foreach[0].foreach[0].deny.conditions.any[0]",
        "spec.containers[1].ports[1]",
    )


def test_values_for_each_element_can_be_declared() -> None:
    backends = Backends(rule_values={("p", "r"): RuleValues(foreach_values={"info.ok": ["yes", "no"]})})
    body = foreach({"deny": conditions("{{ info.ok }}", "Equals", "no")})
    found = verdict(body, pod("a", "b"), backends)
    assert (found.status, str(found.resource_path)) == ("fail", "spec.containers[1]")


def update(validate: Mapping[str, Any], old: Any, new: Any, **spec: Any) -> RuleResponse:
    (found,) = evaluate(policy(validate, spec=spec), Request(new, old, "UPDATE")).rules
    return found


def test_an_update_may_keep_a_violation_where_failures_are_enforced() -> None:
    found = update(TAGGED, pod("redis"), pod("nginx"), validationFailureAction="Enforce")
    assert (found.status, found.message) == (
        "skip",
        "skipping the rule evaluation as pre-existing violations are allowed",
    )
    assert update(TAGGED, pod("redis:1"), pod("nginx"), validationFailureAction="Enforce").status == "fail"
    assert update(TAGGED, pod("redis"), pod("nginx"), validationFailureAction="Audit").status == "fail"
    kept = {**TAGGED, "allowExistingViolations": False}
    assert update(kept, pod("redis"), pod("nginx"), validationFailureAction="Enforce").status == "fail"


def test_the_old_object_is_judged_as_if_it_were_created() -> None:
    body = {"deny": conditions("{{ request.operation }}:{{ request.object.metadata.name }}", "Equals", "UPDATE:web")}
    assert update(body, pod(), pod(), validationFailureAction="Enforce").status == "fail"
    both = {"deny": conditions("{{ request.object.metadata.name }}", "Equals", "web")}
    assert update(both, pod(), pod(), validationFailureAction="Enforce").status == "skip"


def test_giant_lists_leave_a_bounded_account() -> None:
    found = verdict(foreach(IMAGE), pod(*(f"image:{index}" for index in range(3000))))
    assert found.status == "pass"
    assert len(found.steps) <= 501


@given(st.lists(st.sampled_from(["a", "a:1", "b:2", ":"]), max_size=6))
def test_foreach_agrees_with_a_plain_loop(images: list[str]) -> None:
    rules = answer(foreach(IMAGE), Request(pod(*images))).rules
    expected = [] if not images else ["pass" if all(":" in image for image in images) else "fail"]
    assert [each.status for each in rules] == expected
