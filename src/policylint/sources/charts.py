"""Which files belong to a Helm chart, and which chart a file stands for."""

from pathlib import Path

from policylint.config import ChartRender
from policylint.paths import is_file

_PART_FOLDERS = ("templates", "charts", "crds", "ci")
_PART_FILES = ("Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json")


def is_chart(folder: Path) -> bool:
    return is_file(folder / "Chart.yaml")


def is_part(chart: Path, path: Path) -> bool:
    """Whether the file or folder `path` in `chart` is read by rendering the chart, and not for itself."""
    first, *rest = path.relative_to(chart).parts
    if first in _PART_FOLDERS:
        return True
    is_values = first.startswith("values") or ".values." in first or first.endswith("-values.yaml")
    return not rest and (first in _PART_FILES or (is_values and first.endswith((".yaml", ".yml", ".json"))))


def is_rendered(inside: Path) -> bool:
    """Whether the file `inside` a chart renders to objects of its own, unlike partial templates, values and notes."""
    parts = inside.parts
    while parts[0] == "charts" and len(parts) > 2:
        parts = parts[2:]
    return parts[0] == "templates" and not inside.name.startswith("_") and inside.name != "NOTES.txt"


def ci_values(chart: Path) -> list[str]:
    """The values files that the chart is tested with, relative to it: `ci/*-values.yaml`, as chart-testing has it
    (helm/chart-testing pkg/chart/chart.go, `ValuesFilePathsForCI`)."""
    return sorted(f"ci/{path.name}" for path in (chart / "ci").glob("*-values.yaml") if is_file(path))


def render_name(render: ChartRender, ci: str) -> str:
    """What findings call a render of a chart: the name it was given, or the values that tell it from others."""
    parts = [render.name or " + ".join(render.values)]
    if render.set and not render.name:
        parts.append(f"set {' '.join(render.set)}")
    parts.append(ci)
    values = ", ".join(part for part in parts if part) or "default values"
    places = [f"release {render.release}"] if render.release and not render.name else []
    places += [f"namespace {render.namespace}"] if render.namespace != "default" and not render.name else []
    return ", ".join((values, *places))


def chart_of(path: Path) -> Path | None:
    """The outermost chart that the file `path` is a part of, or None."""
    for folder in path.parents:
        if is_chart(folder) and is_part(folder, path):
            return _outermost(folder)
    return None


def _outermost(chart: Path) -> Path:
    while chart.parent.name == "charts" and is_chart(chart.parent.parent):
        chart = chart.parent.parent
    return chart
