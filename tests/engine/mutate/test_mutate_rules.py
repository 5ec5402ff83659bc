"""Mutate rules as policies state them."""

from collections.abc import Sequence
from typing import Any

import pytest

from policylint.engine.backends import Backends, RuleValues
from policylint.engine.engine import evaluate, evaluate_all
from policylint.engine.errors import InvalidPolicy
from policylint.engine.exceptions import PolicyException
from policylint.engine.policy import Policy
from policylint.engine.request import Request
from policylint.engine.response import PolicyResponse, RuleResponse

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:2"}], "priority": 5.0},
}


def policy(*mutations: dict[str, Any], kinds: Sequence[str] = ("Pod",), **spec: Any) -> Policy:
    rules = []
    for index, mutation in enumerate(mutations):
        extra = {key: mutation.pop(key) for key in ("preconditions", "context") if key in mutation}
        match = {"any": [{"resources": {"kinds": list(kinds)}}]}
        rules.append({"name": f"r{index}", "match": match, **extra, "mutate": mutation})
    return Policy.of(
        {
            "apiVersion": "kyverno.io/v1",
            "kind": "ClusterPolicy",
            "metadata": {"name": "p"},
            "spec": {"rules": rules, **spec},
        }
    )


def asked(*mutations: dict[str, Any], resource: Any = POD, **options: Any) -> PolicyResponse:
    kinds = options.pop("kinds", ("Pod",))
    return evaluate(policy(*mutations, kinds=kinds), Request(resource), **options)


def answer(mutation: dict[str, Any], **options: Any) -> RuleResponse:
    (rule,) = asked(mutation, **options).rules
    return rule


def strategic(patch: Any, **rest: Any) -> dict[str, Any]:
    return {"patchStrategicMerge": patch, **rest}


def test_a_strategic_merge() -> None:
    rule = answer(strategic({"metadata": {"labels": {"+(team)": "{{ request.namespace }}"}}}))
    assert (rule.type, rule.status, rule.message) == ("mutate", "pass", "mutated Pod/web in namespace shop")
    assert rule.patched["metadata"]["labels"] == {"app": "web", "team": "shop"}
    assert str(rule.policy_path) == "spec.rules[0].mutate"
    assert POD["metadata"]["labels"] == {"app": "web"}


def test_cluster_scoped_objects_are_named_without_a_namespace() -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    rule = answer(strategic({"metadata": {"labels": {"a": "b"}}}), resource=namespace, kinds=["Namespace"])
    assert rule.message == "mutated Namespace/shop"


@pytest.mark.parametrize(
    "patch",
    [
        {"metadata": {"labels": {"+(app)": "other"}}},
        {"metadata": {"labels": {"app": "web"}}},
        {"metadata": {"labels": {"(app)": "other", "x": "y"}}},
        {"metadata": {"<(generateName)": "*", "labels": {"x": "y"}}},
        {"spec": {"priority": 5}},
    ],
)
def test_a_patch_that_changes_nothing_is_skipped(patch: Any) -> None:
    response = asked(strategic(patch))
    assert [(rule.status, rule.message, rule.patched) for rule in response.rules] == [
        ("skip", "no patches applied", None)
    ]
    assert response.patched is POD


def test_the_numbers_of_a_mutated_object_are_those_of_the_api_server() -> None:
    rule = answer(strategic({"spec": {"new": "{{ `2` }}", "share": "{{ `0.5` }}", "big": 1e22}}))
    spec = rule.patched["spec"]
    assert [(type(spec[key]), spec[key]) for key in ("priority", "new", "share", "big")] == [
        (int, 5),
        (int, 2),
        (float, 0.5),
        (float, 1e22),
    ]


def test_rules_see_what_the_rules_before_them_changed() -> None:
    response = asked(
        strategic({"metadata": {"labels": {"one": "1"}}}),
        strategic({"metadata": {"labels": {"two": "{{ request.object.metadata.labels.one }}2"}}}),
    )
    assert [rule.status for rule in response.rules] == ["pass", "pass"]
    assert response.patched["metadata"]["labels"] == {"app": "web", "one": "1", "two": "12"}


def test_policies_see_what_the_policies_before_them_changed() -> None:
    first = policy(strategic({"metadata": {"labels": {"one": "1"}}}))
    second = policy(strategic({"metadata": {"labels": {"(one)": "1", "two": "2"}}}))
    assert [each.rules[0].status for each in evaluate_all([first, second], Request(POD))] == ["pass", "pass"]


def test_a_variable_that_is_not_there() -> None:
    rule = answer(strategic({"metadata": {"labels": {"x": "{{ request.object.nothing }}"}}}))
    assert rule.status == "error"
    assert rule.message.startswith("variable substitution failed: the variable {{ request.object.nothing }}")
    assert str(rule.policy_path) == "spec.rules[0].mutate.patchStrategicMerge.metadata.labels.x"


def test_a_variable_may_stand_for_its_own_place() -> None:
    rule = answer(strategic({"metadata": {"labels": {"app": "{{ @ }}-{{ request.name }}"}}}))
    assert rule.patched["metadata"]["labels"] == {"app": "web-web"}


def test_a_patch_of_another_type_is_an_error() -> None:
    rule = answer(strategic({"spec": {"containers": "none"}}))
    assert rule.status == "error"
    assert rule.message == (
        "failed to patch resource: spec.containers is a list in the object and a string in the patch"
    )
    assert str(rule.policy_path) == "spec.rules[0].mutate.patchStrategicMerge"


def test_what_is_left_has_to_be_an_object() -> None:
    rule = answer(strategic({"kind": None}))
    assert (rule.status, rule.message) == (
        "error",
        "failed to patch resource: what the patch leaves is no object: it has no kind",
    )


def test_a_json_patch_in_yaml_with_variables() -> None:
    text = "- op: add\n  path: /metadata/annotations/by~1whom\n  value: '{{ request.operation }}'\n"
    rule = answer({"patchesJson6902": text})
    assert rule.status == "pass"
    assert rule.patched["metadata"]["annotations"] == {"by/whom": "CREATE"}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("- {op: remove, path: /metadata/annotations/x}", "skip"),
        ("- {op: replace, path: /spec/priority, value: 5}", "skip"),
        ("- {op: test, path: /spec/priority, value: 5}", "skip"),
        ("- {op: replace, path: /metadata/annotations/x, value: 1}", "error"),
        ("- {op: test, path: /spec/priority, value: 6}", "error"),
        ("nothing", "error"),
        # upstream compares texts, in which what was removed and added again stands in another place
        ("- {op: remove, path: /metadata/labels}\n- {op: add, path: /metadata/labels, value: {app: web}}", "pass"),
    ],
)
def test_outcomes_of_json_patches(text: str, status: str) -> None:
    assert answer({"patchesJson6902": text}).status == status


def test_preconditions_and_context_of_the_rule() -> None:
    mutation = strategic(
        {"metadata": {"labels": {"team": "{{ team }}"}}},
        context=[{"name": "team", "variable": {"value": "x"}}],
        preconditions={"all": [{"key": "{{ team }}", "operator": "Equals", "value": "y"}]},
    )
    rule = answer(mutation)
    assert (rule.status, rule.message) == ("skip", "preconditions not met")


def test_rules_for_pods_are_made_for_their_controllers() -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "a"}]}}},
    }
    rule = answer(strategic({"spec": {"containers": [{"(name)": "*", "tty": True}]}}), resource=deployment)
    assert (rule.rule, rule.status) == ("autogen-r0", "pass")
    assert rule.patched["spec"]["template"]["spec"] == {"containers": [{"name": "a", "tty": True}]}


def test_exceptions_turn_a_rule_off() -> None:
    exception = PolicyException.of(
        {
            "apiVersion": "kyverno.io/v2",
            "kind": "PolicyException",
            "metadata": {"name": "e", "namespace": "n"},
            "spec": {
                "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
                "exceptions": [{"policyName": "p", "ruleNames": ["r0"]}],
            },
        }
    )
    rule = answer(strategic({"metadata": {"labels": {"x": "y"}}}), exceptions=[exception])
    assert (rule.status, rule.exceptions) == ("skip", ("n/e",))


def test_objects_that_are_deleted_are_not_mutated() -> None:
    request = Request({}, POD, operation="DELETE")
    response = evaluate(policy(strategic({"metadata": {"labels": {"x": "y"}}})), request)
    assert response.rules == ()
    assert response.unmatched[0].reason == "there is no object that could be mutated"


def foreach(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"foreach": list(entries)}


CONTAINERS = "request.object.spec.containers"
PULL = {"spec": {"containers": [{"(name)": "{{ element.name }}", "index": "{{ elementIndex }}"}]}}


@pytest.mark.parametrize(
    ("order", "names"),
    [(None, ["a", "b"]), ("Descending", ["a", "b"]), ("Ascending", ["b", "a"])],
)
def test_foreach_with_strategic_merges_keeps_the_order_unless_it_ascends(order: Any, names: list[str]) -> None:
    entry = {"list": CONTAINERS, "patchStrategicMerge": PULL, **({"order": order} if order else {})}
    rule = answer(foreach(entry))
    assert rule.status == "pass"
    containers = rule.patched["spec"]["containers"]
    assert [container["name"] for container in containers] == names
    assert {container["name"]: container["index"] for container in containers} == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("order", "left"),
    [("Descending", ["c"]), ("Ascending", ["b"]), (None, ["b"])],
)
def test_foreach_with_json_patches_ascends_unless_told_otherwise(order: Any, left: list[str]) -> None:
    resource = {**POD, "spec": {"containers": [{"name": name} for name in "abc"]}}
    entry = {
        "list": f"{CONTAINERS}[?name != 'c']",
        "patchesJson6902": "- {op: remove, path: '/spec/containers/{{ elementIndex }}'}",
        **({"order": order} if order else {}),
    }
    rule = answer(foreach(entry), resource=resource)
    assert [container["name"] for container in rule.patched["spec"]["containers"]] == left


def test_foreach_leaves_out_nulls_and_elements_whose_preconditions_do_not_hold() -> None:
    entry = {
        "list": f"[{CONTAINERS}[0], {CONTAINERS}[9], {CONTAINERS}[1]]",
        "preconditions": {"all": [{"key": "{{ element.name }}", "operator": "Equals", "value": "b"}]},
        "patchStrategicMerge": {"metadata": {"labels": {"{{ element.name }}": "{{ element.image }}"}}},
    }
    rule = answer(foreach(entry))
    assert rule.patched["metadata"]["labels"] == {"app": "web", "b": "y:2"}


def test_foreach_has_its_own_context() -> None:
    entry = {
        "list": CONTAINERS,
        "context": [{"name": "tag", "variable": {"jmesPath": "split(element.image, ':') | [1]"}}],
        "patchesJson6902": "- {op: add, path: '/metadata/labels/{{ element.name }}', value: 'v{{ tag }}'}",
    }
    assert answer(foreach(entry)).patched["metadata"]["labels"] == {"app": "web", "a": "v1", "b": "v2"}


def test_entries_of_foreach_see_what_the_entries_before_them_changed() -> None:
    add = {"list": CONTAINERS, "patchStrategicMerge": PULL}
    use = {
        "list": CONTAINERS,
        "patchesJson6902": "- {op: add, path: '/metadata/labels/{{ element.name }}', value: 'n{{ element.index }}'}",
    }
    assert answer(foreach(add, use)).patched["metadata"]["labels"] == {"app": "web", "a": "n0", "b": "n1"}


def test_elements_see_the_object_as_it_was_before_their_entry() -> None:
    entry = {
        "list": "['x', 'y']",
        "patchStrategicMerge": {
            "metadata": {"labels": {"{{ element }}": "{{ length(request.object.metadata.labels) }}"}}
        },
    }
    assert answer(foreach(entry)).patched["metadata"]["labels"] == {"app": "web", "x": 1, "y": 1}


def test_nested_foreach() -> None:
    entry = {
        "list": CONTAINERS,
        "foreach": [
            {
                "list": "['p', 'q']",
                "patchesJson6902": (
                    "- op: add\n"
                    "  path: /metadata/labels/{{ element0.name }}{{ elementIndex0 }}{{ element1 }}{{ elementIndex1 }}\n"
                    "  value: '{{ element }}'\n"
                ),
            }
        ],
    }
    labels = answer(foreach(entry)).patched["metadata"]["labels"]
    assert labels == {"app": "web", "a0p0": "p", "a0q1": "q", "b1p0": "p", "b1q1": "q"}


@pytest.mark.parametrize(
    ("entry", "status", "message"),
    [
        ({"list": "request.object.spec.volumes"}, "error", "failed to evaluate list request.object.spec.volumes: "),
        ({"list": "`[]`"}, "skip", "0 elements processed"),
        ({"list": "`[null]`"}, "skip", "0 elements processed"),
        ({"list": "`[{}]`"}, "error", "failed to mutate elements: variable substitution failed: "),
    ],
)
def test_outcomes_of_foreach(entry: Any, status: str, message: str) -> None:
    rule = answer(foreach({"patchStrategicMerge": PULL, **entry}))
    assert (rule.status, rule.message[: len(message)]) == (status, message)


def test_foreach_takes_what_is_no_list_as_one_element() -> None:
    entry = {"list": "request.name", "patchStrategicMerge": {"metadata": {"labels": {"x": "{{ element }}"}}}}
    assert answer(foreach(entry)).patched["metadata"]["labels"]["x"] == "web"


def test_values_of_suites_for_elements() -> None:
    entry = {
        "list": CONTAINERS,
        "patchesJson6902": "- {op: add, path: '/metadata/labels/{{ element.name }}', value: '{{ v }}'}",
    }
    backends = Backends(rule_values={("p", "r0"): RuleValues(foreach_values={"v": ["one", "two"]})})
    rule = answer(foreach(entry), backends=backends)
    # the rule itself takes the value of the first element
    assert rule.patched["metadata"]["labels"] == {"app": "web", "a": "one", "b": "two"}


def test_an_error_leaves_the_object_as_it_was() -> None:
    response = asked(
        foreach({"list": "request.nothing", "patchStrategicMerge": PULL}),
        strategic({"metadata": {"labels": {"x": "y"}}}),
    )
    assert [rule.status for rule in response.rules] == ["error", "pass"]
    assert response.patched["metadata"]["labels"] == {"app": "web", "x": "y"}


def config(name: str, namespace: str = "shop", **labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
    }


OBJECTS = [config("one", tier="a"), config("two"), config("three", "other", tier="b"), POD]


def existing(target: Any, **rest: Any) -> dict[str, Any]:
    patch = {"metadata": {"labels": {"seen": "{{ target.metadata.name }}-{{ request.name }}"}}}
    return {"targets": [{"apiVersion": "v1", "kind": "ConfigMap", **target}], **(rest or strategic(patch))}


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ({}, ["one", "two", "three"]),
        ({"namespace": "{{ request.namespace }}"}, ["one", "two"]),
        ({"name": "t*"}, ["two", "three"]),
        ({"namespace": "shop", "name": "two"}, ["two"]),
        ({"namespace": "*", "name": "two"}, ["two"]),
        ({"selector": {"matchLabels": {"tier": "b"}}}, ["three"]),
        ({"selector": {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}}, ["one", "three"]),
    ],
)
def test_existing_objects(target: Any, names: list[str]) -> None:
    response = asked(existing(target), backends=Backends(objects=OBJECTS))
    assert [rule.status for rule in response.rules] == ["pass"] * len(names)
    assert [rule.target["metadata"]["name"] for rule in response.rules] == names
    seen = [rule.patched["metadata"]["labels"]["seen"] for rule in response.rules]
    assert seen == [f"{name}-web" for name in names]
    assert response.patched is POD


def test_existing_objects_have_their_own_context_and_preconditions() -> None:
    target = {
        "context": [{"name": "tier", "variable": {"jmesPath": "target.metadata.labels.tier", "default": "none"}}],
        "preconditions": [{"key": "{{ tier }}", "operator": "NotEquals", "value": "none"}],
    }
    mutation = existing(target, **strategic({"metadata": {"labels": {"copy": "{{ tier }}"}}}))
    rules = asked(mutation, backends=Backends(objects=OBJECTS)).rules
    assert [rule.status for rule in rules] == ["pass", "skip", "pass"]
    assert [rule.patched and rule.patched["metadata"]["labels"]["copy"] for rule in rules] == ["a", None, "b"]
    assert str(rules[1].policy_path) == "spec.rules[0].mutate.targets[0].preconditions"


def test_existing_objects_that_stay_the_same_are_no_targets() -> None:
    mutation = existing({"name": "one"}, **strategic({"metadata": {"labels": {"+(tier)": "x"}}}))
    rule = answer(mutation, backends=Backends(objects=OBJECTS))
    assert (rule.status, rule.message, rule.target) == ("skip", "no patches applied", None)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"kind": "Secret"}, "failed to load targets: there is no v1 Secret that the rule could mutate"),
        ({"namespace": "shop", "name": "no"}, "failed to load targets: there is no ConfigMap shop/no that the rule"),
        ({"name": "{{ nothing }}"}, "failed to load targets: the variable {{ nothing }} cannot be resolved"),
        ({"kind": "ConfigMap/status"}, "unsupported: mutate.targets of the subresource status"),
    ],
)
def test_targets_that_cannot_be_found(target: Any, message: str) -> None:
    rule = answer(existing(target), backends=Backends(objects=OBJECTS))
    assert (rule.status, rule.message[: len(message)]) == ("error", message)


def test_a_rule_without_targets_has_no_verdict() -> None:
    response = asked(existing({"name": "no*"}), backends=Backends(objects=OBJECTS))
    assert response.rules == ()
    assert response.unmatched[0].reason == "no existing object is a target of the rule"


def test_steps_tell_what_happened() -> None:
    entry = {"list": CONTAINERS, "patchStrategicMerge": {"spec": {"containers": [{"(name)": "b", "tty": True}]}}}
    steps = answer(foreach(entry)).steps
    assert [(step.what, step.outcome) for step in steps if step.what.startswith("element")] == [
        ("element 1 of foreach", '{"name": "b", "image": "y:2"}'),
        ("element 0 of foreach", '{"name": "a", "image": "x:1"}'),
    ]
    anchor = next(step for step in steps if step.holds is False)
    assert anchor.what == 'name is "a", but must match "b"'
    assert str(anchor.policy_path) == (
        'spec.rules[0].mutate.foreach[0].patchStrategicMerge.spec.containers[0]["(name)"]'
    )


@pytest.mark.parametrize(
    ("mutation", "path"),
    [
        ({"targets": []}, "spec.rules[0].mutate"),
        (strategic({}, patchesJson6902="- {}"), "spec.rules[0].mutate"),
        (foreach({"list": "x"}), "spec.rules[0].mutate.foreach[0]"),
        (foreach({"patchStrategicMerge": {}}), "spec.rules[0].mutate.foreach[0]"),
        (foreach({"list": "x", "order": "Up", "patchStrategicMerge": {}}), "spec.rules[0].mutate.foreach[0].order"),
        (foreach({"list": "x", "foreach": [{"list": "y"}]}), "spec.rules[0].mutate.foreach[0].foreach[0]"),
        ({"patchesJson6902": [{}]}, "spec.rules[0].mutate.patchesJson6902"),
        (strategic([1]), "spec.rules[0].mutate.patchStrategicMerge"),
        (strategic({}, targets={"kind": "Pod"}), "spec.rules[0].mutate.targets"),
    ],
)
def test_mutations_that_are_not_well_formed(mutation: Any, path: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        policy(mutation)
    assert str(caught.value.path) == path
