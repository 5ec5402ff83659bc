"""Settings of rollouts, autoscalers and budgets that are each well formed, and refused together by the API server."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.quantities import IntOrPercent
from policylint.views.shape import Shape

_SPEC = YamlPath.of("spec")
_TYPES = {
    "Deployment": ("strategy", ("RollingUpdate", "Recreate")),
    "DaemonSet": ("updateStrategy", ("RollingUpdate", "OnDelete")),
    "StatefulSet": ("updateStrategy", ("RollingUpdate", "OnDelete")),
}


class Refusal(NamedTuple):
    """What the API server refuses, where, and what to do about it."""

    path: YamlPath
    message: str
    help: str


def refusals(document: Document) -> Iterator[Refusal]:
    """The refusals of one object, as the validation of pkg/apis/apps, autoscaling and policy in Kubernetes has them."""
    readers: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Refusal]]] = {
        "HorizontalPodAutoscaler": _autoscaler,
        "PodDisruptionBudget": _budget,
    }
    spec = Shape().mapping(document.mapping.get("spec"), _SPEC)
    if document.kind in _TYPES and document.group == "apps":
        yield from _strategy(document.kind, spec)
    if document.kind == "Deployment":
        yield from _deadline(spec)
    if document.kind in readers:
        yield from readers[document.kind](spec)


def _strategy(kind: str, spec: Mapping[str, Any]) -> Iterator[Refusal]:
    shape, (key, types) = Shape(), _TYPES[kind]
    path = _SPEC / key
    strategy = shape.mapping(spec.get(key), path)
    given = strategy.get("type") or "RollingUpdate"
    rolling = strategy.get("rollingUpdate")
    where = path / "rollingUpdate"
    if given not in types:
        yield Refusal(path / "type", f"{key} type {given!r} is none of {', '.join(types)}", f"write {types[0]}")
    elif given != "RollingUpdate" and rolling is not None and kind != "DaemonSet":
        yield Refusal(where, f"rollingUpdate stands beside type {given}", f"remove it, or write type {types[0]}")
    elif given == "RollingUpdate" and kind != "StatefulSet":
        yield from _counts(kind, shape.mapping(rolling, where), where)


def _counts(kind: str, rolling: Mapping[str, Any], where: YamlPath) -> Iterator[Refusal]:
    defaults = {"maxSurge": 25, "maxUnavailable": 25} if kind == "Deployment" else {"maxSurge": 0, "maxUnavailable": 1}
    values = {}
    for key, default in defaults.items():
        raw = rolling.get(key)
        try:
            # a percentage counts by its number here: 0% is 0, and 1% of one pod is not
            values[key] = default if raw is None else IntOrPercent.parse(raw).value
        except ValueError:
            return
    surge, unavailable = values["maxSurge"], values["maxUnavailable"]
    if not surge and not unavailable:
        path = where / ("maxUnavailable" if rolling.get("maxUnavailable") is not None else "maxSurge")
        message = "maxSurge and maxUnavailable are both 0, so that no pod could be replaced"
        yield Refusal(path, message, "set one of them to 1")
    elif kind == "DaemonSet" and surge and unavailable:
        said = "" if rolling.get("maxUnavailable") is not None else " (its default)"
        message = f"maxSurge is {rolling['maxSurge']} and maxUnavailable {rolling.get('maxUnavailable', 1)}{said}"
        yield Refusal(where / "maxSurge", f"{message}: a DaemonSet takes only one of them", "set maxUnavailable: 0")


def _deadline(spec: Mapping[str, Any]) -> Iterator[Refusal]:
    deadline, ready = spec.get("progressDeadlineSeconds", 600), spec.get("minReadySeconds", 0)
    if _numbers(deadline, ready) and deadline <= ready:
        message = f"progressDeadlineSeconds {deadline} is not greater than minReadySeconds {ready}"
        key = "progressDeadlineSeconds" if "progressDeadlineSeconds" in spec else "minReadySeconds"
        yield Refusal(_SPEC / key, message, "give a pod more time to make progress than to count as available")


def _autoscaler(spec: Mapping[str, Any]) -> Iterator[Refusal]:
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas")
    if most is None or not _numbers(most) or most < 1:
        said = "is missing" if most is None else f"{most!r} is not a whole number from 1"
        where = _SPEC / "maxReplicas" if most is not None else _SPEC
        yield Refusal(where, f"maxReplicas {said}", "say how many pods there may be at most")
    elif least is not None and (not _numbers(least) or least < 0):
        message = f"minReplicas {least!r} is not a whole number from 1"
        yield Refusal(_SPEC / "minReplicas", message, "say how many pods there are at least")
    elif _numbers(least, most) and most < least:
        yield Refusal(_SPEC / "maxReplicas", f"maxReplicas {most} is less than minReplicas {least}", "swap them")


def _budget(spec: Mapping[str, Any]) -> Iterator[Refusal]:
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield Refusal(_SPEC / "maxUnavailable", "minAvailable and maxUnavailable are both set", "keep one of them")


def _numbers(*values: object) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)
