"""A Kubernetes API server as far as lists go: real HTTP on the loopback interface, with a log, and faults on demand."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-that-nobody-may-see"  # noqa: S105 -- of nothing
PATHS = {
    "nodes": "/api/v1/nodes",
    "pods": "/api/v1/pods",
    "replicasets": "/apis/apps/v1/replicasets",
    "resourcequotas": "/api/v1/resourcequotas",
    "limitranges": "/api/v1/limitranges",
    "poddisruptionbudgets": "/apis/policy/v1/poddisruptionbudgets",
    "horizontalpodautoscalers": "/apis/autoscaling/v1/horizontalpodautoscalers",
}
NAMES = {path: name for name, path in PATHS.items()}
Json = dict[str, Any]


class Asked(NamedTuple):
    """One request that reached the server."""

    method: str
    resource: str
    query: Mapping[str, str]
    authorization: str


class Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_any(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        resource = NAMES.get(parts.path, parts.path)
        asked = Asked(self.command, resource, query, self.headers.get("Authorization", ""))
        api = self.server.api
        api.log.append(asked)
        fault = api.faults.get(resource)
        if fault is None or not fault(self, asked):
            self.send_page(asked)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_any  # noqa: N815 -- http.server's names

    def send_page(self, asked: Asked) -> None:
        items = self.server.api.objects.get(asked.resource, [])
        start, limit = int(asked.query.get("continue", "0")), int(asked.query.get("limit", "0")) or len(items)
        end = start + limit
        metadata = {"resourceVersion": "1", **({"continue": str(end)} if end < len(items) else {})}
        self.send(200, {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items[start:end]})

    def send(self, status: int, body: Any, *, missing: int = 0) -> None:
        """Answers; `missing` bytes of the body that is announced are never sent."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw[: len(raw) - missing])
        if missing:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    api: "ApiServer"

    def handle_error(self, *_: object) -> None:
        pass  # clients that go away are what some tests are about


Fault = Callable[[Handler, Asked], bool]


class ApiServer:
    """`objects` by resource; `log` of what was asked for; `faults` by resource, true when they have answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.objects: dict[str, list[Json]] = {}
        self.log: list[Asked] = []
        self.faults: dict[str, Fault] = {}

    def asked_for(self, resource: str) -> list[Mapping[str, str]]:
        """The queries of the requests for a resource."""
        return [asked.query for asked in self.log if asked.resource == resource]


@contextmanager
def api_server() -> Iterator[ApiServer]:
    server = _Server(("127.0.0.1", 0), Handler)
    server.api = ApiServer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def status(code: int, reason: str) -> Fault:
    """An answer with a status of the API's."""

    def answer(handler: Handler, _: Asked) -> bool:
        handler.send(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code})
        return True

    return answer


def denied() -> Fault:
    return status(403, "Forbidden")


def expires(times: int) -> Fault:
    """Continue tokens are refused this many times."""
    left = [times]

    def answer(handler: Handler, asked: Asked) -> bool:
        if "continue" not in asked.query or not left[0]:
            return False
        left[0] -= 1
        return status(410, "Expired")(handler, asked)

    return answer


def cut(handler: Handler, _: Asked) -> bool:
    handler.send(200, {"items": [{"metadata": {"name": "n" * 4000}}]}, missing=1000)
    return True


def no_json(handler: Handler, _: Asked) -> bool:
    handler.send(200, b"<html>please log in</html>")
    return True


def slow(seconds: float) -> Fault:
    def answer(_: Handler, __: Asked) -> bool:
        time.sleep(seconds)
        return False

    return answer


def dripping(handler: Handler, _: Asked) -> bool:
    """A body that comes byte by byte and never ends, so that no single read takes long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _byte in range(1000):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)
    return True


def kubeconfig(path: Path, server: str, user: Json | None = None, cluster: Json | None = None) -> Path:
    """A kubeconfig with the contexts `here` (current) and `other`."""
    data = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
        "contexts": [
            {"name": name, "context": {"cluster": "c", "user": "u", "namespace": name}} for name in ("here", "other")
        ],
    }
    path.write_text(json.dumps(data))
    return path


# --- objects


def node(name: str, pods: str = "11", cpu: str = "2", **spec: Any) -> Json:
    """A ready node; `labels` and `ready` are taken out of `spec`."""
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", **spec.pop("labels", {})}
    conditions = [{"type": "Ready", "status": "True" if spec.pop("ready", True) else "Unknown"}]
    allocatable = {"pods": pods, "cpu": cpu, "memory": "1Gi"}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
        "status": {"allocatable": allocatable, "conditions": conditions},
    }


def pod(name: str, on: str | None = "n1", owner: str = "", namespace: str = "shop", **more: Any) -> Json:
    """A running pod on a node; `owner` is `Kind/name`; `cpu`, `phase`, `labels` and `deleted` say more of it."""
    kind, _, owner_name = owner.partition("/")
    metadata: Json = {"name": name, "namespace": namespace, "labels": more.get("labels", {})}
    if owner:
        metadata["ownerReferences"] = [{"kind": kind, "name": owner_name, "controller": True}]
    if more.get("deleted"):
        metadata["deletionTimestamp"] = "2031-01-01T00:00:00Z"
    requests = {"cpu": more["cpu"]} if "cpu" in more else {}
    secret = [{"name": "PASSWORD", "value": TOKEN}]
    spec = {"containers": [{"name": "c", "image": "x", "env": secret, "resources": {"requests": requests}}]}
    spec |= {"restartPolicy": more.get("restart", "Always")} | ({"nodeName": on} if on else {})
    return {"metadata": metadata, "spec": spec, "status": {"phase": more.get("phase", "Running")}}


def replica_set(name: str, owner: str = "", namespace: str = "shop") -> Json:
    return {"metadata": pod(name, owner=owner, namespace=namespace)["metadata"]}


def named(name: str, spec: Json, namespace: str = "shop", **more: Any) -> Json:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec, **more}
