"""What a failure leads to: actions of rules and policies, overrides by namespace, and errors."""

from collections.abc import Mapping
from typing import Any

import pytest

from policylint.engine.actions import denies, failure_action
from policylint.engine.policy import Policy
from policylint.engine.response import RuleResponse

MATCH = {"any": [{"resources": {"kinds": ["Pod"]}}]}
OVERRIDE = {"action": "Enforce", "namespaces": ["prod-*"]}
BY_LABEL = {"action": "Enforce", "namespaceSelector": {"matchLabels": {"stage": "prod"}}}
BOTH = {**OVERRIDE, **BY_LABEL}


def policy(spec: Mapping[str, Any], **validate: Any) -> Policy:
    rule = {"name": "r", "match": MATCH, "validate": {"deny": {}, **validate}}
    data = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}}
    return Policy.of({**data, "spec": {**spec, "rules": [rule]}})


@pytest.mark.parametrize(
    ("spec", "validate", "namespace", "labels", "expected"),
    [
        ({}, {}, "a", {}, "Audit"),
        ({"validationFailureAction": "enforce"}, {}, "a", {}, "Enforce"),
        ({"validationFailureAction": "Enforce"}, {"failureAction": "Audit"}, "a", {}, "Audit"),
        ({"validationFailureActionOverrides": [OVERRIDE]}, {}, "prod-1", {}, "Enforce"),
        ({"validationFailureActionOverrides": [OVERRIDE]}, {}, "test-1", {}, "Audit"),
        ({"validationFailureActionOverrides": [OVERRIDE]}, {"failureAction": "Audit"}, "prod-1", {}, "Audit"),
        ({}, {"failureAction": "Audit", "failureActionOverrides": [OVERRIDE]}, "prod-1", {}, "Enforce"),
        ({"validationFailureActionOverrides": [BY_LABEL]}, {}, "a", {"stage": "prod"}, "Enforce"),
        ({"validationFailureActionOverrides": [BY_LABEL]}, {}, "a", {}, "Audit"),
        ({"validationFailureActionOverrides": [BOTH]}, {}, "prod-1", {}, "Audit"),
        ({"validationFailureActionOverrides": [BOTH]}, {}, "prod-1", {"stage": "prod"}, "Enforce"),
        ({"validationFailureActionOverrides": [{"action": "Enforce"}]}, {}, "a", {}, "Audit"),
    ],
)
def test_failure_action(
    spec: Mapping[str, Any], validate: Mapping[str, Any], namespace: str, labels: Mapping[str, str], expected: str
) -> None:
    assert failure_action(policy(spec, **validate), 0, namespace, labels) == expected


@pytest.mark.parametrize(
    ("kind", "status", "spec", "expected"),
    [
        ("validate", "fail", {"validationFailureAction": "Enforce"}, True),
        ("validate", "fail", {}, False),
        ("validate", "pass", {"validationFailureAction": "Enforce"}, False),
        ("validate", "skip", {"validationFailureAction": "Enforce"}, False),
        ("validate", "error", {"validationFailureAction": "Enforce"}, True),
        ("validate", "error", {"validationFailureAction": "Enforce", "failurePolicy": "Ignore"}, False),
        (
            "validate",
            "error",
            {"validationFailureAction": "Enforce", "webhookConfiguration": {"failurePolicy": "Ignore"}},
            False,
        ),
        ("mutate", "error", {}, True),
        ("mutate", "fail", {"validationFailureAction": "Enforce"}, False),
        ("generate", "error", {"validationFailureAction": "Enforce"}, False),
    ],
)
def test_denies(kind: Any, status: Any, spec: Mapping[str, Any], expected: bool) -> None:
    assert denies(policy(spec), RuleResponse("r", kind, status, ""), "a", {}) is expected
