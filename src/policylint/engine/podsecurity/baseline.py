"""The checks of the baseline level: kubernetes/pod-security-admission policy/check_*.go, with its field errors."""

from collections.abc import Iterable
from itertools import chain

from policylint.engine.podsecurity.pod import Container, Pod, Security
from policylint.engine.podsecurity.violations import FieldError, Found, named, plural, quoted
from policylint.model import ROOT, YamlPath

_DEFAULT_CAPABILITIES = frozenset(
    (
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    )
)
_SE_LINUX_TYPES = frozenset(("", "container_t", "container_init_t", "container_kvm_t"))
_SYSCTLS = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",
    )
)
_SYSCTLS_27 = _SYSCTLS | {"net.ipv4.ip_local_reserved_ports"}
_SYSCTLS_29 = _SYSCTLS_27 | {
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}
_SYSCTLS_32 = _SYSCTLS_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}
_PROFILES = ("RuntimeDefault", "Localhost")
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"

POD_SECURITY = ROOT / "spec" / "securityContext"
_ANNOTATIONS = ROOT / "metadata" / "annotations"


def privileged(pod: Pod) -> Found | None:
    bad = [container for container in pod.containers if container.security.privileged]
    if not bad:
        return None
    detail = f"{_containers(bad)} must not set securityContext.privileged=true"
    return Found("privileged", detail, [_at(each, "privileged", value=True) for each in bad])


def host_namespaces(pod: Pod) -> Found | None:
    if not pod.host_namespaces:
        return None
    detail = ", ".join(f"{key}=true" for key in pod.host_namespaces)
    return Found("host namespaces", detail, [FieldError(ROOT / "spec" / key, True) for key in pod.host_namespaces])


def host_path_volumes(pod: Pod) -> Found | None:
    bad = [volume for volume in pod.volumes if volume.host_path is not None]
    if not bad:
        return None
    errors = [FieldError(volume.path / "hostPath", volume.host_path) for volume in bad]
    return Found("hostPath volumes", named("volume", [volume.name for volume in bad]), errors)


def host_ports(pod: Pod) -> Found | None:
    bad = [container for container in pod.containers if container.host_ports]
    if not bad:
        return None
    ports = sorted({str(port) for container in bad for _, port in container.host_ports})
    detail = f"{_containers(bad)} {_uses(bad)} {plural('hostPort', len(ports))} {', '.join(ports)}"
    return Found("hostPort", detail, [FieldError(at, port, container=c.name) for c in bad for at, port in c.host_ports])


def host_probes(pod: Pod) -> Found | None:
    bad = [container for container in pod.containers if container.hosts]
    if not bad:
        return None
    hosts = sorted({host for container in bad for _, host in container.hosts})
    what = plural("probe or lifecycle host", len(hosts))
    names = sorted({container.name for container in bad})
    detail = f"{named('container', names)} {'uses' if len(names) == 1 else 'use'} {what} {quoted(hosts)}"
    errors = [FieldError(at, host, container=each.name) for each in bad for at, host in each.hosts]
    return Found("probe or lifecycle host", detail, errors)


def capabilities(pod: Pod) -> Found | None:
    bad = {each: sorted(set(each.security.add) - _DEFAULT_CAPABILITIES) for each in pod.containers}
    bad = {container: added for container, added in bad.items() if added}
    if not bad:
        return None
    added = quoted(sorted(set(chain.from_iterable(bad.values()))))
    detail = f"{_containers(bad)} must not include {added} in securityContext.capabilities.add"
    errors = [_at(each, "capabilities", "add", value=tuple(found)) for each, found in bad.items()]
    return Found("non-default capabilities", detail, errors)


def proc_mount(pod: Pod) -> Found | None:
    bad = [each for each in pod.containers if each.security.proc_mount not in (None, "Default")]
    if not bad:
        return None
    types = quoted(sorted({each.security.proc_mount or "" for each in bad}))
    detail = f"{_containers(bad)} must not set securityContext.procMount to {types}"
    return Found("procMount", detail, [_at(each, "procMount", value=each.security.proc_mount) for each in bad])


def proc_mount_in_host_namespace(pod: Pod) -> Found | None:
    """From v1.35 on, pods with a user namespace of their own may unmask /proc."""
    return None if pod.in_user_namespace else proc_mount(pod)


def host_process(pod: Pod) -> Found | None:
    keys = ("windowsOptions", "hostProcess")
    bad = [each for each in pod.containers if each.security.host_process]
    errors = [FieldError(POD_SECURITY / keys, True)] if pod.security.host_process else []
    if not bad and not errors:
        return None
    detail = f"{setters(bool(errors), bad)} must not set securityContext.windowsOptions.hostProcess=true"
    return Found("hostProcess", detail, [*errors, *(_at(each, *keys, value=True) for each in bad)])


def se_linux(pod: Pod) -> Found | None:
    return _se_linux(pod, _SE_LINUX_TYPES)


def se_linux_31(pod: Pod) -> Found | None:
    return _se_linux(pod, _SE_LINUX_TYPES | {"container_engine_t"})


def _se_linux(pod: Pod, types: frozenset[str]) -> Found | None:
    def errors(security: Security, path: YamlPath, name: str | None) -> Iterable[FieldError]:
        options = security.se_linux
        for key, value in options._asdict().items() if options is not None else ():
            if value not in types if key == "type" else value:
                yield FieldError(path / "seLinuxOptions" / key, value, container=name)

    of_pod = list(errors(pod.security, POD_SECURITY, None))
    of_containers = {each: list(errors(each.security, each.security_path, each.name)) for each in pod.containers}
    bad = [container for container, found in of_containers.items() if found]
    found = [*of_pod, *chain.from_iterable(of_containers.values())]
    if not found:
        return None
    bad_types = sorted({value for error in found if error.path[-1] == "type" for value in error.values})
    said = [named("type", bad_types)] if bad_types else []
    said += [f"{key} may not be set" for key in ("user", "role") if any(error.path[-1] == key for error in found)]
    detail = f"{setters(bool(of_pod), bad)} set forbidden securityContext.seLinuxOptions: {'; '.join(said)}"
    return Found("seLinuxOptions", detail, found)


def app_armor(pod: Pod) -> Found | None:
    def is_bad(security: Security) -> bool:
        return security.app_armor is not None and security.app_armor not in _PROFILES

    keys = ("appArmorProfile", "type")
    errors = [FieldError(POD_SECURITY / keys, pod.security.app_armor)] if is_bad(pod.security) else []
    bad = [each for each in pod.containers if is_bad(each.security)]
    annotations = {
        key: value
        for key, value in sorted(pod.annotations.items())
        if key.startswith(_APP_ARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    }
    if not (errors or bad or annotations):
        return None
    who = setters(bool(errors), bad)
    if annotations:
        who = " and ".join(filter(None, (who, plural("annotation", len(annotations)))))
    errors += [_at(each, *keys, value=each.security.app_armor) for each in bad]
    values = sorted({value for error in errors for value in error.values})
    values += [f'{key}="{value}"' for key, value in annotations.items()]
    errors += [FieldError(_ANNOTATIONS / key, value) for key, value in annotations.items()]
    reason = plural("forbidden AppArmor profile", len(values))
    return Found(reason, f"{who} must not set AppArmor profile type to {quoted(values)}", errors)


def sysctls(pod: Pod) -> Found | None:
    return _sysctls(pod, _SYSCTLS)


def sysctls_27(pod: Pod) -> Found | None:
    return _sysctls(pod, _SYSCTLS_27)


def sysctls_29(pod: Pod) -> Found | None:
    return _sysctls(pod, _SYSCTLS_29)


def sysctls_32(pod: Pod) -> Found | None:
    return _sysctls(pod, _SYSCTLS_32)


def _sysctls(pod: Pod, allowed: frozenset[str]) -> Found | None:
    errors = [FieldError(path, name) for path, name in pod.sysctls if name not in allowed]
    return Found("forbidden sysctls", ", ".join(str(error.value) for error in errors), errors) if errors else None


def seccomp_annotations(pod: Pod) -> Found | None:
    """Before v1.19, profiles were named by annotations."""
    keys = [_SECCOMP_POD, *(_SECCOMP_CONTAINER + container.name for container in pod.containers)]
    bad = {
        key: pod.annotations[key]
        for key in sorted(set(keys) & pod.annotations.keys())
        if pod.annotations[key] not in ("runtime/default", "docker/default")
        and not pod.annotations[key].startswith("localhost/")
    }
    if not bad:
        return None
    values = ", ".join(f'{key}="{value}"' for key, value in bad.items())
    errors = [FieldError(_ANNOTATIONS / key, value) for key, value in bad.items()]
    return Found("seccompProfile", f"forbidden {plural('annotation', len(bad))} {values}", errors)


def seccomp(pod: Pod) -> Found | None:
    bad, errors = bad_seccomp(pod)
    if not errors:
        return None
    return Found("seccompProfile", seccomp_detail(bad, errors), errors)


def bad_seccomp(pod: Pod) -> tuple[list[Container], list[FieldError]]:
    """The containers, and all fields, that name a profile type which is not allowed."""
    keys = ("seccompProfile", "type")

    def is_bad(security: Security) -> bool:
        return security.seccomp is not None and security.seccomp not in _PROFILES

    errors = [FieldError(POD_SECURITY / keys, pod.security.seccomp)] if is_bad(pod.security) else []
    bad = [each for each in pod.containers if is_bad(each.security)]
    return bad, [*errors, *(_at(each, *keys, value=each.security.seccomp) for each in bad)]


def seccomp_detail(bad: list[Container], errors: list[FieldError]) -> str:
    values = quoted(sorted({str(error.value) for error in errors}))
    who = setters(any(error.container is None for error in errors), bad)
    return f"{who} must not set securityContext.seccompProfile.type to {values}"


def setters(pod: bool, containers: Iterable[Container]) -> str:
    """Who sets something: `pod`, `container "a"`, or both."""
    listed = list(containers)
    return " and ".join([*(["pod"] if pod else []), *([_containers(listed)] if listed else [])])


def _containers(containers: Iterable[Container]) -> str:
    return named("container", [container.name for container in containers])


def _uses(containers: list[Container]) -> str:
    return "uses" if len(containers) == 1 else "use"


def _at(container: Container, *keys: str, value: str | bool | tuple[str, ...] | None) -> FieldError:
    return FieldError(container.security_path / keys, value, container=container.name)
