"""Label selectors: `matchLabels` with Kyverno's wildcards, and `matchExpressions`.

As kyverno pkg/utils/match/labels.go, pkg/engine/wildcards `ReplaceInSelector`, apimachinery `LabelSelectorAsSelector`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from policylint.engine.wildcard import has_wildcard, match
from policylint.model import YamlPath
from policylint.views.names import is_label_value, is_qualified_name
from policylint.views.shape import Shape

Labels = Mapping[str, Any]


class Requirement(NamedTuple):
    """One of `matchExpressions`."""

    key: str
    operator: str
    values: tuple[str, ...]

    def met_by(self, labels: Labels) -> bool:
        if self.operator == "Exists":
            return self.key in labels
        if self.operator == "DoesNotExist":
            return self.key not in labels
        if self.operator == "In":
            return self.key in labels and labels[self.key] in self.values
        return self.key not in labels or labels[self.key] not in self.values

    def __str__(self) -> str:
        values = f" ({', '.join(self.values)})" if self.values else ""
        return f"{self.key} {self.operator}{values}"


class LabelSelector(NamedTuple):
    """A selector. `problem` says what keeps it from being one; such a selector selects nothing."""

    labels: tuple[tuple[str, str], ...]
    requirements: tuple[Requirement, ...]
    problem: str

    @classmethod
    def of(cls, shape: Shape, data: Any, path: YamlPath) -> Self:
        """The selector in `data`, which is known to be there; wrong types go to `shape`."""
        mapping = shape.mapping(data, path)
        labels = string_items(shape, mapping.get("matchLabels"), path / "matchLabels")
        requirements = tuple(
            Requirement(
                _string(shape, item.get("key"), at / "key"),
                _string(shape, item.get("operator"), at / "operator"),
                strings(shape, item.get("values"), at / "values"),
            )
            for at, item in shape.mappings(mapping.get("matchExpressions"), path / "matchExpressions")
        )
        return cls(labels, requirements, _problem(labels, requirements))

    def miss(self, labels: Labels) -> str | None:
        """Why `labels` are not selected, or None when they are."""
        if self.problem:
            return f"the selector is invalid: {self.problem}"
        for key, value in self.labels:
            if not _has_label(labels, key, value):
                return f"needs the label {key}: {value}"
        missing = next((requirement for requirement in self.requirements if not requirement.met_by(labels)), None)
        return None if missing is None else f"needs {missing}"


def strings(shape: Shape, value: Any, path: YamlPath) -> tuple[str, ...]:
    """A list of strings; other items go to `shape`."""
    items = shape.sequence(value, path)
    return tuple(_string(shape, item, path / index) for index, item in enumerate(items))


def _string(shape: Shape, value: Any, path: YamlPath) -> str:
    if isinstance(value, str):
        return value
    if value is not None:
        shape.wrong(path, "a string", value)
    return ""


def string_items(shape: Shape, value: Any, path: YamlPath) -> tuple[tuple[str, str], ...]:
    """The entries of a mapping of strings; other values go to `shape`."""
    mapping = shape.mapping(value, path)
    return tuple((key, _string(shape, item, path / key)) for key, item in mapping.items())


def _has_label(labels: Labels, key: str, value: str) -> bool:
    if not has_wildcard(key) and not has_wildcard(value):
        return key in labels and labels[key] == value
    return any(match(key, name) and isinstance(text, str) and match(value, text) for name, text in labels.items())


def _problem(labels: tuple[tuple[str, str], ...], requirements: tuple[Requirement, ...]) -> str:
    for key, value in labels:
        if not is_qualified_name(_plain(key)):
            return f'"{key}" cannot be the key of a label'
        if not is_label_value(_plain(value)):
            return f'"{value}" cannot be the value of a label'
    for requirement in requirements:
        problem = _requirement_problem(requirement)
        if problem:
            return problem
    return ""


def _requirement_problem(requirement: Requirement) -> str:
    if requirement.operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        return f'"{requirement.operator}" is not an operator of selectors'
    if not is_qualified_name(requirement.key):
        return f'"{requirement.key}" cannot be the key of a label'
    if (requirement.operator in ("In", "NotIn")) != bool(requirement.values):
        return f"{requirement.operator} takes {'no values' if requirement.values else 'values'}"
    wrong = next((value for value in requirement.values if not is_label_value(value)), None)
    return "" if wrong is None else f'"{wrong}" cannot be the value of a label'


def _plain(text: str) -> str:
    """`text` with its wildcards as upstream leaves them where no label matches."""
    return text.replace("*", "0").replace("?", "0")
