"""How a Deployment, DaemonSet or StatefulSet replaces its pods, as the API server would store it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.model import YamlPath
from policylint.views.quantities import IntOrPercent
from policylint.views.shape import Shape, ShapeProblem

_QUARTER = IntOrPercent(25, percent=True)


class Strategy(NamedTuple):
    """An update strategy with its defaults; `path` is where it stands or would stand.

    `type` is empty for kinds whose strategy is not read. Counts that do not apply are None; so are those that the API
    server refuses, which `problems` then names.
    """

    type: str
    path: YamlPath
    max_surge: IntOrPercent | None = None
    max_unavailable: IntOrPercent | None = None
    partition: int = 0
    problems: tuple[ShapeProblem, ...] = ()


def read_strategy(group: str, version: str, kind: str, spec: Mapping[str, Any], shape: Shape) -> Strategy:
    """The strategy in an object's `spec`, with the defaults of pkg/apis/<group>/<version>/defaults.go in Kubernetes."""
    if kind == "Deployment":
        # extensions/v1beta1 is older than the 25% of the apps versions
        count = IntOrPercent(1) if group == "extensions" else _QUARTER
        reader = _Reader(spec, "strategy", shape)
        return reader.read("RollingUpdate", {"maxSurge": (count, False), "maxUnavailable": (count, True)})
    reader = _Reader(spec, "updateStrategy", shape)
    if kind == "DaemonSet":
        default = "OnDelete" if group == "extensions" else "RollingUpdate"
        return reader.read(default, {"maxSurge": (IntOrPercent(0), True), "maxUnavailable": (IntOrPercent(1), True)})
    if kind == "StatefulSet":
        default = "OnDelete" if version == "v1beta1" else "RollingUpdate"
        return reader.read(default, {"maxUnavailable": (IntOrPercent(1), True)})
    return Strategy("", YamlPath.of("spec"))


class _Reader:
    def __init__(self, spec: Mapping[str, Any], key: str, shape: Shape) -> None:
        self._shape = shape
        self._path = YamlPath.of("spec", key)
        self._data = shape.mapping(spec.get(key), self._path)
        self._problems: list[ShapeProblem] = []

    def read(self, default: str, counts: Mapping[str, tuple[IntOrPercent, bool]]) -> Strategy:
        """`counts` gives each count's default, and whether it may not exceed 100%."""
        kind = self._shape.string(self._data.get("type"), self._path / "type") or default
        if kind != "RollingUpdate":
            return Strategy(kind, self._path)
        where = self._path / "rollingUpdate"
        rolling = self._shape.mapping(self._data.get("rollingUpdate"), where)
        read = {key: self._count(rolling.get(key), where / key, *rest) for key, rest in counts.items()}
        partition = self._shape.integer(rolling.get("partition"), where / "partition") or 0
        problems = tuple(self._problems)
        return Strategy(kind, self._path, read.get("maxSurge"), read["maxUnavailable"], partition, problems)

    def _count(self, raw: object, path: YamlPath, default: IntOrPercent, limited: bool) -> IntOrPercent | None:
        if raw is None:
            return default
        try:
            return IntOrPercent.parse(raw, at_most_100_percent=limited)
        except ValueError as error:
            self._problems.append(ShapeProblem(path, f"{path}: {error}"))
            return None
