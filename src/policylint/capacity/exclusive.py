"""What keeps pods off nodes that have room: pods that exclude each other, and other rules of placement."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.capacity.demand import Demand
from policylint.model import YamlPath
from policylint.views.label_selector import selects
from policylint.views.shape import Shape

HOSTNAME = "kubernetes.io/hostname"
_REVISION = "pod-template-hash"
_TERMS = "requiredDuringSchedulingIgnoredDuringExecution"
_HERE = YamlPath()

Ports = frozenset[tuple[str, str, int]]


class Exclusion(NamedTuple):
    """At most `most` pods of a workload for each value of the node label `topology`.

    `across` says that old and new pods count together. `path` is what says so, and `text` says it in words.
    """

    topology: str
    most: int
    across: bool
    path: YamlPath
    text: str


class Spread(NamedTuple):
    """The node label over which pods must be spread. When it is `plain`, and pods may use every domain that counts,
    nothing but room can keep one from the emptiest domain."""

    topology: str
    plain: bool

    @property
    def reason(self) -> str:
        return f"it must be spread evenly over {self.topology}"


class Placement(NamedTuple):
    """A workload's own exclusions, `reasons` why a node with room may still not be fit, and how it must be spread."""

    exclusions: tuple[Exclusion, ...]
    reasons: tuple[str, ...]
    spread: tuple[Spread, ...] = ()


def host_ports(pod: Mapping[str, Any], pod_path: YamlPath) -> Iterator[tuple[YamlPath, tuple[str, str, int]]]:
    """The ports of the node that a pod binds: address (empty for all), protocol and number.

    With the node's network, all of its container ports, as SetDefaults_PodSpec in pkg/apis/core/v1/defaults.go.
    """
    shape, shared = Shape(), pod.get("hostNetwork") is True
    for kind in ("initContainers", "containers"):
        for path, container in shape.mappings(pod.get(kind), pod_path / kind):
            if kind == "initContainers" and container.get("restartPolicy") != "Always":
                continue
            for where, port in shape.mappings(container.get("ports"), path / "ports"):
                number = port.get("hostPort") or (port.get("containerPort") if shared else None)
                if isinstance(number, int) and not isinstance(number, bool) and number > 0:
                    yield where, (str(port.get("hostIP") or ""), str(port.get("protocol") or "TCP"), number)


def pod_labels(demand: Demand) -> Mapping[str, Any]:
    shape = Shape()
    metadata = shape.mapping(demand.workload.template.get("metadata"), _HERE)
    return shape.mapping(metadata.get("labels"), _HERE)


class Neighbours:
    """The workloads of a release, so that each can be asked what keeps it from a node."""

    def __init__(self, demands: Sequence[Demand]) -> None:
        self._by_port: dict[tuple[str, int], set[int]] = {}
        self._repelling: dict[tuple[str, str] | None, list[tuple[int, Mapping[str, Any]]]] = {}
        for index, demand in enumerate(demands):
            for _, (_, protocol, number) in host_ports(demand.workload.pod, _HERE):
                self._by_port.setdefault((protocol, number), set()).add(index)
            for _, term in _terms(demand, "podAntiAffinity"):
                key = _first_label(term)
                self._repelling.setdefault(key, []).append((index, term))

    def placement(self, index: int, demand: Demand) -> Placement:
        """What restricts the pods of `demand`, the workload number `index`."""
        labels = pod_labels(demand)
        exclusions: list[Exclusion] = []
        reasons: list[str] = []
        for path, (_, protocol, number) in host_ports(demand.workload.pod, demand.workload.pod_path):
            exclusions.append(Exclusion(HOSTNAME, 1, True, path, f"each binds port {number}/{protocol} of its node"))
            if self._by_port.get((protocol, number), set()) - {index}:
                reasons.append(f"others of the release bind port {number}/{protocol} too")
        for path, term in _terms(demand, "podAntiAffinity"):
            own = _own(term, labels, demand.namespace)
            if own:
                topology = str(term.get("topologyKey"))
                across = _REVISION not in (term.get("matchLabelKeys") or ())
                text = f"each keeps the others off its {topology} (required anti-affinity)"
                exclusions.append(Exclusion(topology, 1, across, path, text))
            else:
                reasons.append("its anti-affinity keeps it away from other pods")
        reasons += ["it must run beside other pods (pod affinity)" for _ in _terms(demand, "podAffinity")][:1]
        if self._repelled(index, labels):
            reasons.append("the anti-affinity of others keeps it off their nodes")
        pod = demand.workload.pod
        reasons += [f"{key} is set" for key in ("schedulingGates", "resourceClaims") if pod.get(key)]
        scheduler = pod.get("schedulerName") or "default-scheduler"
        if scheduler != "default-scheduler":
            reasons.append(f"{scheduler} places it")
        return Placement(tuple(exclusions), tuple(dict.fromkeys(reasons)), tuple(_spread(demand)))

    def _repelled(self, index: int, labels: Mapping[str, Any]) -> bool:
        keys: list[tuple[str, str] | None] = [None, *((key, str(value)) for key, value in labels.items())]
        return any(
            other != index and selects(term.get("labelSelector"), labels) is not False
            for key in keys
            for other, term in self._repelling.get(key, ())
        )


def _terms(demand: Demand, kind: str) -> Iterator[tuple[YamlPath, Mapping[str, Any]]]:
    shape = Shape()
    affinity = shape.mapping(shape.mapping(demand.workload.pod.get("affinity"), _HERE).get(kind), _HERE)
    path = demand.workload.pod_path / "affinity" / kind / _TERMS
    yield from shape.mappings(affinity.get(_TERMS), path)


def _own(term: Mapping[str, Any], labels: Mapping[str, Any], namespace: str) -> bool:
    """Whether a term surely selects the workload's own pods."""
    if term.get("mismatchLabelKeys") or term.get("namespaceSelector") is not None:
        return False
    namespaces = term.get("namespaces")
    if isinstance(namespaces, list) and namespaces and namespace not in namespaces:
        return False
    return selects(term.get("labelSelector"), labels) is True


def _first_label(term: Mapping[str, Any]) -> tuple[str, str] | None:
    shape = Shape()
    wanted = shape.mapping(shape.mapping(term.get("labelSelector"), _HERE).get("matchLabels"), _HERE)
    return next(((key, str(value)) for key, value in wanted.items()), None)


def _spread(demand: Demand) -> Iterator[Spread]:
    """The hard constraints. A pod may always join the domain with the fewest (maxSkew is 1 at least), as in Filter of
    pkg/scheduler/framework/plugins/podtopologyspread; with several constraints that may be another for each."""
    shape = Shape()
    constraints = shape.mappings(demand.workload.pod.get("topologySpreadConstraints"), _HERE)
    hard = [item for _, item in constraints if (item.get("whenUnsatisfiable") or "DoNotSchedule") == "DoNotSchedule"]
    for item in hard:
        usual = item.get("minDomains") is None and (item.get("nodeAffinityPolicy") or "Honor") == "Honor"
        yield Spread(str(item.get("topologyKey")), len(hard) == 1 and usual)
