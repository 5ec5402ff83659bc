"""`policylint init --from-cluster` and `check --cluster`: the same cluster, written down or asked."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from api_server import TOKEN, ApiServer, api_server, denied, kubeconfig, named, node, pod, replica_set

from policylint.capacity.observed import observe
from policylint.cli import main
from policylint.config import Cluster, NodePool
from policylint.config.cluster_text import cluster_text
from policylint.config.file import load_config
from policylint.sources.cluster import read_cluster

pytest.importorskip("kubernetes")

Write = Callable[[Mapping[str, str]], Path]

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27.3
        resources: {requests: {cpu: 100m, memory: 64Mi}}
"""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A cluster of one node with eleven places: ten other pods, and the one of Deployment shop/web."""
    with api_server() as found:
        config = kubeconfig(tmp_path_factory.mktemp("home") / "config", found.url)
        monkeypatch.setenv("KUBECONFIG", str(config))
        for name in os.environ:
            if "proxy" in name.lower():
                monkeypatch.delenv(name)
        found.objects = {
            "nodes": [node("n1", labels={"node.kubernetes.io/instance-type": "t3.small", "on": "yes", "n": "012"})],
            "pods": [
                *(pod(f"p{number}", owner="StatefulSet/p", namespace="rest", cpu="10m") for number in range(10)),
                pod("web-1-x", owner="ReplicaSet/web-1"),
            ],
            "replicasets": [replica_set("web-1", "Deployment/web")],
            "resourcequotas": [named("q", {"hard": {"pods": "50"}}, status={"used": {"pods": "1"}})],
            "limitranges": [named("l", {"limits": [{"type": "Container", "default": {"cpu": "0.5"}}]})],
            "poddisruptionbudgets": [named("b", {"maxUnavailable": "0%", "selector": {"matchLabels": {"app": "web"}}})],
            "horizontalpodautoscalers": [
                named("h", {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "api"}})
            ],
        }
        yield found


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert TOKEN not in out + err
    return code, out, err


def found(out: str) -> list[tuple[str, str]]:
    return [(each["rule"], each["message"]) for each in json.loads(out)["findings"]]


def test_what_is_written_reads_back_as_what_is_there(
    server: ApiServer, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write({"web.yaml": WEB})
    assert ran(capsys, "init", "--from-cluster") == (0, "wrote policylint.yaml\n", "")
    text = (folder / "policylint.yaml").read_text()
    assert load_config(folder / "policylint.yaml").cluster == observe(read_cluster()).cluster
    assert "# Read from context here on 20" in text
    assert " UTC by `policylint init --from-cluster`.\n" in text
    assert TOKEN not in text
    assert "n1" not in text
    assert text[text.index("cluster:\n") :].startswith(
        """\
cluster:
  node-pools:
  - name: t3.small
    count: 1
    instance-type: t3.small
    max-pods: 11
    labels:
      kubernetes.io/os: linux
      n: "012"
      node.kubernetes.io/instance-type: t3.small
      on: yes
    allocatable: {cpu: "2", memory: 1Gi}
  other-pods:
  - {name: rest/p, pods: 10, owner: StatefulSet/rest/p, requests: {cpu: 10m}}
  - {name: shop/web, pods: 1, owner: Deployment/shop/web, requests: {}}
  present:
  - {apiVersion: v1, kind: ResourceQuota, metadata: {namespace: shop, name: q}, """
        """spec: {hard: {pods: "50"}}, status: {used: {pods: "1"}}}
"""
    )


def test_asking_and_reading_what_was_written_find_the_same(
    server: ApiServer, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"web.yaml": WEB})
    asked = ran(capsys, "check", "web.yaml", "--output-format", "json", "--cluster")
    assert (asked[0], asked[2]) == (1, "")
    assert [rule for rule, _ in found(asked[1])] == ["ROL001", "ROL010"]
    assert "12 > 11" in found(asked[1])[0][1]
    assert {asked.method for asked in server.log} == {"GET"}
    ran(capsys, "init", "--from-cluster", "here")
    asked_before = len(server.log)
    assert ran(capsys, "check", "web.yaml", "--output-format", "json")[:2] == asked[:2]
    assert len(server.log) == asked_before


def test_room_for_one_more(server: ApiServer, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"web.yaml": WEB, "policylint.yaml": cluster_text(Cluster((NodePool("full", 1, max_pods=1),)))})
    del server.objects["pods"][0]
    assert ran(capsys, "check", "--cluster=other", "web.yaml", "--ignore", "ROL010")[0] == 0
    assert ran(capsys, "check", "web.yaml", "--ignore", "ROL010")[0] == 1


def test_a_configuration_that_is_there_stays(
    server: ApiServer, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write({"policylint.yaml": "fail-on: warning\n"})
    code, out, err = ran(capsys, "init", "--from-cluster")
    assert (code, err) == (0, "")
    assert out.startswith("# policylint.yaml is there already; this goes into it, in place of its `cluster:`\n# Read")
    assert (folder / "policylint.yaml").read_text() == "fail-on: warning\n"
    (folder / "policylint.yaml").write_text(out)
    assert load_config(folder / "policylint.yaml").cluster == observe(read_cluster()).cluster
    assert ran(capsys, "init", "--from-cluster", "--force")[:2] == (0, "wrote policylint.yaml\n")
    assert "# Severities other" in (folder / "policylint.yaml").read_text()


def test_what_is_not_known_is_said(server: ApiServer, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write({"web.yaml": WEB})
    server.faults = {"pods": denied()}
    rule = '{apiGroups: [""], resources: [pods], verbs: [list]}'
    said = f"listing pods is not allowed; this rule in a ClusterRole allows it: {rule}"
    code, out, err = ran(capsys, "check", "web.yaml", "--cluster", "--ignore", "ROL010", "--profile", "rollout")
    assert (code, err) == (0, f"policylint: cluster: not known: {said}\n")
    assert "other workloads" in out
    ran(capsys, "init", "--from-cluster")
    text = (folder / "policylint.yaml").read_text()
    assert f"# Not known: {said}.\n" in text
    assert text.partition("cluster:\n")[2].partition("\n\n")[0].endswith('  unknown:\n  - "other workloads"')


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("check", "--cluster", "prod"), "the kubeconfig has no context 'prod'; its contexts are here, other\n"),
        (("check", "--cluster", "."), "If '.' is a path, write it before --cluster\n"),
        (("init", "--from-cluster", "prod"), "the kubeconfig has no context 'prod'; its contexts are here, other\n"),
    ],
)
def test_a_context_that_is_none(
    server: ApiServer, write: Write, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    folder = write({"web.yaml": WEB})
    code, out, err = ran(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("policylint: the kubeconfig has no context ")
    assert err.endswith(message)
    assert [path.name for path in folder.iterdir()] == ["web.yaml"]


def test_without_the_client(write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write({"web.yaml": WEB})
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    message = "policylint: reading a cluster needs the kubernetes client: `pip install 'policylint[cluster]'`\n"
    assert ran(capsys, "check", "web.yaml", "--cluster") == (2, "", message)


_MODULES = """
import sys
from policylint.cli import main
code = main(sys.argv[1:])
sys.stderr.write(str(code) + " " + " ".join(name for name in sys.modules if "kubernetes" in name or "cluster" in name))
"""


def test_a_check_without_a_cluster_loads_no_client(write: Write) -> None:
    folder = write({"web.yaml": WEB, "policylint.yaml": cluster_text(Cluster((NodePool("n", 1, max_pods=9),)))})
    done = subprocess.run(
        [sys.executable, "-c", _MODULES, "check", "web.yaml"], cwd=folder, capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.split()
    assert code == "0"
    assert [name for name in modules if not name.startswith("policylint.")] == []
    assert {"policylint.sources.cluster", "policylint.config.cluster_text"}.isdisjoint(modules)
