"""Reading a live cluster: what is asked for, in what way, and what is said when it cannot be read."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_server import (
    PATHS,
    TOKEN,
    ApiServer,
    Fault,
    api_server,
    cut,
    denied,
    dripping,
    expires,
    kubeconfig,
    no_json,
    node,
    pod,
    slow,
    status,
)

from policylint.errors import UsageError
from policylint.sources import cluster
from policylint.sources.cluster import Reading, read_cluster

pytest.importorskip("kubernetes")


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as found:
        found.objects = {"nodes": [node("n1")]}
        yield found


@pytest.fixture
def config(server: ApiServer, tmp_path: Path) -> Path:
    return kubeconfig(tmp_path / "kubeconfig", server.url)


def environment(config: object) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return {**kept, "KUBECONFIG": str(config)}


def read(config: object, context: str = "", time_limit: float = 60) -> Reading:
    return read_cluster(context, environment=environment(config), time_limit=time_limit)


def refused(config: object, context: str = "", time_limit: float = 60) -> str:
    """The message with which reading is given up. It never holds the token."""
    with pytest.raises(UsageError) as raised:
        read(config, context, time_limit)
    assert TOKEN not in str(raised.value)
    return str(raised.value)


def test_every_list_is_asked_for_and_nothing_but_lists(server: ApiServer, config: Path) -> None:
    reading = read(config)
    assert reading.context == "here"
    assert reading.denied == {}
    assert set(reading.objects) == set(PATHS)
    assert [(asked.method, asked.resource) for asked in server.log] == [("GET", name) for name in PATHS]
    assert {asked.authorization for asked in server.log} == {f"Bearer {TOKEN}"}
    assert {asked.query["limit"] for asked in server.log} == {"500"}
    assert not any("watch" in asked.query for asked in server.log)


def test_the_named_context_is_read(config: Path) -> None:
    assert read(config, "other").context == "other"


def test_several_kubeconfig_files_are_one(server: ApiServer, config: Path, tmp_path: Path) -> None:
    more = json.loads(config.read_text())
    more["contexts"] = [{"name": "third", "context": {"cluster": "c", "user": "u"}}]
    (tmp_path / "more").write_text(json.dumps(more))
    paths = os.pathsep.join([str(tmp_path / "none"), str(config), str(tmp_path / "more")])
    assert read(paths, "third").context == "third"
    assert server.log


def test_only_what_the_sums_need_is_passed_on(server: ApiServer, config: Path) -> None:
    server.objects["pods"] = [
        pod("a", owner="ReplicaSet/web-1", cpu="100m", labels={"pod-template-hash": "1", "x": "y"})
    ]
    found = read(config).objects["pods"]
    assert found == [
        {
            "metadata": {
                "name": "a",
                "namespace": "shop",
                "labels": {"pod-template-hash": "1"},
                "ownerReferences": [{"kind": "ReplicaSet", "name": "web-1", "controller": True}],
            },
            "spec": {
                "nodeName": "n1",
                "restartPolicy": "Always",
                "containers": [{"name": "c", "resources": {"requests": {"cpu": "100m"}}}],
            },
            "status": {"phase": "Running"},
        }
    ]


def test_a_thousand_pods_come_in_pages(server: ApiServer, config: Path) -> None:
    server.objects["pods"] = [pod(f"p{number}") for number in range(1001)]
    names = [found["metadata"]["name"] for found in read(config).objects["pods"]]
    assert names == [f"p{number}" for number in range(1001)]
    assert [query.get("continue") for query in server.asked_for("pods")] == [None, "500", "1000"]
    assert {query["fieldSelector"] for query in server.asked_for("pods")} == {
        "status.phase!=Succeeded,status.phase!=Failed"
    }


def test_a_list_that_expires_is_begun_once_more(server: ApiServer, config: Path) -> None:
    server.objects["pods"] = [pod(f"p{number}") for number in range(600)]
    server.faults["pods"] = expires(1)
    assert len(read(config).objects["pods"]) == 600
    assert [query.get("continue") for query in server.asked_for("pods")] == [None, "500", None, "500"]


def test_a_list_that_expires_twice_is_given_up(server: ApiServer, config: Path) -> None:
    server.objects["pods"] = [pod(f"p{number}") for number in range(600)]
    server.faults["pods"] = expires(2)
    assert "let the list of pods expire twice" in refused(config)


def test_what_is_denied_is_named_with_the_rule_and_the_rest_goes_on(server: ApiServer, config: Path) -> None:
    server.faults = {
        "pods": denied(),
        "poddisruptionbudgets": denied(),
        "horizontalpodautoscalers": status(404, "NotFound"),
    }
    reading = read(config)
    assert set(reading.objects) == set(PATHS) - set(server.faults)
    assert reading.denied == {
        "pods": "listing pods is not allowed; this rule in a ClusterRole allows it: "
        '{apiGroups: [""], resources: [pods], verbs: [list]}',
        "poddisruptionbudgets": "listing poddisruptionbudgets is not allowed; this rule in a ClusterRole allows it: "
        '{apiGroups: ["policy"], resources: [poddisruptionbudgets], verbs: [list]}',
        "horizontalpodautoscalers": "the cluster does not serve horizontalpodautoscalers "
        "in the version that is asked for",
    }


def test_without_nodes_nothing_can_be_said(server: ApiServer, config: Path) -> None:
    server.faults["nodes"] = denied()
    message = refused(config)
    assert message.startswith("nothing can be said without nodes: listing nodes is not allowed")
    assert '{apiGroups: [""], resources: [nodes], verbs: [list]}' in message


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        pytest.param(cut, "broke off the connection in the middle of an answer", id="cut"),
        pytest.param(no_json, "answered something that is not JSON when asked for pods", id="no JSON"),
        pytest.param(status(401, "Unauthorized"), "refuses the credentials (401)", id="401"),
        pytest.param(status(503, "ServiceUnavailable"), "answered with status 503 when asked for pods", id="503"),
        pytest.param(status(302, "Found"), "answered with status 302 when asked for pods", id="redirect"),
    ],
)
def test_an_answer_that_is_none(server: ApiServer, config: Path, fault: Fault, what: str) -> None:
    server.faults["pods"] = fault
    message = refused(config)
    assert message.startswith(f"the cluster of context 'here' ({server.url}) ")
    assert what in message


@pytest.mark.parametrize("body", [[], {"items": {}}, {"items": [], "metadata": 3}, 7], ids=repr)
def test_an_answer_that_is_no_list(server: ApiServer, config: Path, body: object) -> None:
    server.faults["pods"] = lambda handler, _: handler.send(200, body) is None
    assert "did not answer with a list of pods" in refused(config)


def test_items_that_are_no_objects_do_no_harm(server: ApiServer, config: Path) -> None:
    server.objects["pods"] = [7, None, {"metadata": 3, "spec": []}, {}]  # type: ignore[list-item]
    found = {"metadata": {}, "spec": {}, "status": {}}
    assert [{**found, **item} for item in read(config).objects["pods"]] == [
        {"metadata": {"labels": {}}, "spec": {}, "status": {}}
    ] * 2


def test_a_slow_answer_is_not_waited_for(server: ApiServer, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_READ_TIMEOUT", 0.2)
    server.faults["pods"] = slow(3)
    assert "did not answer in time" in refused(config)


def test_all_requests_together_have_a_time_limit(server: ApiServer, config: Path) -> None:
    server.faults["pods"] = dripping
    assert refused(config, time_limit=4) == "reading the cluster took longer than 4 seconds and was stopped"


def test_nobody_listens(tmp_path: Path) -> None:
    with api_server() as gone:
        pass
    message = refused(kubeconfig(tmp_path / "kubeconfig", gone.url))
    assert message == f"the cluster of context 'here' ({gone.url}) cannot be reached: Connection refused"


def test_tls_that_fails(server: ApiServer, tmp_path: Path) -> None:
    url = server.url.replace("http:", "https:")
    message = refused(kubeconfig(tmp_path / "kubeconfig", url))
    assert message.startswith(f"the cluster of context 'here' ({url}) did not pass the check of its TLS certificate")


def test_a_password_in_the_address_is_not_shown(tmp_path: Path) -> None:
    with api_server() as gone:
        pass
    url = gone.url.replace("//", f"//admin:{TOKEN}@")
    assert f"({gone.url})" in refused(kubeconfig(tmp_path / "kubeconfig", url))


# --- kubeconfigs


def test_an_unknown_context_is_answered_with_those_there_are(config: Path) -> None:
    assert refused(config, "prod") == "the kubeconfig has no context 'prod'; its contexts are here, other"


def test_no_kubeconfig(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == f"there is no kubeconfig at {tmp_path / 'none'}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(f"users: [{{name: u, user: {{token: {TOKEN}", "{path} is not YAML, line", id="no YAML"),
        pytest.param("- a\n", "{path} is not a kubeconfig", id="list"),
        pytest.param("contexts: 3\n", "{path} is not a kubeconfig", id="contexts"),
        pytest.param("", "the kubeconfig has no current context; it has no contexts", id="empty"),
        pytest.param("current-context: a\n", "the kubeconfig has no context 'a'; it has no contexts", id="no contexts"),
        pytest.param(
            "current-context: a\ncontexts: [{name: a}]\n",
            "the kubeconfig is not right for context 'a'",
            id="no cluster",
        ),
        pytest.param(
            "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: 3\n",
            "at context 'a'",
            id="clusters",
        ),
        pytest.param(
            "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]\n",
            "the kubeconfig gives the cluster of context 'a' no server",
            id="no server",
        ),
    ],
)
def test_a_broken_kubeconfig(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    found = refused(path)
    assert message.format(path=path) in found
    assert "Traceback" not in found


def plugin(tmp_path: Path, program: str, server: ApiServer) -> Path:
    script = tmp_path / "plugin.py"
    script.write_text(program)
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(script)],
        "interactiveMode": "Never",
    }
    return kubeconfig(tmp_path / "kubeconfig", server.url, {"exec": command})


def test_a_credential_plugin_is_run(server: ApiServer, tmp_path: Path) -> None:
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "from-the-plugin"},
    }
    read(plugin(tmp_path, f"print({json.dumps(answer)!r})", server))
    assert {asked.authorization for asked in server.log} == {"Bearer from-the-plugin"}


@pytest.mark.parametrize(
    ("program", "how"),
    [
        (f"import sys; sys.exit('expired: {TOKEN}')", "ended with status 1"),
        (f"print('{TOKEN}')", "gave none that can be used"),
    ],
)
def test_a_credential_plugin_that_fails(server: ApiServer, tmp_path: Path, program: str, how: str) -> None:
    message = f"the credential plugin of context 'here' {how}; `kubectl --context here get nodes` shows what it says"
    assert refused(plugin(tmp_path, program, server)) == message
    assert server.log == []


def test_a_credential_plugin_that_never_ends(server: ApiServer, tmp_path: Path) -> None:
    config = plugin(tmp_path, "import time; time.sleep(600)", server)
    assert "took longer than 3 seconds" in refused(config, time_limit=3)


def test_a_kubeconfig_of_the_linted_repository_is_not_read(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".kube").mkdir()
    kubeconfig(tmp_path / ".kube" / "config", server.url)
    kubeconfig(tmp_path / "kubeconfig", server.url)
    monkeypatch.chdir(tmp_path)
    home = os.environ["HOME"]
    assert refused("") == f"there is no kubeconfig at {home}/.kube/config"
    assert server.log == []


def test_nothing_is_left_behind(
    server: ApiServer, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = config.read_bytes()
    read(config)
    assert list(scratch.iterdir()) == []
    assert config.read_bytes() == before


def test_without_the_client_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(UsageError) as raised:
        read_cluster()
    assert str(raised.value) == "reading a cluster needs the kubernetes client: `pip install 'policylint[cluster]'`"
