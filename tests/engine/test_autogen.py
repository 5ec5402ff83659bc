"""The rules that a policy on pods gets for pod controllers."""

from typing import Any

import pytest

from policylint.engine.autogen import ANNOTATION, can_autogen, compute_rules

PATTERN = {"spec": {"containers": [{"image": "*:*"}]}}


def rule(name: str = "r", kinds: Any = ("Pod",), **body: Any) -> dict[str, Any]:
    body = body or {"validate": {"message": "m", "pattern": PATTERN}}
    return {"name": name, "match": {"any": [{"resources": {"kinds": list(kinds)}}]}, **body}


def made(source: dict[str, Any], kind: str, annotation: str | None = None) -> list[dict[str, Any]]:
    annotations = {} if annotation is None else {ANNOTATION: annotation}
    return [dict(computed.data) for computed in compute_rules([source], annotations, kind)]


def test_a_pattern_moves_into_the_pod_template() -> None:
    own, generated = compute_rules([rule()], {}, "Deployment")
    assert own.data is not generated.data
    assert generated.wrap == ("spec", "template")
    assert generated.data == {
        "name": "autogen-r",
        "match": {"any": [{"resources": {"kinds": ["apps/v1/Deployment"]}}]},
        "validate": {"message": "m", "pattern": {"spec": {"template": PATTERN}}},
    }


def test_cron_jobs_get_a_rule_of_their_own() -> None:
    own, generated = compute_rules([rule()], {}, "CronJob")
    assert (own.wrap, generated.wrap) == ((), ("spec", "jobTemplate", "spec", "template"))
    assert generated.data["name"] == "autogen-cronjob-r"
    assert generated.data["match"] == {"any": [{"resources": {"kinds": ["batch/v1/CronJob"]}}]}
    assert generated.data["validate"]["pattern"] == {"spec": {"jobTemplate": {"spec": {"template": PATTERN}}}}


def test_for_no_kind_there_are_the_rules_of_every_controller() -> None:
    names = [computed.data["name"] for computed in compute_rules([rule("a"), rule("b")], {})]
    assert names == ["a", "b", "autogen-a", "autogen-cronjob-a", "autogen-b", "autogen-cronjob-b"]
    controllers = compute_rules([rule()], {})[1].data["match"]["any"][0]["resources"]["kinds"]
    assert controllers == [
        "apps/v1/DaemonSet",
        "apps/v1/Deployment",
        "batch/v1/Job",
        "apps/v1/ReplicaSet",
        "v1/ReplicationController",
        "apps/v1/StatefulSet",
    ]


@pytest.mark.parametrize("kind", ["Pod", "Service", "Rollout"])
def test_other_kinds_only_have_the_rules_themselves(kind: str) -> None:
    assert [each["name"] for each in made(rule(), kind)] == ["r"]


@pytest.mark.parametrize(
    ("annotation", "kind", "generated"),
    [
        ("none", "Deployment", False),
        ("Deployment", "Deployment", True),
        ("Deployment", "StatefulSet", False),
        ("Deployment,CronJob", "CronJob", True),
        ("Deployment, CronJob", "CronJob", False),
        ("", "Deployment", False),
        ("Rollout", "Rollout", True),
    ],
)
def test_the_annotation_chooses_controllers(annotation: str, kind: str, generated: bool) -> None:
    assert (len(made(rule(), kind, annotation)) == 2) is generated


@pytest.mark.parametrize(
    "block",
    [
        {"resources": {"kinds": ["Pod"], "name": "web"}},
        {"resources": {"kinds": ["Pod"], "names": ["web"]}},
        {"resources": {"kinds": ["Pod"], "selector": {"matchLabels": {"a": "b"}}}},
        {"resources": {"kinds": ["Pod"], "annotations": {"a": "b"}}},
        {"resources": {"kinds": ["Pod", "Deployment"]}},
        {"resources": {"kinds": ["v1/Pod", "Service"]}},
        {"resources": {"kinds": ["Service"]}},
    ],
)
def test_rules_that_are_about_certain_pods_are_not_moved(block: dict[str, Any]) -> None:
    for match in ({"any": [block]}, {"all": [block]}, block):
        assert not can_autogen([{**rule(), "match": match}])


def test_one_such_rule_keeps_all_rules_from_being_moved() -> None:
    assert can_autogen([rule("a")])
    assert not can_autogen([rule("a"), {**rule("b"), "exclude": {"any": [{"resources": {"names": ["x"]}}]}}])


@pytest.mark.parametrize(
    "body",
    [
        {"generate": {"kind": "ConfigMap"}},
        {"mutate": {"patchesJson6902": "- op: remove\n  path: /spec/x"}},
        {"mutate": {"foreach": [{"list": "x", "patchesJson6902": "[]"}]}},
    ],
)
def test_generate_rules_and_json_patches_are_not_moved(body: dict[str, Any]) -> None:
    assert not can_autogen([rule(**body)])


def test_only_blocks_that_name_pods_change_their_kinds() -> None:
    blocks = [{"resources": {"kinds": ["Pod"]}}, {"resources": {"kinds": ["Service"]}}]
    source = {**rule(), "match": {"any": blocks}, "exclude": {"any": [{"resources": {"namespaces": ["kube-system"]}}]}}
    generated = made(source, "Deployment")[1]
    assert generated["match"] == {
        "any": [{"resources": {"kinds": ["apps/v1/Deployment"]}}, {"resources": {"kinds": ["Service"]}}]
    }
    assert generated["exclude"] == source["exclude"]
    cron = made(source, "CronJob")[1]
    assert [block["resources"]["kinds"] for block in cron["match"]["any"]] == [["batch/v1/CronJob"]] * 2
    assert cron["exclude"] == {
        "any": [{"resources": {"namespaces": ["kube-system"], "kinds": ["batch/v1/CronJob"]}}],
    }


def test_the_older_form_of_match_changes_too() -> None:
    source = {**rule(), "match": {"resources": {"kinds": ["Pod"]}}, "exclude": {"resources": {"namespaces": ["x"]}}}
    generated = made(source, "Job")[1]
    assert generated["match"] == {"resources": {"kinds": ["batch/v1/Job"]}}
    assert generated["exclude"] == source["exclude"]


def test_a_rule_that_excludes_other_kinds_only_is_not_moved() -> None:
    assert len(made({**rule(), "exclude": {"any": [{"resources": {"kinds": ["Service"]}}]}}, "Deployment")) == 1


def test_variables_follow_the_pod() -> None:
    source = rule(
        validate={
            "message": "{{ request.object.metadata.name }} of {{ request.object.kind }}",
            "deny": {"conditions": {"any": [{"key": "{{ request.object.spec.hostNetwork }}", "operator": "Equals"}]}},
        },
        context=[{"name": "x", "variable": {"jmesPath": "request.oldObject.spec.x"}}],
        preconditions={"all": [{"key": "{{request.object.metadata.labels.a}}", "operator": "Equals", "value": "b"}]},
    )
    generated = made(source, "Deployment")[1]
    assert generated["validate"]["message"] == (
        "{{ request.object.spec.template.metadata.name }} of {{ request.object.kind }}"
    )
    assert generated["validate"]["deny"]["conditions"]["any"][0]["key"] == (
        "{{ request.object.spec.template.spec.hostNetwork }}"
    )
    assert generated["context"][0]["variable"]["jmesPath"] == "request.oldObject.spec.template.spec.x"
    cron = made(source, "CronJob")[1]
    assert cron["preconditions"]["all"][0]["key"] == (
        "{{request.object.spec.jobTemplate.spec.template.metadata.labels.a}}"
    )


def test_in_cel_rules_the_objects_have_no_request_before_them() -> None:
    source = rule(validate={"cel": {"expressions": [{"expression": "object.spec.x && oldObject.metadata.y"}]}})
    generated = made(source, "Deployment")[1]
    assert generated["validate"]["cel"]["expressions"][0]["expression"] == (
        "object.spec.template.spec.x && oldObject.spec.template.metadata.y"
    )


def test_bodies_are_wrapped_where_they_are_shaped_like_pods() -> None:
    patterns = rule(validate={"anyPattern": [{"spec": {"a": 1}}, {"spec": {"b": 2}}]})
    assert made(patterns, "Deployment")[1]["validate"] == {
        "anyPattern": [{"spec": {"template": {"spec": {"a": 1}}}}, {"spec": {"template": {"spec": {"b": 2}}}}]
    }
    patch = rule(mutate={"patchStrategicMerge": {"spec": {"a": 1}}})
    assert made(patch, "CronJob")[1]["mutate"] == {
        "patchStrategicMerge": {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"a": 1}}}}}}
    }
    foreach = rule(
        mutate={
            "foreach": [{"list": "request.object.spec.containers", "patchStrategicMerge": {"spec": 1}, "order": "x"}]
        }
    )
    assert made(foreach, "Deployment")[1]["mutate"]["foreach"] == [
        {
            "list": "request.object.spec.template.spec.containers",
            "patchStrategicMerge": {"spec": {"template": {"spec": 1}}},
        }
    ]


def test_pod_security_and_foreach_stay_as_they_are() -> None:
    security = {"podSecurity": {"level": "baseline", "version": "latest"}}
    assert made(rule(validate=security), "Deployment")[1]["validate"] == security
    foreach = {"foreach": [{"list": "request.object.spec.containers", "pattern": {"image": "*"}}]}
    assert made(rule(validate=foreach), "Deployment")[1]["validate"] == {
        "foreach": [{"list": "request.object.spec.template.spec.containers", "pattern": {"image": "*"}}]
    }


def test_what_says_how_failures_count_is_kept() -> None:
    action = {
        "failureAction": "Enforce",
        "allowExistingViolations": False,
        "failureActionOverrides": [{"action": "Audit"}],
    }
    generated = made(rule(validate={**action, "pattern": PATTERN}), "Deployment")[1]["validate"]
    assert {key: generated[key] for key in action} == action


def test_names_end_at_63_characters() -> None:
    generated = made(rule("n" * 60), "Deployment")[1]
    assert generated["name"] == "autogen-" + "n" * 55


def test_references_in_messages_follow_the_pattern() -> None:
    source = rule(validate={"message": "not $(./../pattern/spec/x) but", "pattern": {"spec": {"x": 1}}})
    assert made(source, "Deployment")[1]["validate"]["message"] == "not $(./../pattern/spec/template/spec/x) but"


def test_rules_that_carry_the_name_of_a_generated_one_make_way() -> None:
    names = [each.data["name"] for each in compute_rules([rule("autogen-a"), rule("b")], {}, "Deployment")]
    assert names == ["b", "autogen-b"]


def test_the_policy_itself_is_not_changed() -> None:
    source = rule()
    before = repr(source)
    compute_rules([source], {})
    assert repr(source) == before
