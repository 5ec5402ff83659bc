"""Label selectors as the API machinery reads them."""

from collections.abc import Mapping
from typing import Any

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def selects(selector: object, labels: Mapping[str, Any]) -> bool | None:
    """Whether `selector` (`matchLabels`, `matchExpressions`) matches `labels`; None when it is no valid selector.

    As LabelSelectorAsSelector in apimachinery pkg/apis/meta/v1/helpers.go: an empty selector matches everything, an
    absent one nothing.
    """
    if selector is None:
        return False
    if not isinstance(selector, dict):
        return None
    wanted, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not isinstance(wanted, dict) or not isinstance(expressions, list):
        return None
    answers = [_meets(expression, labels) for expression in expressions]
    if None in answers:
        return None
    return all(labels.get(key) == value for key, value in wanted.items()) and all(answers)


def _meets(expression: object, labels: Mapping[str, Any]) -> bool | None:
    if not isinstance(expression, dict):
        return None
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values") or []
    if not isinstance(key, str) or operator not in _OPERATORS or not isinstance(values, list):
        return None
    if operator in ("In", "NotIn"):
        if not values:
            return None
        held = key in labels and labels[key] in values
        return held is (operator == "In")
    return (key in labels) is (operator == "Exists")
