"""Strategic merges as kustomize does them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.errors import EvaluationError
from policylint.engine.mutate import strategic_merge
from policylint.engine.mutate.nodes import sorted_copy
from policylint.engine.mutate.strategic_merge import merge


def merged(patch: Any, resource: Any) -> Any:
    return merge(sorted_copy(patch), sorted_copy(resource))


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec}


def spec_of(patch: dict[str, Any], **spec: Any) -> Any:
    return merged({"spec": patch}, pod(**spec))["spec"]


def test_mappings_are_merged_and_scalars_replaced() -> None:
    assert merged({"a": {"b": 2, "d": 4}}, {"a": {"b": 1, "c": 3}, "e": 5}) == {"a": {"b": 2, "c": 3, "d": 4}, "e": 5}


def test_a_null_removes_a_field_and_leaves_no_trace_where_there_was_none() -> None:
    assert merged({"a": None, "x": {"y": None, "z": 1}}, {"a": {"b": 1}, "c": None}) == {"c": None, "x": {"z": 1}}


def test_a_field_that_is_null_is_filled() -> None:
    assert merged({"a": {"b": 1}}, {"a": None}) == {"a": {"b": 1}}


def test_empty_mappings_are_added() -> None:
    assert merged({"a": {}}, {}) == {"a": {}}


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ("merge", {"a": {"b": 1, "c": 2}}),
        ("replace", {"a": {"c": 2}}),
        ("delete", {}),
    ],
)
def test_directives(directive: str, expected: Any) -> None:
    assert merged({"a": {"$patch": directive, "c": 2}}, {"a": {"b": 1}}) == expected


def test_a_directive_of_another_name_is_an_error() -> None:
    with pytest.raises(EvaluationError, match=r"\$patch of a is 'remove', not delete, replace or merge"):
        merged({"a": {"$patch": "remove"}}, {"a": {"b": 1}})


def test_a_patch_that_deletes_everything_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="deletes the whole object"):
        merged({"$patch": "delete"}, {"a": 1})


@pytest.mark.parametrize("patch", [{"a": 1}, {"a": [1]}])
def test_types_have_to_agree(patch: Any) -> None:
    with pytest.raises(EvaluationError, match="a is a mapping in the object and a "):
        merged(patch, {"a": {"b": 1}})


def test_what_the_patch_adds_to_a_list_comes_first() -> None:
    containers = [{"name": "wordpress", "image": "wordpress"}]
    patch = [{"name": "nginx", "image": "nginx"}, {"name": "wordpress", "tty": True}]
    assert spec_of({"containers": patch}, containers=containers)["containers"] == [
        {"name": "nginx", "image": "nginx"},
        {"name": "wordpress", "image": "wordpress", "tty": True},
    ]


def test_an_item_that_the_patch_names_moves_to_the_front() -> None:
    containers = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    patched = spec_of({"containers": [{"name": "c", "tty": True}]}, containers=containers)
    assert patched["containers"] == [{"name": "c", "tty": True}, {"name": "a"}, {"name": "b"}]


def test_items_are_deleted_by_a_directive() -> None:
    containers = [{"name": "a"}, {"name": "b"}]
    assert spec_of({"containers": [{"name": "a", "$patch": "delete"}]}, containers=containers)["containers"] == [
        {"name": "b"}
    ]
    assert spec_of({"containers": [{"name": "a", "$patch": "delete"}]}, containers=[{"name": "a"}])["containers"] == []


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("initContainers", "name"),
        ("ephemeralContainers", "name"),
        ("volumes", "name"),
        ("imagePullSecrets", "name"),
        ("hostAliases", "ip"),
    ],
)
def test_the_lists_of_pods_are_merged_by_their_keys(field: str, key: str) -> None:
    patched = spec_of({field: [{key: "b", "x": 1}]}, **{field: [{key: "a"}, {key: "b", "y": 2}]})
    assert patched[field] == [{key: "b", "x": 1, "y": 2}, {key: "a"}]


@pytest.mark.parametrize(
    ("field", "key"), [("env", "name"), ("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")]
)
def test_the_lists_of_containers_are_merged_by_their_keys(field: str, key: str) -> None:
    before = [{"name": "c", field: [{key: "a"}, {key: "b", "y": 2}]}]
    patched = spec_of({"containers": [{"name": "c", field: [{key: "b", "x": 1}]}]}, containers=before)
    assert patched["containers"][0][field] == [{key: "b", "x": 1, "y": 2}, {key: "a"}]


def test_ports_are_merged_by_number_and_protocol() -> None:
    before = [{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53.0, "protocol": "UDP", "name": "dns"}]
    patch = [{"containerPort": 53, "protocol": "UDP", "hostPort": 53}]
    patched = spec_of({"containers": [{"name": "c", "ports": patch}]}, containers=[{"name": "c", "ports": before}])
    assert patched["containers"][0]["ports"] == [
        {"containerPort": 53, "protocol": "UDP", "name": "dns", "hostPort": 53},
        {"containerPort": 53, "protocol": "TCP"},
    ]


def test_ports_without_protocols_are_merged_by_number() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}, {"port": 443}]}}
    patched = merged({"spec": {"ports": [{"port": 443, "name": "https"}]}}, service)
    assert patched["spec"]["ports"] == [{"port": 443, "name": "https"}, {"port": 80}]


def test_other_lists_are_replaced() -> None:
    before = [{"name": "c", "command": ["a", "b"]}]
    assert spec_of({"containers": [{"name": "c", "command": ["d"]}]}, containers=before)["containers"] == [
        {"name": "c", "command": ["d"]}
    ]
    assert spec_of({"tolerations": [{"key": "x"}]}, tolerations=[{"key": "y"}])["tolerations"] == [{"key": "x"}]


def test_lists_of_types_that_are_not_known_are_replaced() -> None:
    rollout = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": {"containers": [{"name": "a"}]}}
    assert merged({"spec": {"containers": [{"name": "b"}]}}, rollout)["spec"] == {"containers": [{"name": "b"}]}


def test_lists_of_versions_that_the_schema_does_not_know_are_replaced() -> None:
    job = {"apiVersion": "batch/v2", "kind": "Job", "metadata": {"finalizers": ["a"]}}
    assert merged({"metadata": {"finalizers": ["b"]}}, job)["metadata"] == {"finalizers": ["b"]}


def test_objects_inside_of_others_are_known_by_their_own_type() -> None:
    inner = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}]}}
    outer = {"apiVersion": "x/v1", "kind": "Wrapper", "object": inner}
    patched = merged({"object": {"spec": {"containers": [{"name": "b"}]}}}, outer)
    assert patched["object"]["spec"]["containers"] == [{"name": "b"}, {"name": "a"}]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (("apps/v1", "Deployment"), ("spec", "template", "spec")),
        (("apps/v1", "StatefulSet"), ("spec", "template", "spec")),
        (("batch/v1", "Job"), ("spec", "template", "spec")),
        (("batch/v1", "CronJob"), ("spec", "jobTemplate", "spec", "template", "spec")),
        (("v1", "ReplicationController"), ("spec", "template", "spec")),
        (("v1", "PodTemplate"), ("template", "spec")),
    ],
)
def test_pod_templates_are_known_in_every_controller(kind: tuple[str, str], path: tuple[str, ...]) -> None:
    def nested(value: Any) -> Any:
        for step in reversed(path):
            value = {step: value}
        return value

    resource = {"apiVersion": kind[0], "kind": kind[1], **nested({"containers": [{"name": "a"}]})}
    patched = merged(nested({"containers": [{"name": "b"}]}), resource)
    for step in path:
        patched = patched[step]
    assert patched == {"containers": [{"name": "b"}, {"name": "a"}]}


def test_lists_of_scalars_such_as_finalizers_are_united() -> None:
    resource = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"finalizers": ["a", "b"]}}
    assert merged({"metadata": {"finalizers": ["c", "b"]}}, resource)["metadata"]["finalizers"] == ["c", "b", "a"]
    with pytest.raises(EvaluationError, match=r"metadata\.finalizers is a list of scalars"):
        merged({"metadata": {"finalizers": [{"x": 1}]}}, resource)


def test_an_item_without_its_key_takes_all_others_with_it() -> None:
    """What upstream does to a list of containers when the patch names none of them."""
    before = [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]
    assert spec_of({"containers": [{"image": "z"}]}, containers=before)["containers"] == []


def test_ports_that_only_partly_have_protocols_are_confused() -> None:
    """Upstream looks for items without a protocol by number alone, and so finds one for two."""
    ports = [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}, {"port": 80}]
    service = {"apiVersion": "v1", "kind": "Service", "spec": {"ports": ports}}
    assert merged({}, service)["spec"]["ports"] == [
        {"port": 53, "protocol": "UDP"},
        {"port": 53, "protocol": "UDP"},
        {"port": 80},
    ]


def test_of_items_with_the_same_key_the_last_stays() -> None:
    env = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}, {"name": "B", "value": "3"}]
    patched = spec_of({}, containers=[{"name": "c", "env": env}])
    assert patched["containers"][0]["env"] == [{"name": "A", "value": "2"}, {"name": "A", "value": "2"}, env[2]][1:]


def test_long_lists_with_unclear_keys_are_refused() -> None:
    env = [{"name": "A"}] * 200
    with pytest.raises(EvaluationError, match="has more than 100 items, and not every one has its own name"):
        spec_of({}, containers=[{"name": "c", "env": env}])


def test_long_lists_are_merged() -> None:
    env = [{"name": f"N{index}", "value": "x"} for index in range(5000)]
    patch = {"containers": [{"name": "c", "env": [{"name": "N4999", "value": "y"}]}]}
    patched = spec_of(patch, containers=[{"name": "c", "env": env}])["containers"][0]["env"]
    assert len(patched) == 5000
    assert patched[:2] == [{"name": "N4999", "value": "y"}, {"name": "N0", "value": "x"}]


NAMES = st.sampled_from("abcdef")
ITEM = st.fixed_dictionaries({"name": NAMES}, optional={"image": NAMES, "tty": st.booleans()})
ITEMS = st.lists(ITEM, max_size=5, unique_by=lambda item: item["name"])
PORT = st.fixed_dictionaries(
    {"port": st.integers(1, 3), "protocol": st.sampled_from(["TCP", "UDP"])}, optional={"name": NAMES}
)
PORTS = st.lists(PORT, max_size=5, unique_by=lambda item: (item["port"], item["protocol"]))


def deleting(items: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    return [{**item, "$patch": "delete"} if index < count else item for index, item in enumerate(items)]


@given(before=ITEMS, patch=ITEMS, ports=PORTS, more_ports=PORTS, deleted=st.integers(0, 2))
def test_the_short_way_gives_what_the_steps_give(
    before: Any, patch: Any, ports: Any, more_ports: Any, deleted: int
) -> None:
    resource = pod(containers=before)
    service = {"apiVersion": "v1", "kind": "Service", "spec": {"ports": ports}}
    changes = {"spec": {"containers": deleting(patch, deleted)}}
    more = {"spec": {"ports": deleting(more_ports, deleted)}}
    short = merged(changes, resource), merged(more, service)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(strategic_merge._ListMerger, "by_index", lambda self, sources: None)
        assert (merged(changes, resource), merged(more, service)) == short


@given(before=ITEMS, patch=ITEMS)
def test_merging_twice_changes_nothing_more(before: Any, patch: Any) -> None:
    changes = {"spec": {"containers": patch}}
    once = merged(changes, pod(containers=before))
    assert merged(changes, once) == once
