"""Read one cluster with the kubernetes client, in a process of its own: `python -I cluster_worker.py FOLDER`.

FOLDER is where the package `kubernetes` is. The request is a JSON object on standard input, the answer one on standard
output: `objects` by resource and `denied` reasons, or a `failure` for the user to read. The process exists because the
client runs credential plugins without a time limit, and only the end of a process stops those. It only ever lists, it
imports nothing of policylint, and of the objects it passes on what the arithmetic takes and nothing else.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_GONE, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 410, 401, 403, 404
_PLUGIN = re.compile(r"exec: process returned (-?\d+)")
_UNFINISHED = "status.phase!=Succeeded,status.phase!=Failed"


class Resource(NamedTuple):
    """A kind of object: how the client lists it, and where in it is what is passed on."""

    group: str
    name: str
    api: str
    method: str
    fields: tuple[str, ...]
    selector: str = ""


_SPEC_OF_POD = tuple(f"spec.{key}" for key in ("nodeName", "restartPolicy", "overhead", "resources"))
RESOURCES = (
    Resource(
        "",
        "nodes",
        "CoreV1Api",
        "list_node",
        (
            "metadata.labels",
            "spec.unschedulable",
            "spec.taints",
            "spec.providerID",
            "status.allocatable",
            "status.conditions",
        ),
    ),
    Resource(
        "",
        "pods",
        "CoreV1Api",
        "list_pod_for_all_namespaces",
        (
            "metadata.labels.pod-template-hash",
            "metadata.ownerReferences",
            "metadata.deletionTimestamp",
            "status.phase",
            *_SPEC_OF_POD,
        ),
        _UNFINISHED,
    ),
    Resource("apps", "replicasets", "AppsV1Api", "list_replica_set_for_all_namespaces", ("metadata.ownerReferences",)),
    Resource(
        "",
        "resourcequotas",
        "CoreV1Api",
        "list_resource_quota_for_all_namespaces",
        ("spec.hard", "spec.scopes", "spec.scopeSelector", "status.used"),
    ),
    Resource("", "limitranges", "CoreV1Api", "list_limit_range_for_all_namespaces", ("spec.limits",)),
    Resource(
        "policy",
        "poddisruptionbudgets",
        "PolicyV1Api",
        "list_pod_disruption_budget_for_all_namespaces",
        ("spec.minAvailable", "spec.maxUnavailable", "spec.selector"),
    ),
    Resource(
        "autoscaling",
        "horizontalpodautoscalers",
        "AutoscalingV1Api",
        "list_horizontal_pod_autoscaler_for_all_namespaces",
        ("spec.minReplicas", "spec.maxReplicas", "spec.scaleTargetRef"),
    ),
)


class _Failure(Exception):  # noqa: N818 -- it is what the user reads
    """Nothing can be read; the message says why and holds no credentials."""


class _Denied(Exception):  # noqa: N818 -- an outcome
    """One list cannot be read."""


class _Expired(Exception):  # noqa: N818 -- an outcome
    """The list changed too much while it was read in pages."""


def main() -> None:
    sys.path.append(sys.argv[1])
    request = json.load(sys.stdin)
    try:
        answer = _read(request)
    except _Failure as failure:
        answer = {"failure": str(failure)}
    json.dump(answer, sys.stdout)


def _read(request: dict[str, Any]) -> dict[str, Any]:
    context = request["context"] or _current_context(request["kubeconfig"])
    configuration = _configuration(request["kubeconfig"], context)
    client = import_module("kubernetes.client")
    reader = _Reader(context, request, client.ApiClient(configuration), _host(configuration.host))
    objects: dict[str, Any] = {}
    denied: dict[str, str] = {}
    for resource in RESOURCES:
        try:
            objects[resource.name] = reader.objects(resource)
        except _Denied as reason:
            denied[resource.name] = str(reason)
    return {"context": context, "objects": objects, "denied": denied}


# --- the kubeconfig


def _contexts(paths: str) -> tuple[list[str], str]:
    """The names of the contexts in the kubeconfig files `paths`, and the current one."""
    yaml = import_module("yaml")
    names: list[str] = []
    current = ""
    files = [path for path in paths.split(os.pathsep) if path and Path(path).exists()]
    if not files:
        raise _Failure(f"there is no kubeconfig at {paths}")
    for path in files:
        try:
            data = yaml.safe_load(Path(path).read_bytes())
        except OSError as error:
            raise _Failure(f"cannot read the kubeconfig {path}: {error.strerror}") from error
        except yaml.YAMLError as error:
            # the error's own text would quote the file, which holds credentials
            mark = getattr(error, "problem_mark", None)
            place = f", line {mark.line + 1}" if mark is not None else ""
            raise _Failure(f"the kubeconfig {path} is not YAML{place}") from error
        data = {} if data is None else data
        entries = data.get("contexts") or [] if isinstance(data, dict) else None
        if not isinstance(entries, list):
            raise _Failure(f"{path} is not a kubeconfig")
        names += [str(entry["name"]) for entry in entries if isinstance(entry, dict) and "name" in entry]
        current = current or str(data.get("current-context") or "")
    return names, current


def _current_context(paths: str) -> str:
    names, current = _contexts(paths)
    if not current:
        raise _Failure(f"the kubeconfig has no current context; {_known(names)}")
    return current


def _known(names: list[str]) -> str:
    return f"its contexts are {', '.join(names)}" if names else "it has no contexts"


def _configuration(paths: str, context: str) -> Any:
    """The client's configuration for `context`. This runs the user's credential plugin, if there is one."""
    names, _ = _contexts(paths)
    if context not in names:
        raise _Failure(f"the kubeconfig has no context {context!r}; {_known(names)}")
    config, client = import_module("kubernetes.config"), import_module("kubernetes.client")
    configuration = client.Configuration()
    # neither a second try, which would multiply the time limits, nor a way to another address
    configuration.retries = import_module("urllib3").Retry(0, redirect=0)
    said: list[str] = []
    logging.getLogger().addHandler(_Listener(said))
    try:
        config.load_kube_config(paths, context, configuration, persist_config=False)
    except config.ConfigException as error:
        raise _Failure(f"the kubeconfig is not right for context {context!r}: {error}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _Failure(f"the kubeconfig is damaged at context {context!r} ({type(error).__name__})") from error
    if said:
        status = _PLUGIN.match(said[0])
        how = f"ended with status {status.group(1)}" if status is not None else "gave none that can be used"
        raise _Failure(
            f"the credential plugin of context {context!r} {how}; "
            f"`kubectl --context {context} get nodes` shows what it says"
        )
    if not urlsplit(configuration.host or "").hostname:
        raise _Failure(f"the kubeconfig gives the cluster of context {context!r} no server")
    return configuration


class _Listener(logging.Handler):
    """Hears what the client logs: that a credential plugin failed, it says in no other way."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())


def _host(url: str) -> str:
    """An address without a user and a password in it."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


# --- the lists


class _Reader:
    def __init__(self, context: str, request: dict[str, Any], client: Any, host: str) -> None:
        self._place = f"the cluster of context {context!r} ({host})"
        self._page = request["page"]
        self._timeouts = request["connect_timeout"], request["read_timeout"]
        self._client = client

    def objects(self, resource: Resource) -> list[dict[str, Any]]:
        """All objects of a resource. A list that expires between two pages is begun once more."""
        try:
            return list(self._pages(resource))
        except _Expired:
            pass
        try:
            return list(self._pages(resource))
        except _Expired as error:
            raise _Failure(f"{self._place} let the list of {resource.name} expire twice while it was read") from error

    def _pages(self, resource: Resource) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            page = self._list(resource, token)
            items = page.get("items")
            metadata = page.get("metadata")
            if not isinstance(items, list | None) or not isinstance(metadata, dict | None):
                raise _Failure(f"{self._place} did not answer with a list of {resource.name}")
            yield from (_trimmed(item, resource.fields) for item in items or () if isinstance(item, dict))
            token = (metadata or {}).get("continue") or ""
            if not token:
                return

    def _list(self, resource: Resource, token: str) -> dict[str, Any]:
        """One page. Raises _Denied, _Expired or _Failure."""
        client = import_module("kubernetes.client")
        errors = import_module("urllib3.exceptions")
        options: dict[str, Any] = {"limit": self._page}
        options |= {"_continue": token} if token else {}
        options |= {"field_selector": resource.selector} if resource.selector else {}
        ask = getattr(getattr(client, resource.api)(self._client), resource.method)
        try:
            response = ask(**options, _preload_content=False, _request_timeout=self._timeouts)
            status, body = response.status, response.data
        except client.ApiException as error:
            status, body = error.status, b""
        except (errors.HTTPError, OSError) as error:
            raise _Failure(f"{self._place} {_explained(error, errors)}") from error
        self._refuse(resource, int(status or 0))
        try:
            page = json.loads(body)
        except ValueError as error:
            raise _Failure(
                f"{self._place} answered something that is not JSON when asked for {resource.name}"
            ) from error
        if not isinstance(page, dict):
            raise _Failure(f"{self._place} did not answer with a list of {resource.name}")
        return page

    def _refuse(self, resource: Resource, status: int) -> None:
        if status == _GONE:
            raise _Expired
        if status == _FORBIDDEN:
            rule = f'{{apiGroups: ["{resource.group}"], resources: [{resource.name}], verbs: [list]}}'
            raise _Denied(f"listing {resource.name} is not allowed; this rule in a ClusterRole allows it: {rule}")
        if status == _NOT_FOUND:
            raise _Denied(f"the cluster does not serve {resource.name} in the version that is asked for")
        if status == _UNAUTHORIZED:
            raise _Failure(f"{self._place} refuses the credentials (401): they are wrong or have expired; log in again")
        if not 200 <= status < 300:
            raise _Failure(f"{self._place} answered with status {status} when asked for {resource.name}")


def _explained(error: Exception, errors: Any) -> str:
    """What went wrong on the way, as the end of a sentence."""
    cause: Any = getattr(error, "reason", None) if isinstance(error, errors.MaxRetryError) else error
    if isinstance(cause, errors.ReadTimeoutError | TimeoutError):
        return "did not answer in time"
    if isinstance(cause, errors.SSLError):
        return f"did not pass the check of its TLS certificate, or refused ours: {_last(cause)}"
    if isinstance(cause, errors.NewConnectionError):  # which is a ConnectTimeoutError as well
        return f"cannot be reached: {_last(cause)}"
    if isinstance(cause, errors.ConnectTimeoutError):
        return "did not accept a connection in time"
    if isinstance(cause, errors.ProtocolError):
        return "broke off the connection in the middle of an answer"
    return f"cannot be read ({type(cause).__name__})"


def _last(error: Any) -> str:
    """The innermost words of an error of urllib3, whose text nests those of others."""
    inner = error.__cause__ or error.__context__ or (error.args[0] if error.args else error)
    if isinstance(inner, OSError):
        return getattr(inner, "verify_message", "") or inner.strerror or type(inner).__name__
    return type(error).__name__


def _trimmed(item: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """What is passed on of an object: its name, and `fields`; of containers, their names and resources."""
    kept: dict[str, Any] = {}
    for field in ("metadata.name", "metadata.namespace", *fields):
        *path, last = field.split(".")
        here, copy = item, kept
        for step in path:
            inner = here.get(step)
            here = inner if isinstance(inner, dict) else {}
            copy = copy.setdefault(step, {})
        if here.get(last) is not None:
            copy[last] = here[last]
    if "spec.nodeName" in fields:
        spec = item.get("spec")
        for key in ("containers", "initContainers"):
            found = spec.get(key) if isinstance(spec, dict) else None
            if isinstance(found, list):
                kept["spec"][key] = [_container(entry) for entry in found if isinstance(entry, dict)]
    return kept


def _container(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("name", "resources", "restartPolicy") if entry.get(key) is not None}


if __name__ == "__main__":
    main()
