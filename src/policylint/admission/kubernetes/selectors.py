"""Label selectors that the API server refuses (apimachinery pkg/apis/meta/v1/validation/validation.go)."""

from collections.abc import Iterator

from policylint.model import Problem, YamlPath
from policylint.views import fields
from policylint.views.names import is_label_value, is_qualified_name
from policylint.views.shape import Shape

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_REFUSED = "the API server refuses this selector"


def problems(shape: Shape, selector: object, path: YamlPath) -> Iterator[Problem]:
    """What is wrong with the selector at `path`; nothing for one that is absent."""
    mapping = shape.mapping(selector, path)
    labels = path / "matchLabels"
    for key, value in shape.mapping(mapping.get("matchLabels"), labels).items():
        if not is_qualified_name(str(key)):
            yield Problem(labels / key, f"{key!r} is no label key: {_REFUSED}", at="key")
        text = shape.string(value, labels / key)
        if text is not None and not is_label_value(text):
            yield Problem(labels / key, f"{value!r} is no value that a label can have: {_REFUSED}")
    for here, expression in shape.mappings(mapping.get("matchExpressions"), path / "matchExpressions"):
        operator = fields.text(shape, expression, here, "operator")
        values = shape.sequence(expression.get("values"), here / "values")
        key = fields.text(shape, expression, here, "key")
        if operator not in _OPERATORS:
            yield Problem(here / "operator", f"operator {operator!r}: {_REFUSED}", f"use {' or '.join(_OPERATORS)}")
        elif operator in ("In", "NotIn") and not values:
            yield Problem(here, f"{operator} needs at least one value: {_REFUSED}", at="key")
        elif operator in ("Exists", "DoesNotExist") and values:
            yield Problem(here / "values", f"{operator} takes no values: {_REFUSED}", "remove them", at="key")
        if not is_qualified_name(key):
            yield Problem(here / "key", f"{key!r} is no label key: {_REFUSED}")
