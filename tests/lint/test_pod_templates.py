"""What is a change of a pod template, and what only looks like one."""

import pytest

from policylint.document.document import Document
from policylint.document.source import Source
from policylint.lint.pod_templates import differences
from policylint.sources.documents import load_documents
from policylint.views.workload import Workload

HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {"


def workload(template: str) -> Workload:
    [document] = load_documents(Source("web.yaml", f"{HEAD}{template}}}}}\n"))
    assert isinstance(document, Document)
    [found] = Workload.of(document)
    return found


def changes(before: str, now: str) -> list[str]:
    return list(differences(workload(before), workload(now)))


def of_container(text: str) -> str:
    return f"spec: {{containers: [{{name: c, {text}}}]}}"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            "metadata: {labels: {app: web, helm.sh/chart: web-1.2.0}}",
            "metadata: {labels: {app: web, helm.sh/chart: web-1.3.0}}",
            "label helm.sh/chart web-1.2.0 → web-1.3.0",
        ),
        (
            "metadata: {annotations: {checksum/config: " + "a" * 64 + "}}",
            "metadata: {annotations: {checksum/config: " + "b" * 64 + "}}",
            f"annotation checksum/config {'a' * 39}… → {'b' * 39}…",
        ),
        ("metadata: {annotations: {a: '1'}}", "metadata: {}", "metadata.annotations removed"),
        ("metadata: {labels: {a: b}}", "metadata: {labels: {a: ''}}", 'label a b → ""'),
        (of_container("image: 'i:1'"), of_container("image: 'i:2'"), "containers[c].image i:1 → i:2"),
        (
            of_container("image: i@sha256:1"),
            of_container("image: i@sha256:2"),
            "containers[c].image i@sha256:1 → i@sha256:2",
        ),
        (of_container("args: [a]"), of_container("args: [a, b]"), "containers[c].args changed"),
        (of_container("args: [a]"), of_container("args: [b]"), "containers[c].args[0] a → b"),
        (of_container("env: [{name: A, value: x}]"), of_container("env: []"), "containers[c].env removed"),
        (
            of_container("env: [{name: A}]"),
            of_container("env: [{name: A, value: x}]"),
            "containers[c].env[A].value added: x",
        ),
        (
            of_container("resources: {requests: {cpu: 100m}}"),
            of_container("resources: {requests: {cpu: 0.2}}"),
            "containers[c].resources.requests.cpu 100m → 0.2",
        ),
        # a pointer to nothing is not nothing
        (of_container("securityContext: {}"), of_container("tty: false"), "containers[c].securityContext removed"),
        (
            of_container("image: i"),
            of_container("image: i, imagePullPolicy: IfNotPresent"),
            "containers[c].imagePullPolicy added: IfNotPresent",
        ),
        (
            "spec: {containers: [{name: a}, {name: b}]}",
            "spec: {containers: [{name: b}, {name: a}]}",
            "containers[0].name a → b; containers[1].name b → a",
        ),
        ("spec: {hostNetwork: false}", "spec: {hostNetwork: true}", "hostNetwork added: true"),
        ("spec: {shareProcessNamespace: false}", "spec: {}", "shareProcessNamespace removed"),
        ("spec: 5", "spec: {}", "spec changed"),
    ],
)
def test_what_changed_is_named(before: str, now: str, said: str) -> None:
    assert "; ".join(changes(before, now)) == said


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("metadata: {labels: {a: b}}", "metadata: {creationTimestamp: null, annotations: {}, labels: {a: b}}"),
        ("spec: {}", "spec: {restartPolicy: Always, dnsPolicy: ClusterFirst, terminationGracePeriodSeconds: 30}"),
        (
            "spec: {}",
            "spec: {schedulerName: default-scheduler, securityContext: {}, hostNetwork: false, tolerations: []}",
        ),
        ("spec: {serviceAccountName: a}", "spec: {serviceAccountName: a, serviceAccount: a}"),
        (of_container("image: i"), of_container("image: i, imagePullPolicy: Always, resources: {}, tty: false")),
        (of_container("image: 'r:5000/i:v1'"), of_container("image: 'r:5000/i:v1', imagePullPolicy: IfNotPresent")),
        (of_container("image: i@sha256:1"), of_container("image: i@sha256:1, imagePullPolicy: IfNotPresent")),
        (
            of_container("image: 'i:latest@sha256:1'"),
            of_container("image: 'i:latest@sha256:1', imagePullPolicy: Always"),
        ),
        (of_container("ports: [{containerPort: 80}]"), of_container("ports: [{containerPort: 80, protocol: TCP}]")),
        (of_container("env: [{name: A, value: ''}]"), of_container("env: [{name: A}]")),
        (
            of_container("resources: {limits: {cpu: 1000m, memory: 1024Mi}, requests: {}}"),
            of_container("resources: {limits: {cpu: 1, memory: 1Gi}}"),
        ),
        (
            of_container("readinessProbe: {httpGet: {port: 80}}"),
            of_container(
                "readinessProbe: {periodSeconds: 10, failureThreshold: 3, httpGet: {port: 80, path: /, scheme: HTTP}}"
            ),
        ),
        (
            "spec: {volumes: [{name: v, configMap: {name: c}}]}",
            "spec: {volumes: [{name: v, configMap: {name: c, defaultMode: 420}}]}",
        ),
        (
            "spec: {volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}]}",
            "spec: {volumes: [{name: v, emptyDir: {sizeLimit: 1024Mi}}]}",
        ),
    ],
)
def test_defaults_that_are_written_out_are_no_change(before: str, now: str) -> None:
    assert changes(before, now) == []
    assert changes(now, before) == []


@pytest.mark.parametrize(
    "template",
    [
        "spec: [1]",
        "metadata: 3",
        "spec: {containers: 5, volumes: {a: b}}",
        "spec: {containers: [3, {name: c, resources: {limits: 3}, env: [x], lifecycle: 5}]}",
    ],
)
def test_broken_templates_are_compared_all_the_same(template: str) -> None:
    assert changes(template, template) == []
    assert changes(template, "metadata: {labels: {a: b}}") != []
