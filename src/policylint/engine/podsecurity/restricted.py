"""The checks of the restricted level: kubernetes/pod-security-admission policy/check_*.go, with its field errors."""

from collections.abc import Iterable, Sequence

from policylint.engine.podsecurity.baseline import POD_SECURITY, bad_seccomp, seccomp_detail, setters
from policylint.engine.podsecurity.pod import Container, Pod, Volume
from policylint.engine.podsecurity.violations import FieldError, Found, named, plural, quoted

_ALLOWED_VOLUMES = frozenset(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
)
_KNOWN_VOLUMES = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
)


def volume_types(pod: Pod) -> Found | None:
    bad = [
        (volume, _volume_type(volume)) for volume in pod.volumes if not _ALLOWED_VOLUMES.intersection(volume.sources)
    ]
    if not bad:
        return None
    types = sorted({kind for _, kind in bad})
    uses = "uses" if len(bad) == 1 else "use"
    detail = f"{named('volume', [volume.name for volume, _ in bad])} {uses}"
    detail += f" {plural('restricted volume type', len(types))} {quoted(types)}"
    return Found("restricted volume types", detail, [FieldError(volume.path / kind) for volume, kind in bad])


def _volume_type(volume: Volume) -> str:
    return next((kind for kind in _KNOWN_VOLUMES if kind in volume.sources), "unknown")


def privilege_escalation(pod: Pod) -> Found | None:
    bad = [each for each in pod.containers if each.security.allow_privilege_escalation is not False]
    if not bad:
        return None
    errors = []
    for each in bad:
        path = each.security_path / "allowPrivilegeEscalation"
        if each.security.written:
            errors.append(FieldError(path, each.security.allow_privilege_escalation, container=each.name))
        else:
            errors.append(_required(each, "allowPrivilegeEscalation"))
    detail = f"{_containers(bad)} must set securityContext.allowPrivilegeEscalation=false"
    return Found("allowPrivilegeEscalation != false", detail, errors)


def privilege_escalation_25(pod: Pod) -> Found | None:
    return None if pod.is_windows else privilege_escalation(pod)


def run_as_non_root(pod: Pod) -> Found | None:
    context = pod.security.run_as_non_root
    explicit = [each for each in pod.containers if each.security.run_as_non_root is False]
    implicit = [] if context else [each for each in pod.containers if each.security.run_as_non_root is None]
    errors = [FieldError(POD_SECURITY / "runAsNonRoot", False)] if context is False else []
    errors += [FieldError(each.security_path / "runAsNonRoot", False, container=each.name) for each in explicit]
    details = []
    if errors:
        details.append(f"{setters(context is False, explicit)} must not set securityContext.runAsNonRoot=false")
    if implicit:
        details.append(f"pod or {_containers(implicit)} must set securityContext.runAsNonRoot=true")
        errors += [_required(each, "runAsNonRoot") for each in implicit]
    return Found("runAsNonRoot != true", "\n".join(details), errors) if errors else None


def run_as_non_root_35(pod: Pod) -> Found | None:
    """From v1.35 on, the root of a user namespace of the pod's own is nobody outside."""
    return None if pod.in_user_namespace else run_as_non_root(pod)


def run_as_user(pod: Pod) -> Found | None:
    bad = [each for each in pod.containers if each.security.run_as_user == 0]
    errors = [FieldError(POD_SECURITY / "runAsUser", 0)] if pod.security.run_as_user == 0 else []
    if not bad and not errors:
        return None
    detail = f"{setters(bool(errors), bad)} must not set runAsUser=0"
    errors += [FieldError(each.security_path / "runAsUser", 0, container=each.name) for each in bad]
    return Found("runAsUser=0", detail, errors)


def run_as_user_35(pod: Pod) -> Found | None:
    return None if pod.in_user_namespace else run_as_user(pod)


def seccomp(pod: Pod) -> Found | None:
    bad, errors = bad_seccomp(pod)
    has_profile = pod.security.seccomp in ("RuntimeDefault", "Localhost")
    implicit = [] if has_profile else [each for each in pod.containers if each.security.seccomp is None]
    details = [seccomp_detail(bad, errors)] if errors else []
    if implicit:
        details.append(
            f"pod or {_containers(implicit)} must set securityContext.seccompProfile.type"
            ' to "RuntimeDefault" or "Localhost"'
        )
        errors += [_required(each, "seccompProfile", "type") for each in implicit]
    return Found("seccompProfile", "\n".join(details), errors) if errors else None


def seccomp_25(pod: Pod) -> Found | None:
    return None if pod.is_windows else seccomp(pod)


def capabilities(pod: Pod) -> Found | None:
    keeping = [each for each in pod.containers if "ALL" not in (each.security.drop or ())]
    adding = {each: _added(each.security.add) for each in pod.containers if _added(each.security.add)}
    details = []
    errors = []
    if keeping:
        details.append(f'{_containers(keeping)} must set securityContext.capabilities.drop=["ALL"]')
        errors += [_not_dropped(each) for each in keeping]
    if adding:
        added = quoted(sorted({name for names in adding.values() for name in names}))
        details.append(f"{_containers(adding)} must not include {added} in securityContext.capabilities.add")
        errors += [
            FieldError(each.security_path / ("capabilities", "add"), names, container=each.name)
            for each, names in adding.items()
        ]
    return Found("unrestricted capabilities", "; ".join(details), errors) if errors else None


def capabilities_25(pod: Pod) -> Found | None:
    return None if pod.is_windows else capabilities(pod)


def _added(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names) - {"NET_BIND_SERVICE"}))


def _not_dropped(container: Container) -> FieldError:
    dropped = container.security.drop
    if not dropped:
        return _required(container, "capabilities", "drop")
    path = container.security_path / ("capabilities", "drop")
    return FieldError(path, tuple(sorted(set(dropped))), container=container.name)


def _required(container: Container, *keys: str) -> FieldError:
    return FieldError(container.security_path / keys, kind="required", container=container.name)


def _containers(containers: Iterable[Container]) -> str:
    return named("container", [container.name for container in containers])
