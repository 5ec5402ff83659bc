"""A pod as the Pod Security checks look at it: the fields that they restrict, read once and with their types."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.engine.errors import EvaluationError
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")

_TEMPLATE_KINDS = frozenset(
    ("DaemonSet", "Deployment", "Job", "StatefulSet", "ReplicaSet", "ReplicationController"),
)
_HANDLERS = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


class SELinux(NamedTuple):
    """`seLinuxOptions`; what is not there is empty."""

    type: str = ""
    user: str = ""
    role: str = ""


class Security(NamedTuple):
    """A `securityContext` of a pod or a container. None means that the field, or the mapping it is in, is not there.

    The type of a profile that does not name one is empty. `add` and `drop` are the capabilities.
    """

    written: bool = False
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    se_linux: SELinux | None = None
    seccomp: str | None = None
    app_armor: str | None = None
    host_process: bool | None = None
    privileged: bool | None = None
    allow_privilege_escalation: bool | None = None
    proc_mount: str | None = None
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] | None = None


class Container(NamedTuple):
    """One container of any of the lists. `path` is its place in the pod.

    `host_ports` are those that are not 0, `hosts` those that probes and lifecycle hooks name; both with their places.
    """

    name: str
    image: str = ""
    path: YamlPath = ROOT / "spec" / "containers" / 0
    security: Security = Security()
    host_ports: tuple[tuple[YamlPath, int], ...] = ()
    hosts: tuple[tuple[YamlPath, str], ...] = ()

    @property
    def security_path(self) -> YamlPath:
        return self.path / "securityContext"


class Volume(NamedTuple):
    """A volume: the keys of its sources, and the path of a hostPath, None without one."""

    name: str
    path: YamlPath
    sources: tuple[str, ...]
    host_path: str | None


class Pod(NamedTuple):
    """What the checks look at. `host_namespaces` are the fields that are true, `sysctls` names with their places."""

    annotations: Mapping[str, str] = {}
    security: Security = Security()
    containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    host_namespaces: tuple[str, ...] = ()
    sysctls: tuple[tuple[YamlPath, str], ...] = ()
    is_windows: bool = False
    in_user_namespace: bool = False


def pod_path(kind: str) -> YamlPath:
    """Where the pod, or the template of one, is in objects of `kind`. Raises EvaluationError for other kinds.

    Source: kyverno pkg/engine/handlers/validation/validate_pss.go `getSpec`.
    """
    if kind == "Pod":
        return ROOT
    if kind in _TEMPLATE_KINDS:
        return ROOT / "spec" / "template"
    if kind == "CronJob":
        return ROOT / "spec" / "jobTemplate" / "spec" / "template"
    raise EvaluationError(f"podSecurity is for pods and their controllers, and {kind or 'this'} is neither")


def read_pod(metadata: Any, spec: Any) -> Pod:
    """The pod with this metadata and spec. Raises EvaluationError for values of a wrong type, as decoding would."""
    shape = Shape()
    annotations = shape.mapping(shape.mapping(metadata, ROOT / "metadata").get("annotations"), ROOT / "annotations")
    path = ROOT / "spec"
    fields = shape.mapping(spec, path)
    context = shape.mapping(fields.get("securityContext"), path / "securityContext")
    sysctls = shape.mappings(context.get("sysctls"), path / "securityContext" / "sysctls")
    pod = Pod(
        annotations={key: value for key, value in annotations.items() if isinstance(value, str)},
        security=_security(shape, fields.get("securityContext"), path / "securityContext"),
        containers=tuple(
            _container(shape, item, at)
            for name in CONTAINER_LISTS
            for at, item in shape.mappings(fields.get(name), path / name)
        ),
        volumes=tuple(_volume(shape, item, at) for at, item in shape.mappings(fields.get("volumes"), path / "volumes")),
        host_namespaces=tuple(
            key for key in ("hostNetwork", "hostPID", "hostIPC") if shape.boolean(fields.get(key), path / key)
        ),
        sysctls=tuple((at / "name", shape.string(item.get("name"), at / "name") or "") for at, item in sysctls),
        is_windows=shape.mapping(fields.get("os"), path / "os").get("name") == "windows",
        in_user_namespace=shape.boolean(fields.get("hostUsers"), path / "hostUsers") is False,
    )
    if shape.problems:
        raise EvaluationError(shape.problems[0].message)
    return pod


def _container(shape: Shape, data: Mapping[str, Any], path: YamlPath) -> Container:
    ports = (
        (at / "hostPort", _integer(shape, item.get("hostPort"), at / "hostPort"))
        for at, item in shape.mappings(data.get("ports"), path / "ports")
    )
    return Container(
        shape.string(data.get("name"), path / "name") or "",
        shape.string(data.get("image"), path / "image") or "",
        path,
        _security(shape, data.get("securityContext"), path / "securityContext"),
        tuple((at, port) for at, port in ports if port),
        tuple(_hosts(shape, data, path)),
    )


def _hosts(shape: Shape, data: Mapping[str, Any], path: YamlPath) -> Iterator[tuple[YamlPath, str]]:
    for steps in _HANDLERS:
        handler, at = data, path
        for step in steps:
            handler, at = shape.mapping(handler.get(step), at / step), at / step
        for key in ("httpGet", "tcpSocket"):
            host_at = at / key / "host"
            host = shape.string(shape.mapping(handler.get(key), at / key).get("host"), host_at)
            if host:
                yield host_at, host


def _volume(shape: Shape, data: Mapping[str, Any], path: YamlPath) -> Volume:
    host_path = data.get("hostPath")
    where = None
    if host_path is not None:
        at = path / "hostPath"
        where = shape.string(shape.mapping(host_path, at).get("path"), at / "path") or ""
    sources = tuple(key for key, value in data.items() if key != "name" and value is not None)
    return Volume(shape.string(data.get("name"), path / "name") or "", path, sources, where)


def _security(shape: Shape, data: Any, path: YamlPath) -> Security:
    if data is None:
        return Security()
    fields = shape.mapping(data, path)

    def boolean(key: str) -> bool | None:
        return shape.boolean(fields.get(key), path / key)

    def mapping(key: str) -> Mapping[str, Any] | None:
        return None if fields.get(key) is None else shape.mapping(fields[key], path / key)

    def profile(key: str) -> str | None:
        found = mapping(key)
        return None if found is None else shape.string(found.get("type"), path / key / "type") or ""

    def listed(found: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return tuple(text for _, text in shape.strings(found.get(key), path / "capabilities" / key))

    se_linux, capabilities, windows = mapping("seLinuxOptions"), mapping("capabilities"), mapping("windowsOptions")
    at = path / "seLinuxOptions"
    return Security(
        written=True,
        run_as_non_root=boolean("runAsNonRoot"),
        run_as_user=_integer(shape, fields.get("runAsUser"), path / "runAsUser"),
        se_linux=None
        if se_linux is None
        else SELinux(*(shape.string(se_linux.get(key), at / key) or "" for key in SELinux._fields)),
        seccomp=profile("seccompProfile"),
        app_armor=profile("appArmorProfile"),
        host_process=None
        if windows is None
        else shape.boolean(windows.get("hostProcess"), path / "windowsOptions" / "hostProcess"),
        privileged=boolean("privileged"),
        allow_privilege_escalation=boolean("allowPrivilegeEscalation"),
        proc_mount=shape.string(fields.get("procMount"), path / "procMount"),
        add=() if capabilities is None else listed(capabilities, "add"),
        drop=None if capabilities is None else listed(capabilities, "drop"),
    )


def _integer(shape: Shape, value: Any, path: YamlPath) -> int | None:
    """An integer, also when it is held as a float, as the numbers of suites are."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return shape.integer(value, path)
