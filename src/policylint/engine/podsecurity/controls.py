"""The Pod Security controls: which check of which version a level has, and how exclusions name them.

Sources: kubernetes/pod-security-admission policy/checks.go, kyverno pkg/pss/evaluate.go and pkg/pss/utils/mapping.go.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from policylint.engine.errors import EvaluationError
from policylint.engine.podsecurity import baseline, restricted
from policylint.engine.podsecurity.pod import Pod
from policylint.engine.podsecurity.violations import Found, Violation
from policylint.regex import regex

_VERSION = regex(r"v1\.(0|[1-9][0-9]*)")
_LATEST = 1 << 31

Check = Callable[[Pod], Found | None]


class Control(NamedTuple):
    """One check. `versions` are the minor versions of Kubernetes from which its forms hold, ascending."""

    id: str
    is_baseline: bool
    versions: tuple[tuple[int, Check], ...]

    def check(self, minor: int) -> Check | None:
        """The form for a version, None when the control is younger."""
        return next((check for since, check in reversed(self.versions) if since <= minor), None)


CONTROLS = (
    Control(
        "allowPrivilegeEscalation",
        False,
        ((8, restricted.privilege_escalation), (25, restricted.privilege_escalation_25)),
    ),
    Control("appArmorProfile", True, ((0, baseline.app_armor),)),
    Control("capabilities_baseline", True, ((0, baseline.capabilities),)),
    Control("capabilities_restricted", False, ((22, restricted.capabilities), (25, restricted.capabilities_25))),
    Control("hostNamespaces", True, ((0, baseline.host_namespaces),)),
    Control("hostPathVolumes", True, ((0, baseline.host_path_volumes),)),
    Control("hostPorts", True, ((0, baseline.host_ports),)),
    Control("hostProbesAndHostLifecycle", True, ((34, baseline.host_probes),)),
    Control("privileged", True, ((0, baseline.privileged),)),
    Control("procMount", True, ((0, baseline.proc_mount), (35, baseline.proc_mount_in_host_namespace))),
    Control("procMount_restricted", False, ((35, baseline.proc_mount),)),
    Control("restrictedVolumes", False, ((0, restricted.volume_types),)),
    Control("runAsNonRoot", False, ((0, restricted.run_as_non_root), (35, restricted.run_as_non_root_35))),
    Control("runAsUser", False, ((23, restricted.run_as_user), (35, restricted.run_as_user_35))),
    Control("seLinuxOptions", True, ((0, baseline.se_linux), (31, baseline.se_linux_31))),
    Control("seccompProfile_baseline", True, ((0, baseline.seccomp_annotations), (19, baseline.seccomp))),
    Control("seccompProfile_restricted", False, ((19, restricted.seccomp), (25, restricted.seccomp_25))),
    Control(
        "sysctls",
        True,
        ((0, baseline.sysctls), (27, baseline.sysctls_27), (29, baseline.sysctls_29), (32, baseline.sysctls_32)),
    ),
    Control("windowsHostProcess", True, ((0, baseline.host_process),)),
)

CONTROL_IDS: Mapping[str, tuple[str, ...]] = {
    "Capabilities": ("capabilities_baseline", "capabilities_restricted"),
    "Seccomp": ("seccompProfile_baseline", "seccompProfile_restricted"),
    "Privileged Containers": ("privileged",),
    "Host Ports": ("hostPorts",),
    "/proc Mount Type": ("procMount", "procMount_restricted"),
    "Host Probes / Lifecycle Hooks": ("hostProbesAndHostLifecycle",),
    "HostProcess": ("windowsHostProcess",),
    "SELinux": ("seLinuxOptions",),
    "Host Namespaces": ("hostNamespaces",),
    "HostPath Volumes": ("hostPathVolumes",),
    "Sysctls": ("sysctls",),
    "AppArmor": ("appArmorProfile",),
    "Privilege Escalation": ("allowPrivilegeEscalation",),
    "Running as Non-root": ("runAsNonRoot",),
    "Running as Non-root user": ("runAsUser",),
    "Volume Types": ("restrictedVolumes",),
}


class Standard(NamedTuple):
    """A level at a version of Kubernetes."""

    level: str
    minor: int

    @classmethod
    def of(cls, level: str, version: str) -> "Standard":
        """`version` is `v1.24`, `latest`, or empty for that. Raises EvaluationError for another."""
        if version in ("", "latest"):
            return cls(level, _LATEST)
        match = _VERSION.fullmatch(version)
        if match is None:
            raise EvaluationError(f"{version} is no version of the Pod Security Standards: write latest or v1.24")
        return cls(level, int(match[1]))

    def violations(self, pod: Pod) -> list[Violation]:
        """What the standard has against `pod`.

        As upstream, every level but baseline has all checks, also where a restricted one covers a baseline one.
        """
        found = []
        for control in CONTROLS:
            check = control.check(self.minor) if control.is_baseline or self.level != "baseline" else None
            result = check(pod) if check is not None else None
            if result is not None:
                found.append(Violation(control.id, result.reason, result.detail, tuple(result.errors)))
        return found
