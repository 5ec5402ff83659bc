"""Policies as the engine reads them."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.errors import InvalidPolicy
from policylint.engine.policy import Policy, Rule
from policylint.model import YamlPath

PATTERN = {"pattern": {"spec": {"containers": [{"image": "*:*"}]}}}


CHECKS = ("pattern", "anyPattern", "deny", "foreach", "podSecurity", "cel", "manifests")
KEYS = (
    *("name", "match", "exclude", "any", "all", "resources", "kinds", "selector", "matchLabels", "matchExpressions"),
    *("subjects", "validate", "pattern", "anyPattern", "deny", "foreach", "list", "conditions", "mutate", "targets"),
    *("generate", "verifyImages", "context", "preconditions"),
)


def rule(name: str = "r", **body: Any) -> dict[str, Any]:
    return {"name": name, "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, **(body or {"validate": PATTERN})}


def document(*rules: Any, kind: str = "ClusterPolicy", **spec: Any) -> dict[str, Any]:
    metadata = {"name": "p", "annotations": {"a": "b"}}
    return {"apiVersion": "kyverno.io/v1", "kind": kind, "metadata": metadata, "spec": {**spec, "rules": list(rules)}}


def only(policy: Policy, kind: str, name: str) -> Rule:
    (found,) = [rule for rule in policy.rules_for(kind) if rule.name == name]
    return found


def test_defaults_are_those_of_the_api() -> None:
    policy = Policy.of(document(rule()))
    assert (policy.name, policy.namespace, policy.key, policy.annotations) == ("p", "", "p", {"a": "b"})
    assert (policy.enforces, policy.applies_one_rule, policy.match_conditions) == (False, False, None)
    assert policy.rules[0].allows_existing_violations


def test_a_namespaced_policy_is_in_default_when_it_does_not_say() -> None:
    policy = Policy.of(document(rule(), kind="Policy"))
    assert (policy.namespace, policy.key) == ("default", "default/p")
    placed = document(rule(), kind="Policy")
    placed["metadata"]["namespace"] = "shop"
    assert Policy.of(placed).key == "shop/p"


@pytest.mark.parametrize(
    ("spec", "body", "enforces"),
    [
        ({}, {}, False),
        ({"validationFailureAction": "enforce"}, {}, True),
        ({"validationFailureAction": "Enforce"}, {"failureAction": "Audit"}, False),
        ({"validationFailureAction": "Audit"}, {"failureAction": "Enforce"}, True),
    ],
)
def test_a_rule_says_itself_whether_it_enforces(spec: Any, body: Any, enforces: bool) -> None:
    policy = Policy.of(document(rule(validate={**PATTERN, **body}), **spec))
    assert policy.enforces_rule(policy.rules[0]) is enforces


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"validate": PATTERN}, "validate"),
        ({"mutate": {"patchStrategicMerge": {}}}, "mutate"),
        ({"generate": {"kind": "ConfigMap"}}, "generate"),
        ({"verifyImages": [{"imageReferences": ["*"]}]}, "verifyImages"),
    ],
)
def test_a_rule_knows_what_it_does(body: dict[str, Any], kind: str) -> None:
    assert Policy.of(document(rule(**body))).rules[0].type == kind


def test_image_verification_also_validates_unless_told_not_to() -> None:
    told = [{"imageReferences": ["*"], "verifyDigest": False, "required": False}]
    assert Policy.of(document(rule(verifyImages=[{"imageReferences": ["*"]}]))).rules[0].checks_images
    assert not Policy.of(document(rule(verifyImages=told))).rules[0].checks_images


def test_rules_are_computed_once_for_each_kind() -> None:
    policy = Policy.of(document(rule()))
    assert [each.name for each in policy.rules_for("Pod")] == ["r"]
    assert [each.name for each in policy.rules_for("Deployment")] == ["r", "autogen-r"]
    assert policy.rules_for("Deployment") is policy.rules_for("Deployment")
    assert policy.rules_for("Deployment")[0] is policy.rules[0]
    assert [each.name for each in policy.all_rules] == ["r", "autogen-r", "autogen-cronjob-r"]


@pytest.mark.parametrize(
    ("kind", "name", "place", "original"),
    [
        ("Pod", "r", "validate.pattern.spec.template", "validate.pattern.spec.template"),
        ("Deployment", "autogen-r", "validate.pattern.spec.template.spec.x", "validate.pattern.spec.x"),
        ("Deployment", "autogen-r", "validate.pattern.spec", "validate.pattern"),
        (
            "CronJob",
            "autogen-cronjob-r",
            "validate.pattern.spec.jobTemplate.spec.template.spec",
            "validate.pattern.spec",
        ),
        ("CronJob", "autogen-cronjob-r", "validate.pattern.spec.jobTemplate", "validate.pattern"),
        ("Deployment", "autogen-r", "validate.anyPattern[1].spec.template.spec", "validate.anyPattern[1].spec"),
        ("Deployment", "autogen-r", "mutate.patchStrategicMerge.spec.template.a", "mutate.patchStrategicMerge.a"),
        (
            "Deployment",
            "autogen-r",
            "mutate.foreach[0].patchStrategicMerge.spec.template.a",
            "mutate.foreach[0].patchStrategicMerge.a",
        ),
        (
            "Deployment",
            "autogen-r",
            "validate.foreach[0].pattern.spec.template",
            "validate.foreach[0].pattern.spec.template",
        ),
        ("Deployment", "autogen-r", "match.any[0].resources.kinds[3]", "match.any[0].resources.kinds"),
        ("Deployment", "autogen-r", "preconditions.all[0]", "preconditions.all[0]"),
    ],
)
def test_places_are_those_of_the_document(kind: str, name: str, place: str, original: str) -> None:
    found = only(Policy.of(document(rule())), kind, name)
    assert str(found.original(YamlPath.parse(f"spec.rules[0].{place}"))) == f"spec.rules[0].{original}"


def test_places_outside_the_rule_stay() -> None:
    found = only(Policy.of(document(rule())), "Deployment", "autogen-r")
    assert found.original(YamlPath.of("metadata", "name")) == YamlPath.of("metadata", "name")
    assert found.original(None) is None


def wrong(change: dict[str, Any]) -> dict[str, Any]:
    return {**rule(), **change}


@pytest.mark.parametrize(
    ("data", "message", "path"),
    [
        ({}, "None None is not a kyverno.io ClusterPolicy or Policy", ""),
        ({**document(rule()), "apiVersion": "v1"}, "v1 ClusterPolicy is not a kyverno.io ClusterPolicy or Policy", ""),
        ({**document(rule()), "spec": []}, "spec takes a mapping, but is a list", "spec"),
        ({**document(rule()), "metadata": {}}, "the policy has no name", "metadata"),
        (document(), "the policy has no rules", "spec"),
        (document("x"), "spec.rules[0] takes a mapping, but is a string", "spec.rules[0]"),
        (document(wrong({"name": ""})), "the rule has no name", "spec.rules[0]"),
        (document(wrong({"name": "n" * 64})), "the rule's name has more than 63 characters", "spec.rules[0].name"),
        (document(rule(), rule()), "another rule has the name r too", "spec.rules[1].name"),
        (document(wrong({"match": None})), "the rule has no match", "spec.rules[0]"),
        (
            document(wrong({"match": {"any": [{}], "all": [{}]}})),
            "any and all do not stand beside each other",
            "spec.rules[0].match",
        ),
        (
            document(wrong({"match": {"any": [{"resources": {"kinds": "Pod"}}]}})),
            "spec.rules[0].match.any[0].resources.kinds takes a list, but is a string",
            "spec.rules[0].match.any[0].resources.kinds",
        ),
        (
            document(wrong({"validate": {}})),
            "a rule has one of mutate, validate, generate and verifyImages, this has none",
            "spec.rules[0]",
        ),
        (
            document(wrong({"mutate": {"patchStrategicMerge": {}}})),
            "a rule has one of mutate, validate, generate and verifyImages, this has mutate and validate",
            "spec.rules[0]",
        ),
        (
            document(wrong({"validate": {"pattern": {}, "deny": {}}})),
            f"a validation has one of {', '.join(CHECKS)}, this has pattern and deny",
            "spec.rules[0].validate",
        ),
        (
            document(wrong({"validate": {"foreach": [{"pattern": {}}]}})),
            "a foreach has no list",
            "spec.rules[0].validate.foreach[0]",
        ),
        (
            document(wrong({"validate": {"message": 1, "pattern": {}}})),
            "spec.rules[0].validate.message takes a string, but is a number",
            "spec.rules[0].validate.message",
        ),
        (
            document(wrong({"preconditions": "x"})),
            "preconditions are a mapping with any and all, or a list",
            "spec.rules[0].preconditions",
        ),
        (
            document(wrong({"context": ["x"]})),
            "spec.rules[0].context[0] takes a mapping, but is a string",
            "spec.rules[0].context[0]",
        ),
    ],
)
def test_a_broken_policy_says_what_and_where(data: dict[str, Any], message: str, path: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        Policy.of(data)
    assert (caught.value.message, str(caught.value.path)) == (message, path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 99) | st.sampled_from(["", "Pod", "{{ x }}", "any"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
RULES = st.lists(st.dictionaries(st.sampled_from(("name", "match", "exclude", "validate", "mutate", "context")), JSON))


@given(RULES)
def test_whatever_stands_in_the_rules_it_is_a_policy_or_an_invalid_one(rules: list[Any]) -> None:
    with suppress(InvalidPolicy):
        policy = Policy.of(document(*rules))
        assert {each.source for each in policy.all_rules} <= set(range(len(rules)))
