"""Whether a pod may run on the nodes of a pool, as far as the configuration lets one know."""

from collections.abc import Mapping, Sequence
from typing import Any

from policylint.model import YamlPath
from policylint.views.shape import Shape

_HERE = YamlPath()
_REPELLING = ("NoSchedule", "NoExecute")


def may_run(pod: Mapping[str, Any], labels: Mapping[str, str], taints: Sequence[Mapping[str, str]]) -> bool | None:
    """Whether the scheduler may place a pod with this spec on nodes with these labels and taints.

    A pool declares the labels that its owner thought of: a label that it does not declare may still be there, so None
    (unknown) is the answer where one decides. Taints count as declared in full.
    """
    shape = Shape()
    if not _tolerates(shape.mappings(pod.get("tolerations"), _HERE), taints):
        return False
    selector = shape.mapping(pod.get("nodeSelector"), _HERE)
    answers = [_is(labels, key, (value,)) for key, value in selector.items()]
    affinity = shape.mapping(shape.mapping(pod.get("affinity"), _HERE).get("nodeAffinity"), _HERE)
    required = shape.mapping(affinity.get("requiredDuringSchedulingIgnoredDuringExecution"), _HERE)
    terms = shape.mappings(required.get("nodeSelectorTerms"), _HERE)
    if terms:
        answers.append(_any([_term(term, labels, shape) for _, term in terms]))
    if pod.get("nodeName") is not None:
        answers.append(None)
    return _all(answers)


def _tolerates(tolerations: Sequence[tuple[YamlPath, Mapping[str, Any]]], taints: Sequence[Mapping[str, str]]) -> bool:
    repelling = [taint for taint in taints if taint.get("effect", "NoSchedule") in _REPELLING]
    return all(any(_matches(toleration, taint) for _, toleration in tolerations) for taint in repelling)


def _matches(toleration: Mapping[str, Any], taint: Mapping[str, str]) -> bool:
    """As ToleratesTaint in k8s.io/component-helpers; an operator that is not known here tolerates."""
    if toleration.get("effect") and toleration["effect"] != taint.get("effect", "NoSchedule"):
        return False
    if toleration.get("key") and toleration["key"] != taint.get("key"):
        return False
    if (toleration.get("operator") or "Equal") != "Equal":
        return True
    return bool(toleration.get("key")) and (toleration.get("value") or "") == (taint.get("value") or "")


def _term(term: Mapping[str, Any], labels: Mapping[str, str], shape: Shape) -> bool | None:
    answers: list[bool | None] = [None] if term.get("matchFields") else []
    for _, expression in shape.mappings(term.get("matchExpressions"), _HERE):
        key, values = expression.get("key"), shape.sequence(expression.get("values"), _HERE)
        answers.append(_expression(labels, key, expression.get("operator"), values))
    return _all(answers)


def _expression(labels: Mapping[str, str], key: object, operator: object, values: Sequence[Any]) -> bool | None:
    if not isinstance(key, str) or key not in labels:
        return None
    if operator == "In":
        return _is(labels, key, values)
    if operator == "NotIn":
        return not _is(labels, key, values)
    return {"Exists": True, "DoesNotExist": False}.get(str(operator))


def _is(labels: Mapping[str, str], key: str, values: Sequence[Any]) -> bool | None:
    return labels[key] in values if key in labels else None


def _all(answers: Sequence[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: Sequence[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False
