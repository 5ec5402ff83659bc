"""Anchors of strategic merge patches; most cases restate upstream's strategicPreprocessing_test.go."""

from typing import Any

import pytest

from policylint.engine.errors import EvaluationError
from policylint.engine.mutate.anchors import resolve_anchors
from policylint.engine.mutate.nodes import sorted_copy
from policylint.model import ROOT


def resolved(patch: Any, resource: Any) -> Any:
    return resolve_anchors(sorted_copy(patch), sorted_copy(resource), ROOT).patch


def pod(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    containers = containers or ({"name": "hello", "image": "busybox"},)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": list(containers), **spec},
    }


SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"
SECRETS = [{"name": "regcred"}]
HOST_PATH = {"name": "cache-volume", "hostPath": {"path": "/data", "type": "Directory"}}
EMPTY_DIR = {"name": "cache-volume", "emptyDir": {}}


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ([EMPTY_DIR, {"name": "token", "secret": {}}], {"metadata": {"annotations": {SAFE: "true"}}}),
        ([{"name": "token", "secret": {}}, EMPTY_DIR], {"metadata": {"annotations": {SAFE: "true"}}}),
        ([{"name": "token", "secret": {}}], {}),
        ([], {"metadata": {"annotations": {SAFE: "true"}}}),
    ],
)
def test_a_global_anchor_in_a_list_lets_the_patch_through_when_one_item_meets_it(volumes: Any, expected: Any) -> None:
    patch = {"metadata": {"annotations": {f"+({SAFE})": "true"}}, "spec": {"volumes": [{"<(emptyDir)": {}}]}}
    assert resolved(patch, pod(volumes=volumes)) == expected


def test_a_global_anchor_of_a_list_that_is_not_there_keeps_the_patch_out() -> None:
    patch = {"metadata": {"labels": {"a": "b"}}, "spec": {"volumes": [{"<(emptyDir)": {}}]}}
    assert resolved(patch, pod()) == {}


def test_a_global_anchor_may_stand_deep_in_an_item() -> None:
    patch = {
        "metadata": {"annotations": {f"+({SAFE})": True}},
        "spec": {"volumes": [{"hostPath": {"<(path)": "*data"}}]},
    }
    assert resolved(patch, pod(volumes=[HOST_PATH])) == {"metadata": {"annotations": {SAFE: True}}}
    other = {"name": "other", "hostPath": {"path": "/etc"}}
    assert resolved(patch, pod(volumes=[other])) == {}


def test_nulls_stay_in_the_patch() -> None:
    assert resolved({"metadata": None}, pod()) == {"metadata": None}
    labels = {"metadata": {"annotations": {"a": None}}}
    assert resolved(labels, pod()) == labels


@pytest.mark.parametrize("anchors", [{"(name)": "*"}, {"(image)": "bus*"}, {"(name)": "*", "(image)": "busybox"}])
def test_an_item_with_conditions_becomes_one_item_for_each_that_it_fits(anchors: Any) -> None:
    patch = {"spec": {"containers": [{**anchors, "imagePullPolicy": "Always"}], "imagePullSecrets": SECRETS}}
    resource = pod({"name": "a", "image": "busybox"}, {"name": "b", "image": "busybox"})
    assert resolved(patch, resource) == {
        "spec": {
            "containers": [
                {"imagePullPolicy": "Always", "name": "a"},
                {"imagePullPolicy": "Always", "name": "b"},
            ],
            "imagePullSecrets": SECRETS,
        }
    }


def test_items_that_do_not_fit_are_left_out() -> None:
    patch = {"spec": {"containers": [{"(image)": "*:latest", "tty": True}]}}
    resource = pod({"name": "a", "image": "x:1"}, {"name": "b", "image": "x:latest"}, {"name": "c"})
    assert resolved(patch, resource) == {"spec": {"containers": [{"name": "b", "tty": True}]}}


def test_an_item_of_conditions_only_adds_nothing() -> None:
    patch = {"spec": {"containers": [{"(image)": "busybox*"}], "imagePullSecrets": SECRETS}}
    assert resolved(patch, pod()) == {"spec": {"imagePullSecrets": SECRETS}}


def test_items_without_a_name_are_not_found_again() -> None:
    patch = {"spec": {"containers": [{"(image)": "busybox", "tty": True}], "x": 1}}
    assert resolved(patch, pod({"image": "busybox"})) == {"spec": {"x": 1}}


def test_what_is_to_be_added_is_only_added_where_it_is_missing() -> None:
    patch = {"metadata": {"annotations": {"+(a)": "1", "+(b)": "2"}, "+(labels)": {"x": "y"}}}
    resource = {"metadata": {"annotations": {"a": "other"}}}
    assert resolved(patch, resource) == {"metadata": {"annotations": {"b": "2"}, "labels": {"x": "y"}}}


def test_nothing_is_left_when_everything_is_there() -> None:
    patch = {"metadata": {"annotations": {"+(a)": "1"}}}
    assert resolved(patch, {"metadata": {"annotations": {"a": "other"}}}) == {}


def test_additions_deep_in_an_item() -> None:
    limits = {"+(memory)": "300Mi", "+(cpu)": "100"}
    patch = {"spec": {"containers": [{"(name)": "*", "resources": {"limits": limits}}]}}
    resource = pod({"name": "nginx", "resources": {"limits": {"cpu": "50m"}}})
    assert resolved(patch, resource) == {
        "spec": {"containers": [{"name": "nginx", "resources": {"limits": {"memory": "300Mi"}}}]}
    }


def test_what_the_first_item_has_is_not_added_to_the_following_ones() -> None:
    """Upstream resolves `+( )` of an item once, for the first item that it looks at."""
    patch = {"spec": {"containers": [{"(name)": "*", "+(tty)": True, "stdin": True}]}}
    resource = pod({"name": "a", "tty": False}, {"name": "b"})
    assert resolved(patch, resource) == {
        "spec": {"containers": [{"name": "a", "stdin": True}, {"name": "b", "stdin": True}]}
    }


def test_conditions_of_mappings_hold_for_the_whole_patch() -> None:
    patch = {
        "metadata": {"annotations": {"+(annotation1)": "1", "+(annotation2)": "2"}},
        "spec": {
            "(volumes)": [{"(hostPath)": {"path": "/var/run/docker.sock"}}],
            "containers": [{"(image)": "*:latest", "command": ["ls"]}],
        },
    }
    resource = pod({"name": "nginx", "image": "nginx:latest"}, {"name": "busybox", "image": "busybox:1"})
    resource["metadata"]["annotations"] = {"annotation1": "x"}
    resource["spec"]["volumes"] = [{"name": "test-volume", "hostPath": {"path": "/var/run/docker.sock"}}]
    assert resolved(patch, resource) == {
        "metadata": {"annotations": {"annotation2": "2"}},
        "spec": {"containers": [{"command": ["ls"], "name": "nginx"}]},
    }
    resource["spec"]["volumes"][0]["hostPath"]["path"] = "/data"
    assert resolved(patch, resource) == {}


@pytest.mark.parametrize(
    ("wanted", "value", "holds"),
    [
        (">2", 3, True),
        (">2", 3.0, True),
        ("3", 3.0, True),
        (3, "3", True),
        (True, True, True),
        ("true", True, True),
        ("x | y", "y", True),
        ({"a": ">1"}, {"a": 2.0, "b": 1}, True),
        (["?*"], ["a", "b"], True),
        ("?*", "", False),
        ("<2", 3, False),
        ({"a": 1}, {"a": 2}, False),
    ],
)
@pytest.mark.parametrize("sign", ["", "<"])
def test_conditions_are_patterns_and_compare_scalars_as_text(sign: str, wanted: Any, value: Any, holds: bool) -> None:
    patch = {"spec": {f"{sign}(field)": wanted, "added": 1}}
    remaining = resolved(patch, {"spec": {"field": value}})
    assert bool(remaining) is holds
    assert not holds or remaining["spec"]["added"] == 1


def test_a_condition_on_a_missing_field_does_not_hold() -> None:
    assert resolved({"spec": {"(replicas)": "*", "paused": True}}, {"spec": {}}) == {}


def test_a_condition_with_content_keeps_its_content() -> None:
    patch = {"spec": {"(template)": {"(kind)": "a", "extra": 1}}}
    # the rest is part of the condition too, and stays in the patch without the anchor
    assert resolved(patch, {"spec": {"template": {"kind": "a", "extra": 1}}}) == {"spec": {"template": {"extra": 1}}}


def test_a_condition_with_an_addition_is_not_checked_further() -> None:
    patch = {"spec": {"(strategy)": {"type": "Recreate", "+(note)": "x"}}}
    resource = {"spec": {"strategy": {"type": "RollingUpdate"}}}
    assert resolved(patch, resource) == {"spec": {"strategy": {"type": "Recreate", "note": "x"}}}


def test_empty_mappings_are_lost() -> None:
    assert resolved({"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}]}}, pod()) == {
        "spec": {"volumes": [{"name": "tmp"}]}
    }


def test_two_items_with_anchors_that_nothing_meets_end_in_an_error() -> None:
    patch = {"spec": {"containers": [{"(name)": "x", "a": 1}, {"(name)": "y", "a": 2}]}}
    with pytest.raises(EvaluationError, match="several items of a list have anchors"):
        resolved(patch, pod())


def test_a_list_where_the_object_has_none() -> None:
    with pytest.raises(EvaluationError, match="the patch has a list where the object has a string"):
        resolved({"spec": {"containers": [{"(name)": "*"}]}}, {"spec": {"containers": "none"}})


def test_anchors_that_are_not_met_are_told_with_their_place() -> None:
    patch = {"spec": {"containers": [{"(image)": "*:latest", "tty": True}]}}
    steps = resolve_anchors(sorted_copy(patch), pod(), ROOT / "mutate").steps
    assert [(str(step.policy_path), step.what, step.holds) for step in steps] == [
        ('mutate.spec.containers[0]["(image)"]', 'image is "busybox", but must match "*:latest"', False)
    ]
