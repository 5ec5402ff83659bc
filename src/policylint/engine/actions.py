"""What a failure of a rule leads to: a refusal, or only a report.

Source: pkg/engine/api/engineresponse.go `GetValidationFailureAction`, pkg/utils/engine `BlockRequest`, and
pkg/webhooks/resource/mutation for mutations that fail. Unlike there, every rule counts with its own action.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from policylint.engine.policy import Policy
from policylint.engine.response import RuleResponse
from policylint.engine.selectors import LabelSelector
from policylint.engine.wildcard import match
from policylint.model import ROOT
from policylint.views.shape import Shape

Action = Literal["Enforce", "Audit"]

_ACTIONS: Mapping[Any, Action] = {"Enforce": "Enforce", "enforce": "Enforce", "Audit": "Audit", "audit": "Audit"}


def failure_action(policy: Policy, source_rule: int, namespace: str, namespace_labels: Mapping[str, str]) -> Action:
    """The action of the rule with this index in the policy's document, for objects in `namespace`."""
    for action in _declared(policy, source_rule, namespace, namespace_labels):
        return action
    return "Enforce" if policy.enforces else "Audit"


def denies(policy: Policy, response: RuleResponse, namespace: str, namespace_labels: Mapping[str, str]) -> bool:
    """Whether the request is refused because of this verdict."""
    if response.type not in ("validate", "verifyImages", "mutate"):
        return False
    enforces = failure_action(policy, response.source_rule, namespace, namespace_labels) == "Enforce"
    if response.status == "fail":
        return enforces and response.type != "mutate"
    return response.status == "error" and (enforces or response.type == "mutate") and not _ignores_errors(policy)


def _ignores_errors(policy: Policy) -> bool:
    webhook = policy.spec.get("webhookConfiguration")
    own = webhook.get("failurePolicy") if isinstance(webhook, Mapping) else None
    return (own or policy.spec.get("failurePolicy")) == "Ignore"


def _declared(
    policy: Policy, source_rule: int, namespace: str, namespace_labels: Mapping[str, str]
) -> Iterator[Action]:
    rule = policy.rules[source_rule]
    yield from _overridden(rule.validation.get("failureActionOverrides"), namespace, namespace_labels)
    bodies: list[Any] = [rule.validation, *_mappings(rule.data.get("verifyImages"))]
    for body in bodies:
        if body.get("failureAction") in _ACTIONS:
            yield _ACTIONS[body["failureAction"]]
    yield from _overridden(policy.spec.get("validationFailureActionOverrides"), namespace, namespace_labels)


def _overridden(overrides: Any, namespace: str, namespace_labels: Mapping[str, str]) -> Iterator[Action]:
    for override in _mappings(overrides):
        action = _ACTIONS.get(override.get("action"))
        names = override.get("namespaces")
        listed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else None
        selector = override.get("namespaceSelector")
        named = listed is None or any(match(name, namespace) for name in listed)
        selected = _selects(selector, namespace_labels) if selector is not None else listed is not None
        if action is not None and named and selected:
            yield action


def _selects(selector: Any, labels: Mapping[str, str]) -> bool:
    shape = Shape()
    read = LabelSelector.of(shape, selector, ROOT)
    return not shape.problems and read.miss(labels) is None


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
