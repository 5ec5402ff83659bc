"""What differs between two pod templates as the API server stores them: only then does a controller replace pods.

Two templates are the same when upstream's semantic comparison says so after defaulting (EqualIgnoreHash in
pkg/controller/deployment/util, SetDefaults_* in pkg/apis/core/v1/defaults.go): quantities compare by value, an empty
list is none, and a default that is written out is no change.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.views.quantities import parse_quantity
from policylint.views.workload import Workload

_LONGEST = 40
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_MODES = ("configMap", "secret", "downwardAPI", "projected")
_POD: Mapping[str, Any] = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
    "securityContext": {},
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "nodeSelector": {},
}
_CONTAINER: Mapping[str, Any] = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "stdin": False,
    "stdinOnce": False,
    "tty": False,
    "resources": {},
}
_PROBE: Mapping[str, Any] = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_REQUEST: Mapping[str, Any] = {"path": "/", "scheme": "HTTP"}
_DEFAULT_MODE = 0o644


def differences(before: Workload, now: Workload) -> tuple[str, ...]:
    """What changed from one pod template to the other, each as a few words; nothing when no pod is replaced for it."""
    return tuple(_compare("", _stored(before.template), _stored(now.template)))


def _stored(template: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _without_nothing(template)
    metadata = found.get("metadata")
    if isinstance(metadata, dict):
        _leave_out(metadata, {"labels": {}, "annotations": {}})
        metadata.pop("creationTimestamp", None)
    pod = found.get("spec")
    if not isinstance(pod, dict):
        return found
    _leave_out(pod, _POD)
    if pod.get("serviceAccount") == pod.get("serviceAccountName"):
        pod.pop("serviceAccount", None)
    for name in ("initContainers", "containers"):
        for container in _mappings(pod.get(name)):
            _container(container)
    for volume in _mappings(pod.get("volumes")):
        _volume(volume)
    return found


def _without_nothing(value: Any) -> Any:
    """A copy without nulls and empty lists, which the API server does not tell from absent ones."""
    if isinstance(value, dict):
        copied = {key: _without_nothing(member) for key, member in value.items()}
        return {key: member for key, member in copied.items() if member is not None and member != []}
    return [_without_nothing(member) for member in value] if isinstance(value, list) else value


def _container(container: dict[str, Any]) -> None:
    resources = container.get("resources")
    if isinstance(resources, dict):
        for name in ("limits", "requests"):
            amounts = resources.get(name)
            if isinstance(amounts, dict):
                resources[name] = {key: _amount(amount) for key, amount in amounts.items()}
        _leave_out(resources, {"limits": {}, "requests": {}})
    _leave_out(container, {**_CONTAINER, "imagePullPolicy": _pull_policy(container.get("image"))})
    for port in _mappings(container.get("ports")):
        _leave_out(port, {"protocol": "TCP"})
    for mount in _mappings(container.get("volumeMounts")):
        _leave_out(mount, {"readOnly": False})
    for variable in _mappings(container.get("env")):
        _leave_out(variable, {"value": ""})
        source = variable.get("valueFrom")
        _leave_out(source.get("fieldRef") if isinstance(source, dict) else None, {"apiVersion": "v1"})
    hooks = container.get("lifecycle")
    probes = [container.get(name) for name in _PROBES]
    probes += [hooks.get(name) for name in ("postStart", "preStop")] if isinstance(hooks, dict) else []
    for probe in probes:
        if isinstance(probe, dict):
            _leave_out(probe, _PROBE)
            _leave_out(probe.get("httpGet"), _REQUEST)


def _volume(volume: dict[str, Any]) -> None:
    for name in _MODES:
        _leave_out(volume.get(name), {"defaultMode": _DEFAULT_MODE})
    _leave_out(volume.get("hostPath"), {"type": ""})
    empty = volume.get("emptyDir")
    if isinstance(empty, dict) and "sizeLimit" in empty:
        empty["sizeLimit"] = _amount(empty["sizeLimit"])


def _leave_out(mapping: Any, defaults: Mapping[str, Any]) -> None:
    if isinstance(mapping, dict):
        for key, default in defaults.items():
            # False is not 0 here: the API server refuses one for the other
            if key in mapping and mapping[key] == default and type(mapping[key]) is type(default):
                del mapping[key]


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _pull_policy(image: object) -> str:
    """The default of SetDefaults_Container: by the tag, which is `latest` without one and without a digest."""
    name, _, digest = (image if isinstance(image, str) else "").partition("@")
    tag = name.rpartition("/")[2].partition(":")[2] or ("" if digest else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"


class _Quantity:
    """A quantity as it is written, equal to others of the same value."""

    __slots__ = ("_text", "_value")

    def __init__(self, text: str) -> None:
        self._text = text
        self._value = parse_quantity(text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Quantity) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __str__(self) -> str:
        return self._text


def _amount(amount: Any) -> Any:
    if isinstance(amount, bool) or not isinstance(amount, str | int | float):
        return amount
    try:
        return _Quantity(str(amount))
    except ValueError:
        return amount


def _compare(place: str, before: Any, now: Any) -> Iterator[str]:
    if before == now and type(before) is type(now):
        return
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*before, *(key for key in now if key not in before)]:
            yield from _compare(_below(place, key), before.get(key), now.get(key))
    elif _named(before) and _named(now) and [*_named(before)] == [*_named(now)]:
        for name, item in _named(now).items():
            yield from _compare(f"{place}[{name}]", _named(before)[name], item)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            yield from _compare(f"{place}[{number}]", old, new)
    else:
        yield f"{_words(place)} {_change(before, now)}"


def _below(place: str, key: object) -> str:
    return f"{place}/{key}" if place in ("metadata/labels", "metadata/annotations") else f"{place}/{key}".lstrip("/")


def _named(items: Any) -> dict[str, Any]:
    """The items of a list by name; nothing when they have no names, or two the same."""
    if not isinstance(items, list) or not all(isinstance(item, dict) and "name" in item for item in items):
        return {}
    found = {str(item["name"]): item for item in items}
    return found if len(found) == len(items) else {}


def _words(place: str) -> str:
    for start, word in (("metadata/labels/", "label"), ("metadata/annotations/", "annotation")):
        if place.startswith(start):
            return f"{word} {place.removeprefix(start)}"
    return place.removeprefix("spec/").replace("/", ".")


def _change(before: Any, now: Any) -> str:
    if before is None:
        return f"added: {_shown(now)}" if _shown(now) else "added"
    if now is None:
        return "removed"
    old, new = _shown(before), _shown(now)
    return f"{old} → {new}" if old and new and old != new else "changed"


def _shown(value: Any) -> str:
    """A scalar, its beginning when it is long; nothing for anything larger."""
    if isinstance(value, dict | list):
        return ""
    text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split()) or '""'
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
