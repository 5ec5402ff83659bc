from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.document.document import Document
from policylint.document.source import Source
from policylint.model import YamlPath
from policylint.sources.documents import load_documents
from policylint.views.quantities import IntOrPercent
from policylint.views.workload import Workload

QUARTER = IntOrPercent(25, percent=True)
GATEWAY = "spec: {template: {metadata: {annotations: {inject.istio.io/templates: gateway}}}}"
POD = "containers: [{name: web, image: 'web:1'}]"


def workloads(text: str) -> list[Workload]:
    documents = load_documents(Source("manifest.yaml", text))
    return [workload for item in documents if isinstance(item, Document) for workload in Workload.of(item)]


def workload(api_version: str, kind: str, spec: str = "") -> Workload:
    lines = [f"apiVersion: {api_version}", f"kind: {kind}", "metadata: {name: web}"]
    lines += ["spec:", *(f"  {line}" for line in spec.splitlines())] if spec else []
    [found] = workloads("\n".join(lines))
    return found


@pytest.mark.parametrize(
    ("api_version", "kind", "template"),
    [
        ("v1", "Pod", ""),
        ("v1", "PodTemplate", "template"),
        ("v1", "ReplicationController", "spec.template"),
        ("apps/v1", "Deployment", "spec.template"),
        ("apps/v1beta2", "ReplicaSet", "spec.template"),
        ("apps/v1beta1", "StatefulSet", "spec.template"),
        ("apps/v1", "DaemonSet", "spec.template"),
        ("extensions/v1beta1", "Deployment", "spec.template"),
        ("batch/v1", "Job", "spec.template"),
        ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template"),
        ("apps.openshift.io/v1", "DeploymentConfig", "spec.template"),
        ("argoproj.io/v1alpha1", "Rollout", "spec.template"),
        ("serving.knative.dev/v1", "Service", "spec.template"),
    ],
)
def test_every_pod_bearing_kind_has_its_pod_spec(api_version: str, kind: str, template: str) -> None:
    inner = "{spec: {containers: [{name: web, image: 'web:1'}]}}"
    for step in reversed(template.split(".") if template else []):
        inner = f"{{{step}: {inner}}}"
    [found] = workloads(f"{{apiVersion: {api_version}, kind: {kind}, {inner[1:-1]}}}")
    assert str(found.template_path) == template
    assert [(str(use.path), use.image) for use in found.images()] == [
        (f"{template}.spec.containers[0].image".removeprefix("."), "web:1")
    ]


@pytest.mark.parametrize(
    ("api_version", "kind"), [("v1", "Service"), ("deploy.example/v1", "Deployment"), ("", "Pod2")]
)
def test_other_kinds_and_groups_are_no_workloads(api_version: str, kind: str) -> None:
    assert workloads(f"apiVersion: '{api_version}'\nkind: {kind}\nspec: {{}}\n") == []


def test_containers_come_in_the_order_in_which_they_start() -> None:
    pod = workload(
        "v1",
        "Pod",
        "containers: [{name: web, image: 'web:1'}, {image: 'x:1'}]\n"
        "initContainers: [{name: init, image: 'init:1'}]\n"
        "ephemeralContainers: [{name: debug}]",
    )
    assert [(str(one.path), str(one), one.image) for one in pod.containers()] == [
        ("spec.initContainers[0]", "init container init", "init:1"),
        ("spec.containers[0]", "container web", "web:1"),
        ("spec.containers[1]", "the container without a name", "x:1"),
        ("spec.ephemeralContainers[0]", "ephemeral container debug", None),
    ]


def test_images_include_image_volumes() -> None:
    volumes = "volumes: [{name: a, emptyDir: {}}, {name: model, image: {reference: 'model:1'}}, {image: {}}]"
    uses = list(workload("v1", "Pod", f"{POD}\n{volumes}").images())
    assert [(str(use.path), use.image, use.user) for use in uses] == [
        ("spec.containers[0].image", "web:1", "container web"),
        ("spec.volumes[1].image.reference", "model:1", "image volume model"),
    ]


@pytest.mark.parametrize(
    ("kind", "spec", "replicas"),
    [
        ("Deployment", "", 1),
        ("Deployment", "replicas: null", 1),
        ("Deployment", "replicas: 0", 0),
        ("StatefulSet", "replicas: 3", 3),
        ("Deployment", "replicas: -1", None),
        ("Deployment", "replicas: '3'", None),
        ("DaemonSet", "replicas: 3", None),
    ],
)
def test_replicas_default_to_one(kind: str, spec: str, replicas: int | None) -> None:
    assert workload("apps/v1", kind, spec).replicas == replicas


def test_a_pod_is_one_pod_and_a_job_has_no_replicas() -> None:
    assert workload("v1", "Pod", POD).replicas == 1
    assert workload("batch/v1", "Job", "parallelism: 3").replicas is None


@pytest.mark.parametrize(
    ("api_version", "kind", "spec", "expected"),
    [
        ("apps/v1", "Deployment", "", ("RollingUpdate", "spec.strategy", QUARTER, QUARTER)),
        ("apps/v1beta1", "Deployment", "strategy: {}", ("RollingUpdate", "spec.strategy", QUARTER, QUARTER)),
        ("extensions/v1beta1", "Deployment", "", ("RollingUpdate", "spec.strategy", (1, False), (1, False))),
        ("apps/v1", "Deployment", "strategy: {type: Recreate}", ("Recreate", "spec.strategy", None, None)),
        (
            "apps/v1",
            "Deployment",
            "strategy: {rollingUpdate: {maxSurge: 200%, maxUnavailable: null}}",
            ("RollingUpdate", "spec.strategy", (200, True), QUARTER),
        ),
        ("apps/v1", "DaemonSet", "", ("RollingUpdate", "spec.updateStrategy", (0, False), (1, False))),
        ("extensions/v1beta1", "DaemonSet", "", ("OnDelete", "spec.updateStrategy", None, None)),
        ("apps/v1", "StatefulSet", "", ("RollingUpdate", "spec.updateStrategy", None, (1, False))),
        ("apps/v1beta1", "StatefulSet", "", ("OnDelete", "spec.updateStrategy", None, None)),
        ("v1", "ReplicationController", "strategy: {type: Recreate}", ("", "spec", None, None)),
    ],
)
def test_strategies_have_the_defaults_of_their_version(
    api_version: str, kind: str, spec: str, expected: tuple[Any, ...]
) -> None:
    strategy = workload(api_version, kind, spec).strategy
    assert (strategy.type, str(strategy.path), strategy.max_surge, strategy.max_unavailable) == expected
    assert strategy.problems == ()


def test_the_partition_of_a_stateful_set() -> None:
    spec = "updateStrategy: {rollingUpdate: {partition: 2, maxUnavailable: 30%}}"
    strategy = workload("apps/v1", "StatefulSet", spec).strategy
    assert (strategy.partition, strategy.max_unavailable) == (2, (30, True))


def test_what_the_api_server_refuses_is_a_shape_problem() -> None:
    found = workload(
        "apps/v1",
        "Deployment",
        "replicas: many\n"
        "paused: 1\n"
        "strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: '1', maxUnavailable: 101%}}\n"
        "template: {spec: {containers: {name: web}, volumes: [image]}}",
    )
    assert {str(problem.path): problem.message for problem in found.shape_problems} == {
        "spec.template.spec.containers": "spec.template.spec.containers takes a list, but is a mapping",
        "spec.template.spec.volumes[0]": "spec.template.spec.volumes[0] takes a mapping, but is a string",
        "spec.replicas": "spec.replicas takes an integer, but is a string",
        "spec.paused": "spec.paused takes true or false, but is a number",
        "spec.strategy.rollingUpdate.maxSurge": (
            "spec.strategy.rollingUpdate.maxSurge: '1' is neither a whole number from 0 nor a percentage such as 25%"
        ),
        "spec.strategy.rollingUpdate.maxUnavailable": (
            "spec.strategy.rollingUpdate.maxUnavailable: 101% is more than 100%"
        ),
    }
    assert (found.strategy.max_surge, found.strategy.max_unavailable) == (None, None)


@pytest.mark.parametrize(
    ("text", "image", "injected"),
    [
        ("{apiVersion: apps/v1, kind: Deployment}", "auto", False),
        (f"{{apiVersion: apps/v1, kind: Deployment, {GATEWAY}}}", "auto", True),
        ("{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig}", " ", True),
        ("{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig}", "web", False),
        ("{apiVersion: apps/v1, kind: Deployment}", "", False),
        (
            "{apiVersion: apps/v1, kind: Deployment, metadata: {annotations: {image.openshift.io/triggers: '[]'}}}",
            "",
            True,
        ),
    ],
)
def test_blanks_that_a_controller_fills_in(text: str, image: str, injected: bool) -> None:
    [found] = workloads(text)
    assert found.injects_image(image) is injected


class Made(Document):
    """A document of given data, without text."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data


keys = st.sampled_from(
    [
        "spec",
        "template",
        "jobTemplate",
        "metadata",
        "annotations",
        "containers",
        "initContainers",
        "volumes",
        "image",
        "reference",
        "name",
        "replicas",
        "paused",
        "strategy",
        "updateStrategy",
        "rollingUpdate",
        "type",
        "maxSurge",
        "maxUnavailable",
        "partition",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(
    st.sampled_from([("v1", "Pod"), ("apps/v1", "Deployment"), ("apps/v1", "DaemonSet"), ("batch/v1", "CronJob")]),
    st.dictionaries(keys, values, max_size=4),
)
def test_garbage_never_raises_and_paths_stay_inside_the_document(kind: tuple[str, str], data: dict[str, Any]) -> None:
    document = Made({**data, "apiVersion": kind[0], "kind": kind[1]})
    [found] = Workload.of(document)
    assert all(document.get(use.path) == use.image for use in found.images())
    assert all(isinstance(problem.path, YamlPath) for problem in found.shape_problems)
