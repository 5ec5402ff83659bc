"""The Pod Security Standards; cases restate those of the upstream unit tests."""

from typing import Any

import pytest

from policylint.engine.engine import evaluate
from policylint.engine.errors import EvaluationError
from policylint.engine.exceptions import PolicyException
from policylint.engine.podsecurity import PodSecurityResult, evaluate_pod_security
from policylint.engine.podsecurity.controls import CONTROL_IDS, CONTROLS
from policylint.engine.policy import Policy
from policylint.engine.request import Request
from policylint.model import YamlPath

RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(name: str = "a", image: str = "nginx", **context: Any) -> dict[str, Any]:
    return {"name": name, "image": image, "securityContext": context} if context else {"name": name, "image": image}


def judged(
    spec: dict[str, Any],
    level: str = "baseline",
    version: str = "latest",
    exclude: Any = (),
    annotations: dict[str, str] | None = None,
) -> PodSecurityResult:
    rule = {"level": level, "version": version, "exclude": list(exclude)}
    return evaluate_pod_security(rule, {"annotations": annotations or {}}, {"containers": [], **spec})


def failing(spec: dict[str, Any], *arguments: Any, **named: Any) -> list[str]:
    return [check.check for check in judged(spec, *arguments, **named).checks]


@pytest.mark.parametrize(
    ("spec", "check"),
    [
        ({"hostNetwork": True}, "hostNamespaces"),
        ({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, "hostPathVolumes"),
        ({"containers": [{"name": "a", "ports": [{"containerPort": 1, "hostPort": 8080}]}]}, "hostPorts"),
        ({"initContainers": [container(privileged=True)]}, "privileged"),
        ({"ephemeralContainers": [container(privileged=True)]}, "privileged"),
        ({"containers": [container(capabilities={"add": ["NET_RAW"]})]}, "capabilities_baseline"),
        ({"containers": [container(procMount="Unmasked")]}, "procMount"),
        ({"securityContext": {"seLinuxOptions": {"user": "u"}}}, "seLinuxOptions"),
        ({"securityContext": {"seLinuxOptions": {"type": "spc_t"}}}, "seLinuxOptions"),
        ({"securityContext": {"seccompProfile": {"type": "Unconfined"}}}, "seccompProfile_baseline"),
        ({"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}}, "sysctls"),
        ({"securityContext": {"windowsOptions": {"hostProcess": True}}}, "windowsHostProcess"),
        ({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}, "appArmorProfile"),
        (
            {"containers": [{"name": "a", "livenessProbe": {"httpGet": {"host": "localhost", "port": 1}}}]},
            "hostProbesAndHostLifecycle",
        ),
        (
            {"containers": [{"name": "a", "lifecycle": {"preStop": {"tcpSocket": {"host": "h"}}}}]},
            "hostProbesAndHostLifecycle",
        ),
    ],
)
def test_what_baseline_forbids(spec: dict[str, Any], check: str) -> None:
    assert failing(spec) == [check]


@pytest.mark.parametrize(
    "spec",
    [
        {"hostNetwork": False, "hostPID": None},
        {"containers": [{"name": "a", "ports": [{"containerPort": 1, "hostPort": 0}]}]},
        {"containers": [container(privileged=False, procMount="Default", capabilities={"add": ["KILL"]})]},
        {"securityContext": {"seLinuxOptions": {"type": "container_t"}, "sysctls": None}},
        {"volumes": [{"name": "v", "emptyDir": {}}]},
        {"securityContext": None},
    ],
)
def test_what_baseline_allows(spec: dict[str, Any]) -> None:
    assert failing(spec) == []


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"allowPrivilegeEscalation": True}, ["allowPrivilegeEscalation"]),
        ({"allowPrivilegeEscalation": None}, ["allowPrivilegeEscalation"]),
        ({"runAsNonRoot": False}, ["runAsNonRoot"]),
        ({"runAsNonRoot": None}, ["runAsNonRoot"]),
        ({"runAsUser": 0.0}, ["runAsUser"]),
        ({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}, ["capabilities_restricted"]),
        ({"capabilities": {"drop": ["KILL"]}}, ["capabilities_restricted"]),
        ({"capabilities": None}, ["capabilities_restricted"]),
        ({"seccompProfile": None}, ["seccompProfile_restricted"]),
        ({"seccompProfile": {"type": "Unconfined"}}, ["seccompProfile_baseline", "seccompProfile_restricted"]),
        ({"seccompProfile": {}}, ["seccompProfile_baseline", "seccompProfile_restricted"]),
        ({"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}, []),
    ],
)
def test_what_restricted_asks_of_containers(change: dict[str, Any], check: list[str]) -> None:
    assert failing({"containers": [container(**{**RESTRICTED, **change})]}, "restricted") == check


def test_restricted_pod_settings_stand_for_containers() -> None:
    spec = {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}},
        "containers": [container(allowPrivilegeEscalation=False, capabilities={"drop": ["ALL"]})],
    }
    assert failing(spec, "restricted") == []


def test_restricted_volumes_are_also_judged_by_baseline() -> None:
    volumes = [{"name": "v", "hostPath": {"path": "/"}}, {"name": "w", "nfs": {}}, {"name": "x", "unheardOf": {}}]
    result = judged({"volumes": volumes}, "restricted")
    assert [check.check for check in result.checks] == ["hostPathVolumes", "restrictedVolumes"]
    assert [error.field for error in result.checks[1].errors] == [
        "spec.volumes[0].hostPath",
        "spec.volumes[1].nfs",
        "spec.volumes[2].unknown",
    ]
    assert result.checks[1].detail == ('volumes "v", "w", "x" use restricted volume types "hostPath", "nfs", "unknown"')


@pytest.mark.parametrize(
    ("version", "checks"),
    [
        ("v1.0", ["runAsNonRoot"]),
        ("v1.7", ["runAsNonRoot"]),
        ("v1.8", ["allowPrivilegeEscalation", "runAsNonRoot"]),
        ("v1.19", ["allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile_restricted"]),
        (
            "v1.22",
            ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"],
        ),
        (
            "v1.23",
            [
                "allowPrivilegeEscalation",
                "capabilities_restricted",
                "runAsNonRoot",
                "runAsUser",
                "seccompProfile_restricted",
            ],
        ),
    ],
)
def test_controls_begin_with_their_version(version: str, checks: list[str]) -> None:
    assert failing({"containers": [container(runAsUser=0)]}, "restricted", version) == checks


def test_windows_pods_since_25() -> None:
    spec = {"os": {"name": "windows"}, "containers": [container(runAsNonRoot=True)]}
    assert failing(spec, "restricted", "v1.25") == []
    assert failing(spec, "restricted", "v1.24") == [
        "allowPrivilegeEscalation",
        "capabilities_restricted",
        "seccompProfile_restricted",
    ]


@pytest.mark.parametrize(
    ("version", "host_users", "change", "checks"),
    [
        ("latest", False, {"procMount": "Unmasked"}, ["procMount_restricted"]),
        ("latest", True, {"procMount": "Unmasked"}, ["procMount", "procMount_restricted"]),
        ("v1.32", False, {"procMount": "Unmasked"}, ["procMount"]),
        ("latest", False, {"runAsNonRoot": None, "runAsUser": 0}, []),
        ("latest", None, {"runAsNonRoot": None, "runAsUser": 0}, ["runAsNonRoot", "runAsUser"]),
        ("v1.32", False, {"runAsNonRoot": None, "runAsUser": 0}, ["runAsNonRoot", "runAsUser"]),
        ("latest", False, {"privileged": True}, ["privileged"]),
    ],
)
def test_user_namespaces(version: str, host_users: Any, change: dict[str, Any], checks: list[str]) -> None:
    spec = {"hostUsers": host_users, "containers": [container(**{**RESTRICTED, **change})]}
    assert failing(spec, "restricted", version) == checks


@pytest.mark.parametrize(
    ("sysctl", "since"),
    [
        ("net.ipv4.ip_local_reserved_ports", 27),
        ("net.ipv4.tcp_fin_timeout", 29),
        ("net.ipv4.tcp_rmem", 32),
    ],
)
def test_sysctls_by_version(sysctl: str, since: int) -> None:
    spec = {"securityContext": {"sysctls": [{"name": sysctl, "value": "1"}]}}
    assert failing(spec, version=f"v1.{since - 1}") == ["sysctls"]
    assert failing(spec, version=f"v1.{since}") == []


def test_selinux_engine_type_since_31() -> None:
    spec = {"securityContext": {"seLinuxOptions": {"type": "container_engine_t"}}}
    assert failing(spec, version="v1.30") == ["seLinuxOptions"]
    assert failing(spec, version="v1.31") == []


@pytest.mark.parametrize(("version", "allowed"), [("", False), ("v1.34", False), ("v1.33", True), ("v1.29", True)])
def test_host_probes_since_34(version: str, allowed: bool) -> None:
    spec = {"containers": [{"name": "a", "livenessProbe": {"httpGet": {"host": "localhost", "port": 2703}}}]}
    assert judged(spec, version=version).allowed is allowed


def test_annotations_of_old() -> None:
    annotations = {
        "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
        "container.apparmor.security.beta.kubernetes.io/a": "unconfined",
        "container.apparmor.security.beta.kubernetes.io/b": "localhost/b",
    }
    assert failing({}, version="v1.18", annotations=annotations) == ["appArmorProfile", "seccompProfile_baseline"]
    result = judged({}, annotations=annotations)
    assert result.message() == (
        "(Forbidden reason: forbidden AppArmor profile, field error list:"
        " [metadata.annotations[container.apparmor.security.beta.kubernetes.io/a] is forbidden,"
        " forbidden values found: unconfined])"
    )


def test_details_name_containers_and_values() -> None:
    spec = {
        "containers": [
            container("a", capabilities={"add": ["FOO", "BAR"]}),
            container("b", capabilities={"add": ["BAR", "BAZ"]}),
            container("c", capabilities={"add": ["NET_BIND_SERVICE", "CHOWN"], "drop": ["ALL", "FOO"]}),
        ]
    }
    check = next(each for each in judged(spec, "restricted").checks if each.check == "capabilities_restricted")
    assert check.detail == (
        'containers "a", "b" must set securityContext.capabilities.drop=["ALL"]; '
        'containers "a", "b", "c" must not include "BAR", "BAZ", "CHOWN", "FOO" in securityContext.capabilities.add'
    )


def test_missing_and_wrong_escalation_are_told_apart() -> None:
    spec = {
        "containers": [
            container("a"),
            {"name": "b", "securityContext": {}},
            container("c", allowPrivilegeEscalation=True),
        ]
    }
    check = judged(spec, "restricted").checks[0]
    assert [(error.kind, error.value) for error in check.errors] == [
        ("required", ""),
        ("forbidden", None),
        ("forbidden", True),
    ]
    assert (
        judged(spec, "restricted")
        .message()
        .startswith(
            "(Forbidden reason: allowPrivilegeEscalation != false, field error list:"
            " [spec.containers[0].securityContext.allowPrivilegeEscalation: Required value,"
            " spec.containers[1].securityContext.allowPrivilegeEscalation is forbidden, forbidden values found: nil,"
            " spec.containers[2].securityContext.allowPrivilegeEscalation is forbidden, forbidden values found: true])"
        )
    )


PRIVILEGED = {"containers": [container(image="nginx:1", privileged=True), container("b", "redis", privileged=True)]}


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ({"images": ["nginx*"]}, ["b"]),
        ({"images": ["nginx*", "redis"]}, []),
        ({"images": ["nginx"]}, ["a", "b"]),
        ({"images": ["*"], "restrictedField": "spec.containers[*].securityContext.privileged"}, []),
        ({"images": ["*"], "restrictedField": "spec.initContainers[*].securityContext.privileged"}, ["a", "b"]),
        ({"images": ["*"], "values": ["true"]}, []),
        ({"images": ["*"], "values": ["false"]}, ["a", "b"]),
        ({}, ["a", "b"]),  # without images, an exclusion is about the pod
    ],
)
def test_exclusions_of_containers(exclude: dict[str, Any], left: list[str]) -> None:
    result = judged(PRIVILEGED, exclude=[{"controlName": "Privileged Containers", **exclude}])
    assert [error.container for check in result.checks for error in check.errors] == left


def test_exclusion_of_another_control_changes_nothing() -> None:
    assert failing(PRIVILEGED, exclude=[{"controlName": "Host Ports", "images": ["*"]}]) == ["privileged"]


@pytest.mark.parametrize(
    ("exclude", "allowed"),
    [
        ({}, True),
        ({"restrictedField": "spec.volumes[*].hostPath"}, True),
        ({"restrictedField": "spec.volumes[*].hostPath", "values": ["/var/lib*"]}, True),
        ({"restrictedField": "spec.volumes[*].hostPath", "values": ["/etc"]}, False),
        ({"restrictedField": "spec.volumes[*].nfs"}, False),
    ],
)
def test_exclusions_of_pods(exclude: dict[str, Any], allowed: bool) -> None:
    spec = {"volumes": [{"name": "v", "hostPath": {"path": "/var/lib1"}}]}
    assert judged(spec, exclude=[{"controlName": "HostPath Volumes", **exclude}]).allowed is allowed


def test_every_value_of_a_field_has_to_be_excluded() -> None:
    spec = {"containers": [container(capabilities={"add": ["FOO", "BAR"]})]}
    exclude = {"controlName": "Capabilities", "images": ["nginx"], "values": ["FOO"]}
    assert failing(spec, exclude=[exclude]) == ["capabilities_baseline"]
    assert failing(spec, exclude=[{**exclude, "values": ["FOO", "B*"]}]) == []


def test_several_exclusions_add_up() -> None:
    spec = {"containers": [{**container(), "ports": [{"hostPort": 10}]}], "initContainers": []}
    spec["initContainers"] = [{**container("i"), "ports": [{"hostPort": 20}]}]
    one = {"controlName": "Host Ports", "images": ["nginx"], "values": ["10"]}
    assert failing(spec, exclude=[one]) == ["hostPorts"]
    assert failing(spec, exclude=[one, {**one, "values": ["20"]}]) == []


def test_pod_and_container_parts_of_a_control_are_excluded_apart() -> None:
    spec = {
        "securityContext": {"runAsNonRoot": False},
        "containers": [container(**{**RESTRICTED, "runAsNonRoot": False})],
    }
    pod = {"controlName": "Running as Non-root", "restrictedField": "spec.securityContext.runAsNonRoot"}
    of_container = {"controlName": "Running as Non-root", "images": ["nginx"]}
    assert failing(spec, "restricted", exclude=[pod]) == ["runAsNonRoot"]
    assert failing(spec, "restricted", exclude=[pod, of_container]) == []


def test_both_forms_of_a_control_are_excluded() -> None:
    spec = {"containers": [container(**{**RESTRICTED, "procMount": "Unmasked"})]}
    exclude = [{"controlName": "/proc Mount Type", "images": ["nginx"]}]
    assert failing(spec, "restricted", exclude=exclude) == []


def test_every_control_can_be_named() -> None:
    named = [check for checks in CONTROL_IDS.values() for check in checks]
    assert sorted(named) == sorted(control.id for control in CONTROLS)


@pytest.mark.parametrize(
    ("rule", "spec", "message"),
    [
        ({"version": "1.24"}, {}, "1.24 is no version of the Pod Security Standards: write latest or v1.24"),
        (
            {"exclude": [{"controlName": "Hostports"}]},
            {},
            "there is no Pod Security control 'Hostports'; did you mean 'Host Ports'?",
        ),
        ({}, {"hostPID": "yes"}, "spec.hostPID takes true or false, but is a string"),
        ({}, {"containers": [{"ports": [{"hostPort": 1.5}]}]}, "takes an integer, but is a number"),
        ({}, {"containers": {"name": "a"}}, "spec.containers takes a list, but is a mapping"),
    ],
)
def test_bad_input(rule: dict[str, Any], spec: dict[str, Any], message: str) -> None:
    with pytest.raises(EvaluationError) as error:
        evaluate_pod_security({"level": "baseline", **rule}, {}, spec)
    assert message in error.value.message


def policy(**security: Any) -> Policy:
    rule = {
        "name": "psa",
        "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
        "validate": {"failureAction": "Enforce", "podSecurity": {"level": "baseline", "version": "latest", **security}},
    }
    return Policy.of(
        {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}, "spec": {"rules": [rule]}}
    )


def resource(spec: dict[str, Any], kind: str = "Pod") -> dict[str, Any]:
    template = {"metadata": {}, "spec": spec}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": "n"}, "spec": spec}
    body = {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"template": template}
    api = "batch/v1" if kind == "CronJob" else "apps/v1"
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "n"}, "spec": body}


@pytest.mark.parametrize(
    ("kind", "rule", "above"),
    [
        ("Pod", "psa", ""),
        ("Deployment", "autogen-psa", "spec.template."),
        ("CronJob", "autogen-cronjob-psa", "spec.jobTemplate.spec.template."),
    ],
)
def test_rules_and_places(kind: str, rule: str, above: str) -> None:
    (response,) = evaluate(policy(), Request(resource({"hostPID": True, "containers": []}, kind))).rules
    assert (response.rule, response.status) == (rule, "fail")
    assert response.message == (
        f"Validation rule '{rule}' failed. It violates PodSecurity \"baseline:latest\": (Forbidden reason:"
        f" host namespaces, field error list: [{above}spec.hostPID is forbidden, forbidden values found: true])"
    )
    assert str(response.resource_path) == f"{above}spec.hostPID"
    assert response.policy_path == YamlPath.parse("spec.rules[0].validate.podSecurity")


def test_rule_passes() -> None:
    (response,) = evaluate(policy(), Request(resource({"containers": [container()]}))).rules
    assert (response.status, response.message) == ("pass", "Validation rule 'psa' passed.")


def test_deleted_objects_are_left_alone() -> None:
    request = Request({}, old_resource=resource({"hostPID": True}), operation="DELETE")
    response = evaluate(policy(), request)
    assert response.rules == ()
    assert response.unmatched[0].reason == "podSecurity is not held against objects that are deleted"


def test_updates_may_keep_old_violations() -> None:
    bad = resource({"hostPID": True})
    (kept,) = evaluate(policy(), Request(bad, old_resource=bad, operation="UPDATE")).rules
    (new,) = evaluate(policy(), Request(bad, old_resource=resource({}), operation="UPDATE")).rules
    assert (kept.status, new.status) == ("skip", "fail")


def exception(name: str, *controls: dict[str, Any]) -> PolicyException:
    match = {"any": [{"resources": {"kinds": ["Pod"]}}]}
    excepted = [{"policyName": "p", "ruleNames": ["psa"]}]
    spec = {"match": match, "exceptions": excepted, "podSecurity": list(controls)}
    return PolicyException.of({"metadata": {"name": name, "namespace": "e"}, "spec": spec})


def test_exceptions_for_controls() -> None:
    request = Request(resource({"hostPID": True, "volumes": [{"name": "v", "hostPath": {"path": "/a"}}]}))
    spaces, paths = ({"controlName": control} for control in ("Host Namespaces", "HostPath Volumes"))
    (both,) = evaluate(policy(), request, exceptions=[exception("one", spaces), exception("two", paths)]).rules
    (one,) = evaluate(policy(), request, exceptions=[exception("one", spaces)]).rules
    (whole,) = evaluate(policy(), request, exceptions=[exception("one", spaces), exception("all")]).rules
    assert (both.status, both.message) == ("skip", "rule is skipped due to policy exceptions e/one, e/two")
    assert one.status == "fail"
    assert "hostPath volumes" in one.message
    assert "host namespaces" not in one.message
    assert (whole.status, whole.exceptions) == ("skip", ("e/all",))


def test_other_kinds_are_errors() -> None:
    data: dict[str, Any] = dict(policy().data)
    rule = {**data["spec"]["rules"][0], "match": {"any": [{"resources": {"kinds": ["ConfigMap"]}}]}}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    (response,) = evaluate(Policy.of({**data, "spec": {"rules": [rule]}}), Request(config)).rules
    assert response.status == "error"
    assert response.message.endswith("podSecurity is for pods and their controllers, and ConfigMap is neither")
