"""A job's matrix, expanded to the combinations that GitHub runs.

Semantics: GitHub's workflow syntax reference, `jobs.<job_id>.strategy.matrix` and its `include` and `exclude`.
"""

import itertools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.model import YamlPath
from policylint.views.expression_values import Known, Outcome, Unknown, same
from policylint.views.shape import Shape

# GitHub runs at most 256 jobs of a matrix; the cross product may be larger before `exclude`.
MAX_COMBINATIONS = 4096


class Cell(NamedTuple):
    """A value of the matrix and where it stands."""

    value: Any
    path: YamlPath


class Combination(NamedTuple):
    """The matrix of one job that GitHub runs. With `open`, it may hold more than the file says."""

    cells: Mapping[str, Cell]
    open: str = ""

    def lookup(self, keys: tuple[str | int, ...]) -> Outcome:
        """The value of `matrix` at keys; what is absent is null, unless only a run knows."""
        if not keys:
            return Unknown("matrix")
        name = str(keys[0]).casefold()
        found = next((cell for key, cell in self.cells.items() if key.casefold() == name), None)
        if found is None:
            return Unknown(self.open) if self.open else Known(None)
        value, path = found
        for key in keys[1:]:
            value, path = _below(value, path, key)
        computed = _computed(value)
        return Unknown(computed) if computed else Known(value, (path,))


def expand(matrix: Any, path: YamlPath, shape: Shape) -> tuple[Combination, ...]:
    """The combinations of a `strategy.matrix`; a single empty one for a job that has none."""
    if matrix is None:
        return (Combination({}),)
    if isinstance(matrix, str):
        return (Combination({}, open=_computed(matrix) or matrix),)
    fields = shape.mapping(matrix, path)
    dimensions = {name: value for name, value in fields.items() if name not in ("include", "exclude")}
    originals = _crossed(dimensions, path, shape)
    if originals is None:
        return (Combination({}, open=f"a matrix of more than {MAX_COMBINATIONS} combinations"),)
    excludes = _rows(fields.get("exclude"), path / "exclude", shape)
    originals = [cells for cells in originals if not any(_excluded(cells, row) for row in excludes)]
    combinations = _with_includes(originals, _rows(fields.get("include"), path / "include", shape))
    include = fields.get("include")
    if isinstance(include, str):
        combinations.append(Combination({}, open=_computed(include) or include))
    return tuple(combinations)


def _crossed(dimensions: Mapping[str, Any], path: YamlPath, shape: Shape) -> list[dict[str, Cell]] | None:
    axes: list[list[tuple[str, Cell]]] = []
    for name, value in dimensions.items():
        here = path / name
        if _computed(value):
            axes.append([(name, Cell(value, here))])
        else:
            axes.append([(name, Cell(item, here / i)) for i, item in enumerate(shape.sequence(value, here))])
    if not axes:
        return []
    if math.prod(len(axis) for axis in axes) > MAX_COMBINATIONS:
        return None
    return [dict(cells) for cells in itertools.product(*axes)]


def _rows(value: Any, path: YamlPath, shape: Shape) -> list[dict[str, Cell]]:
    if isinstance(value, str):
        return []
    return [
        {name: Cell(item, where / name) for name, item in row.items()} for where, row in shape.mappings(value, path)
    ]


def _excluded(cells: Mapping[str, Cell], row: Mapping[str, Cell]) -> bool:
    return bool(row) and all(name in cells and _covers(cells[name].value, cell.value) for name, cell in row.items())


def _covers(value: Any, pattern: Any) -> bool:
    """Whether `exclude` means `value` by `pattern`: a mapping need only hold the pattern's entries."""
    if isinstance(value, dict) and isinstance(pattern, dict):
        return all(key in value and _covers(value[key], part) for key, part in pattern.items())
    if isinstance(value, list) and isinstance(pattern, list):
        return len(value) == len(pattern) and all(map(_covers, value, pattern))
    if isinstance(value, list | dict) or isinstance(pattern, list | dict) or _computed(value) or _computed(pattern):
        return False
    return same(value, pattern)


def _with_includes(originals: list[dict[str, Cell]], includes: list[dict[str, Cell]]) -> list[Combination]:
    """A row of `include` joins every original combination whose values it keeps; else it is a combination itself."""
    extended = [dict(cells) for cells in originals]
    added: list[dict[str, Cell]] = []
    for row in includes:
        fitting = [
            index
            for index, cells in enumerate(originals)
            if all(_covers(cells[name].value, cell.value) for name, cell in row.items() if name in cells)
        ]
        for index in fitting:
            extended[index].update({name: cell for name, cell in row.items() if name not in originals[index]})
        if not fitting:
            added.append(row)
    return [Combination(cells) for cells in (*extended, *added)]


def _below(value: Any, path: YamlPath, key: str | int) -> tuple[Any, YamlPath]:
    if isinstance(value, dict):
        name = next((name for name in value if str(name).casefold() == str(key).casefold()), None)
        return (None, path) if name is None else (value[name], path / name)
    if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
        return value[key], path / key
    return (value, path) if _computed(value) else (None, path)


def _computed(value: Any) -> str:
    """The expression that a value holds, for people; empty when it holds none."""
    if not isinstance(value, str) or "${{" not in value:
        return ""
    return value if len(value) <= 60 else f"{value[:57]}..."
