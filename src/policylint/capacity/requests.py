"""What one pod asks of a node and of a quota: effective requests and limits, LimitRange defaults applied."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.model import YamlPath
from policylint.views.quantities import parse_quantity
from policylint.views.shape import Shape

Amounts = Mapping[str, int]
_HERE = YamlPath()
_POD_LEVEL = ("cpu", "memory")


class PodNeeds(NamedTuple):
    """A pod's requests and limits, cpu in thousandths and the rest in base units. `unset` names, for cpu and memory,
    the containers without a request (`requests.cpu`) or limit, which a quota on it refuses; `wrong` is what is no
    quantity."""

    requests: Amounts
    limits: Amounts
    unset: Mapping[str, tuple[str, ...]]
    wrong: tuple[str, ...] = ()


class Defaults(NamedTuple):
    """What LimitRanges of a namespace give a container that does not say, and the `most` and `least` that they allow
    one, in the units of `whole`."""

    requests: Mapping[str, Any]
    limits: Mapping[str, Any]
    most: Mapping[str, int] = {}
    least: Mapping[str, int] = {}


def whole(resource: str, quantity: object) -> int | None:
    """A quantity as the scheduler counts it, rounded up: cpu in thousandths, the rest in units; None for no quantity.

    As MilliValue and Value of apimachinery pkg/api/resource.
    """
    if not isinstance(quantity, str | int | float) or isinstance(quantity, bool):
        return None
    try:
        value = parse_quantity(quantity)
    except ValueError:
        return None
    scaled: Fraction = value * 1000 if resource.rpartition(".")[2] == "cpu" else value
    return -(-scaled.numerator // scaled.denominator)


def is_whole(quantity: str | int | float) -> bool:
    """Whether a quantity is a whole number, as extended resources have to be (IsIntegerResourceName)."""
    return parse_quantity(quantity).denominator == 1


def defaults_of(limit_ranges: Iterable[Document]) -> Defaults:
    """The container defaults in LimitRanges of one namespace, as pkg/apis/core/v1/defaults.go completes them."""
    requests: dict[str, Any] = {}
    limits: dict[str, Any] = {}
    highest: dict[str, int] = {}
    lowest: dict[str, int] = {}
    for document in limit_ranges:
        shape = Shape()
        spec = shape.mapping(document.mapping.get("spec"), _HERE)
        for _, item in shape.mappings(spec.get("limits"), _HERE):
            if item.get("type") != "Container":
                continue
            most = shape.mapping(item.get("max"), _HERE)
            given = {**most, **shape.mapping(item.get("default"), _HERE)}
            least = shape.mapping(item.get("min"), _HERE)
            limits |= {key: value for key, value in given.items() if key not in limits}
            asked = {**least, **given, **shape.mapping(item.get("defaultRequest"), _HERE)}
            requests |= {key: value for key, value in asked.items() if key not in requests}
            highest |= {key: min(amount, highest.get(key, amount)) for key, amount in _amounts(most, []).items()}
            lowest |= {key: max(amount, lowest.get(key, amount)) for key, amount in _amounts(least, []).items()}
    return Defaults(requests, limits, highest, lowest)


def needs_of(pod: Mapping[str, Any], defaults: Defaults = Defaults({}, {})) -> PodNeeds:  # noqa: B008 -- immutable
    """What a pod with this spec asks for.

    As PodRequests and PodLimits in component-helpers resource/helpers.go: the sum of the containers and of the init
    containers that go on running (sidecars), or what an init container needs beside the sidecars before it, if that is
    more; resources of the pod as a whole outrank the sum; the overhead is added.
    """
    shape, wrong = Shape(), list[str]()
    containers = [item for _, item in shape.mappings(pod.get("containers"), _HERE)]
    inits = [item for _, item in shape.mappings(pod.get("initContainers"), _HERE)]
    asked = {id(item): _container(item, defaults, shape, wrong) for item in (*containers, *inits)}
    totals = [_total([asked[id(item)][side] for item in containers], inits, asked, side) for side in (0, 1)]
    requests, limits = totals
    unset: dict[str, list[str]] = {}
    for item in (*containers, *inits):
        for side, prefix in ((0, "requests"), (1, "limits")):
            for resource in _POD_LEVEL:
                if resource not in asked[id(item)][side]:
                    unset.setdefault(f"{prefix}.{resource}", []).append(str(item.get("name") or "?"))
    whole_pod = shape.mapping(pod.get("resources"), _HERE)
    pod_limits = _amounts(shape.mapping(whole_pod.get("limits"), _HERE), wrong)
    pod_requests = _amounts(shape.mapping(whole_pod.get("requests"), _HERE), wrong)
    for resource, limit in pod_limits.items():
        pod_requests.setdefault(resource, requests.get(resource, limit))
    requests |= pod_requests
    limits |= pod_limits
    for resource, extra in _amounts(shape.mapping(pod.get("overhead"), _HERE), wrong).items():
        requests[resource] = requests.get(resource, 0) + extra
        if resource in limits:
            limits[resource] += extra
    return PodNeeds(requests, limits, {key: tuple(names) for key, names in unset.items()}, tuple(wrong))


def _container(
    data: Mapping[str, Any], defaults: Defaults, shape: Shape, wrong: list[str]
) -> tuple[dict[str, int], dict[str, int]]:
    resources = shape.mapping(data.get("resources"), _HERE)
    limits = shape.mapping(resources.get("limits"), _HERE)
    requests = shape.mapping(resources.get("requests"), _HERE)
    # the API server copies limits to missing requests before the namespace's defaults are looked at
    asked = _amounts({**defaults.requests, **limits, **requests}, wrong)
    bounds = _amounts({**defaults.limits, **limits}, wrong)
    wrong += _out_of_range(defaults, asked, bounds)
    return asked, bounds


def _out_of_range(defaults: Defaults, asked: Amounts, bounds: Amounts) -> Iterator[str]:
    """What LimitRanger refuses of a container: minConstraint and maxConstraint in plugin/pkg/admission/limitranger."""
    for name, most in defaults.most.items():
        given = max(asked.get(name, 0), bounds.get(name, 0))
        if given > most:
            yield f"{name}: {shown(name, given)}, more than the {shown(name, most)} of a container in a LimitRange"
    for name, least in defaults.least.items():
        given = min(asked.get(name, 0), bounds.get(name, asked.get(name, 0)))
        if given < least:
            yield f"{name}: {shown(name, given)}, less than the {shown(name, least)} of a container in a LimitRange"


def _amounts(quantities: Mapping[str, Any], wrong: list[str]) -> dict[str, int]:
    found = {}
    for resource, quantity in quantities.items():
        amount = whole(resource, quantity)
        if amount is None or amount < 0:
            wrong.append(f"{resource}: {quantity}")
        elif "/" in resource and not is_whole(quantity):
            wrong.append(f"{resource}: {quantity}, which is counted in whole numbers")
        else:
            found[resource] = amount
    return found


def _total(
    running: Sequence[Amounts],
    inits: Sequence[Mapping[str, Any]],
    asked: Mapping[int, tuple[dict[str, int], dict[str, int]]],
    side: int,
) -> dict[str, int]:
    total: dict[str, int] = {}
    for amounts in running:
        _add(total, amounts)
    sidecars: dict[str, int] = {}
    highest: dict[str, int] = {}
    for item in inits:
        amounts = asked[id(item)][side]
        if item.get("restartPolicy") == "Always":
            _add(total, amounts)
            _add(sidecars, amounts)
            at_once = sidecars
        else:
            at_once = dict(sidecars)
            _add(at_once, amounts)
        highest |= {key: max(highest.get(key, 0), amount) for key, amount in at_once.items()}
    return total | {key: max(total.get(key, 0), amount) for key, amount in highest.items()}


def _add(total: dict[str, int], amounts: Amounts) -> None:
    for resource, amount in amounts.items():
        total[resource] = total.get(resource, 0) + amount


def shown(resource: str, amount: int) -> str:
    """An amount for people: `1500m` cpu, memory in Mi when it comes out even."""
    if resource.rpartition(".")[2] == "cpu":
        return f"{amount}m" if amount % 1000 else str(amount // 1000)
    if resource.rpartition(".")[2] in ("memory", "ephemeral-storage") and amount:
        for unit, size in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
            if amount % size == 0:
                return f"{amount // size}{unit}"
    return str(amount)
