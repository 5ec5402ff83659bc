"""Patterns against resources; the cases of upstream's own unit tests are restated where they say so."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.pattern import MAX_PATTERN_DEPTH, match_any_pattern, match_pattern
from policylint.model import YamlPath


def outcome(pattern: str, resource: str) -> str:
    return match_pattern(yaml.safe_load(pattern), yaml.safe_load(resource)).outcome


# kyverno pkg/engine/validate/validate_test.go, TestConditionalAnchorWithMultiplePatterns: an image that is latest or
# has no tag must not be pulled always; other images are skipped
LATEST = '{spec: {containers: [{name: "*", (image): "*:latest | !*:*", imagePullPolicy: "!Always"}]}}'


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([("nginx:1.2.3", "Always")], "skip"),
        ([("nginx:latest", "Always")], "fail"),
        ([("nginx", "Always")], "fail"),
        ([("nginx", "Never")], "pass"),
        ([("nginx:latest", "Never")], "pass"),
        ([("nginx:1.2.3", "Never")], "skip"),
        ([("nginx", "Always"), ("busybox:1.28", "Always")], "fail"),
        ([("nginx:1.2.3", "Always"), ("busybox:1.28", "Always")], "skip"),
        ([("nginx", "Never"), ("busybox:1.28", "Always")], "pass"),
        ([("busybox:1.28", "Always"), ("nginx", "Always")], "fail"),
        ([("busybox:1.28", "Always"), ("nginx:latest", "Never")], "pass"),
        ([("busybox:latest", "Always"), ("nginx:latest", "Always")], "fail"),
    ],
)
def test_a_condition_in_a_list_selects_the_items_that_are_judged(containers: list[Any], expected: str) -> None:
    items = [{"name": "c", "image": image, "imagePullPolicy": policy} for image, policy in containers]
    assert match_pattern(yaml.safe_load(LATEST), {"spec": {"containers": items}}).outcome == expected


DOCKER_SOCKET = (
    "{metadata: {labels: {allow-docker: 'true'}}, (spec): {(volumes): [{(hostPath): {path: /var/run/docker.sock}}]}}"
)
ISTIO = (
    '{spec: {=(initContainers): [{(name): "!istio-init", =(securityContext): {=(runAsUser): ">0"}}],'
    ' =(containers): [{=(securityContext): {=(runAsUser): ">0"}}]}}'
)
EMPTY_DIR = '{spec: {=(volumes): [{(name): "!credentials & !certs", =(emptyDir): {sizeLimit: "?*"}}]}}'
GLOBAL = '{spec: {containers: [{name: "*", <(image): "*:latest", imagePullPolicy: "!Always"}]}}'


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        (DOCKER_SOCKET, "{metadata: {labels: {run: a}}, spec: {containers: []}}", "skip"),
        (DOCKER_SOCKET, "{metadata: {labels: {run: a}}, spec: {volumes: [{hostPath: {path: /tmp}}]}}", "skip"),
        (
            DOCKER_SOCKET,
            "{metadata: {labels: {allow-docker: 'no'}}, spec: {volumes: [{hostPath: {path: /var/run/docker.sock}}]}}",
            "fail",
        ),
        (
            DOCKER_SOCKET,
            "{metadata: {labels: {allow-docker: 'true'}}, spec: {volumes: [{hostPath: {path: /var/run/docker.sock}}]}}",
            "pass",
        ),
        (ISTIO, "{spec: {initContainers: [{name: a, securityContext: {runAsUser: 1}}], containers: [{}]}}", "pass"),
        (ISTIO, "{spec: {initContainers: [{name: a, securityContext: {runAsUser: 0}}], containers: [{}]}}", "fail"),
        (
            ISTIO,
            "{spec: {initContainers: [{name: istio-init, securityContext: {runAsUser: 0}}], containers: [{}]}}",
            "pass",
        ),
        (
            ISTIO,
            "{spec: {initContainers: [{name: istio-init}], containers: [{securityContext: {runAsUser: 0}}]}}",
            "fail",
        ),
        (ISTIO, "{spec: {containers: [{securityContext: {runAsUser: 0}}]}}", "fail"),
        (EMPTY_DIR, "{spec: {volumes: [{name: certs, emptyDir: {}}]}}", "skip"),
        (EMPTY_DIR, "{spec: {volumes: [{name: cache, emptyDir: {}}]}}", "fail"),
        (EMPTY_DIR, "{spec: {volumes: [{name: cache}]}}", "pass"),
        (EMPTY_DIR, "{spec: {}}", "pass"),
        (GLOBAL, "{spec: {containers: [{name: a, image: 'a:1', imagePullPolicy: Always}]}}", "skip"),
        (GLOBAL, "{spec: {containers: [{name: a, image: 'a:latest', imagePullPolicy: Always}]}}", "fail"),
        (GLOBAL, "{spec: {containers: [{name: a, image: 'a:latest', imagePullPolicy: Never}]}}", "pass"),
        (
            GLOBAL,
            "{spec: {containers: [{name: a, image: 'a:latest', imagePullPolicy: Never}, {name: b, image: 'b:2'}]}}",
            "pass",
        ),
        ("{metadata: {<(name): nginx}, spec: {replicas: 2}}", "{metadata: {name: other}, spec: {replicas: 1}}", "skip"),
        ("{metadata: {<(name): nginx}, spec: {replicas: 2}}", "{metadata: {name: nginx}, spec: {replicas: 1}}", "fail"),
        ("{metadata: {<(name): nginx}, spec: {replicas: 2}}", "{metadata: {}, spec: {replicas: 2}}", "pass"),
    ],
)
def test_upstreams_conditional_and_global_anchors(pattern: str, resource: str, expected: str) -> None:
    assert outcome(pattern, resource) == expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("{a: 1}", "{a: 1, b: 2}", "pass"),
        ("{a: 1}", "{b: 2}", "fail"),
        ('{a: "*"}', "{a: {x: 1}}", "pass"),
        ('{a: "*"}', "{a: [1]}", "pass"),
        ('{a: "*"}', "{a: null}", "fail"),
        ('{a: "*"}', "{}", "fail"),
        ("{a: null}", "{}", "pass"),
        ("{a: null}", "{a: ''}", "pass"),
        ("{a: null}", "{a: x}", "fail"),
        ("{a: null}", "{a: {}}", "fail"),
        ("{a: {b: 1}}", "{a: text}", "fail"),
        ("{a: []}", "{a: []}", "fail"),
        ('{a: ["?*"]}', "{a: []}", "pass"),
        ('{a: ["x*"]}', "{a: [x1, x2]}", "pass"),
        ('{a: ["x*", "never looked at"]}', "{a: [x1, x2]}", "pass"),
        ('{a: "x*"}', "{a: [x1, y]}", "fail"),
        ("{a: [[1], [2]]}", "{a: [[1], [2], [3]]}", "pass"),
        ("{a: [[1], [2]]}", "{a: [[1]]}", "error"),
        ("{a: [{b: 1}]}", "{a: []}", "pass"),
        ("{X(a): null}", "{}", "pass"),
        ("{X(a): null}", "{a: null}", "fail"),
        ("{=(a): 1}", "{}", "pass"),
        ("{=(a): 1}", "{a: null}", "fail"),
        ("{(a): 1, b: 2}", "{b: 3}", "skip"),
        ("{^(a): [{b: 1}]}", "{a: [{b: 2}, {b: 1}]}", "pass"),
        ("{^(a): [{b: 1}]}", "{a: [{b: 2}]}", "fail"),
        ("{^(a): [{b: 1}, {b: 2}]}", "{a: [{b: 1}]}", "fail"),
        ("{^(a): [{b: 1}]}", "{}", "pass"),
        ("{^(a): [{b: 1}], c: 1}", "{c: 2}", "error"),
        ("{^(a): [{b: 1}]}", "{a: text}", "fail"),
        ("{+(a): 1}", "{a: 1}", "fail"),
        ("{metadata: {labels: {test/*: v*}}}", "{metadata: {labels: {test/bar: value}}}", "pass"),
        ("{metadata: {labels: {'test/b??': v*}}}", "{metadata: {annotations: {test/bar: value}}}", "fail"),
        ("{metadata: {labels: {test/*: v*}}}", "{metadata: {labels: {other: value}}}", "fail"),
        ("{=(metadata): {=(labels): {a/1*: x, a/4*: y}}}", "{metadata: {labels: {a/123: x}}}", "fail"),
        ("{metadata: {labels: {app: null}}}", "{metadata: {labels: {app: x}}}", "pass"),
    ],
)
def test_what_each_construct_means(pattern: str, resource: str, expected: str) -> None:
    assert outcome(pattern, resource) == expected


@pytest.mark.parametrize(
    ("pattern", "resource", "path", "reason"),
    [
        ("{a: [{b: '>5'}]}", "{a: [{b: 6}, {b: 5}]}", "a[1].b", 'is 5, but must match ">5"'),
        ("{a: {b: 1}}", "{a: {}}", "a.b", "is not set, but must match 1"),
        ("{a: {b: '*'}}", "{a: {}}", "a.b", "is not set, but must be"),
        ("{a: {b: '*'}}", "{a: {b: null}}", "a.b", "is null, but must be set"),
        ("{a: {X(b): null}}", "{a: {b: 1}}", "a.b", "is set, but must not be"),
        ("{a: 'x*'}", "{a: [x, y]}", "a[1]", 'is "y", but must match "x*"'),
        ("{a: {b: 1}}", "{a: [1]}", "a", "is a list, not a mapping"),
        ("{^(a): [{b: 1}]}", "{a: [{b: 2}]}", "a", "has no item that must match b: 1"),
        ("{(a): {b: 2}, c: 1}", "{a: {b: 3}}", "a.b", "is 3, but must match 2"),
    ],
)
def test_a_mismatch_says_where_and_why(pattern: str, resource: str, path: str, reason: str) -> None:
    result = match_pattern(yaml.safe_load(pattern), yaml.safe_load(resource))
    assert (str(result.path), result.reason) == (path, reason)


def test_a_skip_names_the_anchor_and_the_pattern_keeps_its_anchors_in_its_path() -> None:
    result = match_pattern({"=(a)": [{"(b)": "x", "c": 1}]}, {"a": [{"b": "y"}]})
    assert (result.outcome, result.anchor) == ("skip", "condition")
    assert result.pattern_path == YamlPath.of("=(a)", 0, "(b)")
    assert result.path == YamlPath.of("a", 0, "b")


def test_a_text_in_the_resource_cannot_pass_for_an_anchor() -> None:
    assert outcome("{a: x}", "{a: conditional anchor mismatch}") == "fail"


def test_the_pattern_is_left_as_it_was() -> None:
    pattern = {"metadata": {"labels": {"a/*": "x"}}}
    match_pattern(pattern, {"metadata": {"labels": {"a/b": "x"}}})
    assert pattern == {"metadata": {"labels": {"a/*": "x"}}}


def test_any_pattern_passes_when_one_does_and_skips_only_when_none_fails() -> None:
    assert match_any_pattern([{"a": 1}, {"b": 1}], {"b": 1}).outcome == "pass"
    assert match_any_pattern([{"(a)": 1}, {"(b)": 1}], {"b": 2}).outcome == "skip"
    failed = match_any_pattern([{"(a)": 1}, {"b": 1}, {"c": 1}], {"b": 2, "c": 3})
    assert (failed.outcome, failed.path, failed.pattern_path) == ("fail", ("b",), (1, "b"))
    assert failed.reason == "is 2, but must match 1.0; is 3, but must match 1.0"


def test_numbers_of_any_pattern_are_floats_and_read_strings_as_such() -> None:
    assert match_pattern({"a": 10}, {"a": "10.0"}).outcome == "fail"
    assert match_any_pattern([{"a": 10}], {"a": "10.0"}).outcome == "pass"


def test_a_pattern_that_nests_too_deep_is_an_error() -> None:
    deep: Any = "x"
    for _ in range(MAX_PATTERN_DEPTH + 1):
        deep = {"a": deep}
    assert match_pattern(deep, deep).outcome == "error"
    assert match_pattern(deep["a"], deep["a"]).outcome == "pass"


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab1", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def equal_by_pattern(pattern: Any, value: Any) -> bool:
    """What a pattern without anchors, wildcards and operators asks for, in plain words."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(equal_by_pattern(item, value.get(key)) for key, item in pattern.items())
    if isinstance(pattern, list):
        if not pattern or not isinstance(value, list):
            return False
        if isinstance(pattern[0], list):
            pairs = zip(pattern, value, strict=False)
            return len(value) >= len(pattern) and all(equal_by_pattern(a, b) for a, b in pairs)
        if isinstance(pattern[0], dict):
            return all(equal_by_pattern(pattern[0], item) for item in value)
        return equal_by_pattern(pattern[0], value)
    if isinstance(value, list):
        return all(not isinstance(item, list) and equal_by_pattern(pattern, item) for item in value)
    return match_pattern(pattern, value).outcome == "pass"


@given(plain, plain)
def test_patterns_without_anchors_never_skip_and_mean_what_they_say(pattern: Any, value: Any) -> None:
    result = match_pattern(pattern, value)
    assert result.outcome in ("pass", "fail", "error")
    assert (result.outcome == "pass") == equal_by_pattern(pattern, value)


anchored = st.recursive(
    st.sampled_from([None, True, 0, 1, "x", "*", "!x", ">1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "(a)", "=(b)", "^(b)", "X(c)", "<(c)", "+(d)"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(anchored, plain)
def test_a_result_points_into_the_resource_or_just_below_it(pattern: Any, value: Any) -> None:
    result = match_pattern(pattern, value)
    for step in result.path[:-1]:
        value = value[step]
    assert (result.outcome == "pass") == (not result.reason)
