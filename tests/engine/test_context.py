"""The context that variables are queried from: what it holds for a request, checkpoints, deferred entries."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.context import Context, request_context, split_name
from policylint.engine.errors import EvaluationError, MissingVariable
from policylint.engine.images import extract_images, image_info
from policylint.engine.request import Request, UserInfo

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "initContainers": [{"name": "init", "image": "ghcr.io/acme/init@sha256:" + "a" * 64}],
        "containers": [{"name": "app", "image": "nginx"}, {"name": "side", "image": "localhost:5000/team/tool:v1"}],
    },
}


class Recorder:
    """A loader that sets a variable and notes that it did."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act
        self.calls = 0
        self.loaded = False

    def load(self) -> None:
        self.calls += 1
        self.act()
        self.loaded = True


def test_request_content() -> None:
    context = request_context(Request(POD, dry_run=True))
    assert context.query("request.operation") == "CREATE"
    assert context.query("request.object.metadata.name") == "web"
    assert context.query("request.namespace") == "shop"
    assert context.query("request.name") == "web"
    assert context.query("request.kind") == {"group": "", "version": "v1", "kind": "Pod"}
    assert context.query("request.dryRun") is True
    for absent in ("request.oldObject", "request.userInfo", "serviceAccountName", "target", "element"):
        with pytest.raises(MissingVariable):
            context.query(absent)


def test_delete_has_only_the_old_object() -> None:
    context = request_context(Request({}, old_resource=POD, operation="DELETE"))
    assert context.operation == "DELETE"
    assert context.query("request.oldObject.metadata.name") == "web"
    with pytest.raises(MissingVariable):
        context.query("request.object")


def test_user_and_service_account() -> None:
    user = UserInfo("system:serviceaccount:ci:builder", ("system:authenticated",), ("ci:edit",), ("view",))
    context = request_context(Request(POD, user=user))
    assert context.query("request.userInfo") == {
        "username": "system:serviceaccount:ci:builder",
        "groups": ["system:authenticated"],
    }
    assert context.query("request.roles") == ["ci:edit"]
    assert context.query("request.clusterRoles") == ["view"]
    assert context.query("serviceAccountName") == "builder"
    assert context.query("serviceAccountNamespace") == "ci"


def test_a_person_has_no_service_account() -> None:
    context = request_context(Request(POD, user=UserInfo("alice")))
    assert context.query("[serviceAccountName, serviceAccountNamespace]") == ["", ""]


def test_images_of_a_pod() -> None:
    context = request_context(Request(POD))
    assert context.query("images.containers.app") == {
        "registry": "docker.io",
        "name": "nginx",
        "path": "nginx",
        "tag": "latest",
        "reference": "docker.io/nginx:latest",
        "referenceWithTag": "docker.io/nginx:latest",
        "jsonPointer": "/spec/containers/0/image",
    }
    assert context.query("images.containers.side.registry") == "localhost:5000"
    assert context.query("images.initContainers.init.digest") == "sha256:" + "a" * 64
    with pytest.raises(MissingVariable):
        context.query("images.ephemeralContainers")


def test_images_of_what_makes_pods() -> None:
    spec = {"containers": [{"name": "app", "image": "acme/app:1"}]}
    job = {"kind": "Job", "spec": {"template": {"spec": spec}}}
    cron = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}
    assert extract_images(job)["containers"]["app"]["path"] == "acme/app"
    assert extract_images(cron)["containers"]["app"]["jsonPointer"] == (
        "/spec/jobTemplate/spec/template/spec/containers/0/image"
    )
    assert extract_images({"kind": "ConfigMap", "spec": {"template": {"spec": spec}}}) == {}


@pytest.mark.parametrize(
    ("config", "group", "key"),
    [
        ({"path": "/spec/steps/*/image"}, "custom", "/spec/steps/0/image"),
        ({"path": "/spec/steps/*", "value": "image", "key": "name", "name": "steps"}, "steps", "build"),
        ({"path": "/spec/steps/*/image", "jmesPath": "trim_prefix(@, 'oci://')"}, "custom", "/spec/steps/0/image"),
    ],
)
def test_custom_extractors(config: dict[str, str], group: str, key: str) -> None:
    image = "oci://acme/build:2" if "jmesPath" in config else "acme/build:2"
    task = {"kind": "Task", "spec": {"steps": [{"name": "build", "image": image}, {"name": "no image"}]}}
    assert extract_images(task, {"Task": [config]}) == {
        group: {key: {**image_info("acme/build:2"), "jsonPointer": "/spec/steps/0/image"}}
    }


@pytest.mark.parametrize(
    ("image", "path", "tag", "reference"),
    [
        ("busybox:1.28", "busybox", "1.28", "docker.io/busybox:1.28"),
        ("library/busybox", "library/busybox", "latest", "docker.io/library/busybox:latest"),
        ("docker.io/test/nginx:v10.3", "test/nginx", "v10.3", "docker.io/test/nginx:v10.3"),
        ("localhost/netd", "netd", "latest", "localhost/netd:latest"),
        (f"acme/app:1@sha256:{'b' * 64}", "acme/app", "1", f"docker.io/acme/app@sha256:{'b' * 64}"),
    ],
)
def test_image_parts(image: str, path: str, tag: str, reference: str) -> None:
    info = image_info(image)
    assert (info["path"], info.get("tag"), info["reference"]) == (path, tag, reference)


def test_a_bad_image_is_told_when_images_are_asked_for() -> None:
    pod = {"kind": "Pod", "spec": {"containers": [{"name": "app", "image": "not an image"}]}}
    context = request_context(Request(pod))
    assert context.query("request.object.kind") == "Pod"
    with pytest.raises(MissingVariable, match="'not an image' is not an image reference"):
        context.query("images.containers.app.tag")


def test_added_variables_merge_and_replaced_ones_do_not() -> None:
    context = Context({"request": {"object": {"metadata": {"name": "web"}}}})
    context.add_variable("request.object.metadata.namespace", "shop")
    context.add_variable('request.object.metadata.labels."app.kubernetes.io/name"', "web")
    assert context.query("request.object.metadata") == {
        "name": "web",
        "namespace": "shop",
        "labels": {"app.kubernetes.io/name": "web"},
    }
    context.add("config", {"a": 1.0, "b": {"c": 2.0}})
    context.add("config", {"b": {"d": 3.0}})
    assert context.query("config") == {"a": 1.0, "b": {"c": 2.0, "d": 3.0}}
    context.replace("config", {"b": 1.0})
    assert context.query("config") == {"b": 1.0}
    context.add_resource({"kind": "Pod"})
    assert context.query("request.object") == {"kind": "Pod"}


def test_results_do_not_change_when_the_context_does() -> None:
    context = Context({"a": {"b": 1.0}})
    before = context.query("a")
    context.add_variable("a.c", 2.0)
    assert before == {"b": 1.0}


@pytest.mark.parametrize("name", ["", 'a.b"c', '"a', '"a"b.c'])
def test_broken_names_are_refused(name: str) -> None:
    with pytest.raises(EvaluationError, match="variable name"):
        Context().add_variable(name, 1)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=4))
def test_names_round_trip(parts: list[str]) -> None:
    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in parts)
    assert split_name(quoted) == parts


def test_checkpoints_nest() -> None:
    context = Context({"x": 0.0})
    context.checkpoint()
    context.add("x", 1.0)
    context.checkpoint()
    context.add("x", 2.0)
    context.reset()
    assert context.query("x") == 1.0
    context.add("x", 3.0)
    context.restore()
    assert context.query("x") == 1.0
    context.restore()
    assert context.query("x") == 0.0
    context.restore()
    assert context.query("x") == 0.0


def test_elements_of_nested_foreach() -> None:
    context = Context()
    context.add_element({"name": "outer", "only": 1.0}, 2, 0)
    context.add_element({"name": "inner"}, 1, 1)
    assert context.query("element") == {"name": "inner"}
    assert context.query("[element0.name, element1.name, to_string(elementIndex0 || '')]")[:2] == ["outer", "inner"]
    assert context.query("elementIndex0") == 2
    assert context.query("elementIndex") == 1


@pytest.mark.parametrize("query", ["one", "one.two", "f(one)", "a || one", "one-two", "a.b==one", " one", "{one}"])
def test_queries_that_name_an_entry_load_it(query: str) -> None:
    context = Context()
    loader = Recorder(lambda: context.add("one", {"two": "1"}))
    context.defer("one", loader)
    with contextlib.suppress(EvaluationError):
        context.query(query)
    assert loader.calls == 1


@pytest.mark.parametrize("query", ["two.one", "oneTwo", "one1", "one_two"])
def test_queries_that_do_not(query: str) -> None:
    context = Context()
    loader = Recorder(lambda: context.add("one", "1"))
    context.defer("one", loader)
    with pytest.raises(MissingVariable):
        context.query(query)
    assert loader.calls == 0


def test_an_entry_is_loaded_once_and_again_after_a_restore() -> None:
    context = Context()
    loader = Recorder(lambda: context.add("one", "1"))
    context.defer("one", loader)
    context.checkpoint()
    assert context.query("one") == "1"
    assert context.query("one") == "1"
    assert loader.calls == 1
    context.restore()
    assert loader.calls == 2
    assert context.query("one") == "1"


def test_an_entry_of_a_nested_level_goes_with_it() -> None:
    context = Context({"two": "outside"})
    context.checkpoint()
    loader = Recorder(lambda: context.add("two", "inside"))
    context.defer("two", loader)
    assert context.query("two") == "inside"
    context.reset()
    assert context.query("two") == "outside"
    assert loader.calls == 1


def test_entries_that_name_each_other_end() -> None:
    context = Context()
    first = Recorder(lambda: context.add("a", context.query("b")))
    second = Recorder(lambda: context.add("b", context.query("a")))
    context.defer("a", first)
    context.defer("b", second)
    with pytest.raises(MissingVariable):
        context.query("b")
    assert (first.calls, second.calls) == (1, 1)


def test_a_failure_is_told_with_the_missing_key() -> None:
    def fail() -> None:
        raise EvaluationError("the registry is closed")

    context = Context()
    context.defer("image", Recorder(fail))
    assert context.query("image || 'none'") == "none"
    with pytest.raises(MissingVariable, match=r"image.*\(the registry is closed\)"):
        context.query("image.digest")


@pytest.mark.parametrize(("query", "reason"), [("", "empty"), ("   ", "empty"), ("a[", "invalid JMESPath")])
def test_bad_queries(query: str, reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason):
        Context().query(query)


def test_the_clock_is_the_contexts() -> None:
    context = Context(clock=lambda: 1_700_000_000_000_000_000)
    result: Any = context.query("time_now_utc()")
    assert result == "2023-11-14T22:13:20Z"
