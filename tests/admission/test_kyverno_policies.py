"""What else of policies Kyverno refuses, since when, and that no data makes the checks fail."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kyverno_objects import Problems, document, found, of_data, paths, policy

from policylint.admission.kyverno import (
    cleanup,
    conditions,
    exceptions,
    global_context,
    match,
    policy_warnings,
    rule_context,
    rule_types,
    spec,
    variables,
)
from policylint.admission.stored import Stored
from policylint.api import Fix, RemoveKey, YamlPath

MUTATE = """
rules:
- name: one
  match: {any: [{resources: {kinds: [ConfigMap]}}]}
  mutate: {patchStrategicMerge: {metadata: {labels: {a: b}}}}
"""


@pytest.mark.parametrize(("kyverno", "count"), [((1, 10), 0), ((1, 11), 1), (None, 1)])
def test_admission_without_requests_is_for_validation(kyverno: tuple[int, int] | None, count: int) -> None:
    assert paths(spec.problems, policy("admission: false" + MUTATE), kyverno) == ["spec.admission"] * count


@pytest.mark.parametrize(("kyverno", "count"), [((1, 12), 0), ((1, 13), 1), (None, 1)])
def test_the_failure_policy_has_one_place(kyverno: tuple[int, int] | None, count: int) -> None:
    text = policy("failurePolicy: Fail\nwebhookConfiguration: {failurePolicy: Fail}" + MUTATE)

    assert paths(spec.problems, text, kyverno) == ["spec.failurePolicy"] * count


@pytest.mark.parametrize(("old", "safe"), [("Fail", True), ("Ignore", False)])
def test_removing_the_older_place_is_safe_when_both_say_the_same(old: str, safe: bool) -> None:
    text = policy(f"failurePolicy: {old}\nwebhookConfiguration: {{failurePolicy: Fail}}{MUTATE}")
    path = YamlPath.of("spec", "failurePolicy")

    (problem,) = [problem for stored in Stored.of(document(text)) for problem in spec.problems(stored, None)]
    assert problem.fix == Fix("remove spec.failurePolicy", (RemoveKey(path),), safe=safe)


@pytest.mark.parametrize(
    ("overrides", "path"),
    [
        ("[{action: Audit, namespaces: [a]}, {action: Enforce, namespaces: [b, a]}]", "[1].namespaces[1]"),
        ("[{action: Audit, namespaces: ['a*']}, {action: enforce, namespaces: [ab]}]", "[1].namespaces[0]"),
        ("[{action: Enforce, namespaces: [ab]}, {action: audit, namespaces: ['*']}]", "[1].namespaces[0]"),
        ("[{action: Enforce, namespaces: ['a*']}, {action: Audit, namespaces: ['*b']}]", None),
        ("[{action: Audit, namespaces: [a]}, {action: audit, namespaces: [a]}]", None),
    ],
)
def test_overrides(overrides: str, path: str | None) -> None:
    text = policy(f"validationFailureActionOverrides: {overrides}{MUTATE}")
    wanted = [] if path is None else [f"spec.validationFailureActionOverrides{path}"]

    assert paths(spec.problems, text) == wanted


def test_match_conditions_are_compiled() -> None:
    text = policy("webhookConfiguration: {matchConditions: [{name: a, expression: 'objekt.x == 1'}]}" + MUTATE)

    ((path, message),) = found(spec.problems, text)
    assert path == "spec.webhookConfiguration.matchConditions[0].expression"
    assert message.startswith("objekt is not declared here")
    assert paths(spec.problems, text, (1, 11)) == []


def condition(text: str, version: str = "kyverno.io/v1") -> str:
    return policy(
        f"""
        rules:
        - name: one
          match: {{any: [{{resources: {{kinds: [ConfigMap]}}}}]}}
          preconditions: {text}
          validate: {{deny: {{}}}}
        """,
        version=version,
    )


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("{all: [{key: a, operator: equals, value: b}]}", ".all[0].operator", '"equals" is no operator'),
        ("{any: [{key: a, operator: Equals}]}", ".any[0]", "the condition has no value"),
        ("[{value: a}]", "[0]", "the condition has no key and no operator"),
        ("[{all: []}]", "[0].all", "all stands inside a list, where conditions are expected"),
        ("{all: {}}", ".all", "conditions are lists of mappings, here is a mapping"),
        ("[x]", "[0]", "conditions are lists of mappings, here is a string"),
        (
            "[{key: '{{request.operation}}', operator: In, value: [DELETED]}]",
            "[0].value[0]",
            'request.operation is never "DELETED"',
        ),
    ],
)
def test_conditions(text: str, place: str, message: str) -> None:
    assert found(conditions.problems, condition(text)) == [
        (f"spec.rules[0].preconditions{place}", f"{message}: Kyverno refuses this policy")
    ]


def test_operators_are_the_schemas_matter_where_it_knows_them() -> None:
    text = "{all: [{key: a, operator: Is, value: b}]}"

    assert paths(conditions.problems, condition(text, "kyverno.io/v2beta1")) == []
    assert paths(conditions.problems, condition(text), (1, 12)) == []


def test_how_an_operator_is_spelled() -> None:
    stored = next(Stored.of(document(condition("[{key: a, operator: ANYIN, value: b}]"))))

    assert [problem.help for problem in conditions.problems(stored, None)] == ["Write AnyIn."]


def test_warnings_come_once_a_rule() -> None:
    text = policy(
        """
        rules:
        - name: one
          match: {any: [{resources: {kinds: [Deployment]}}]}
          validate: {message: replicas, pattern: {spec: {replicas: 1}, status: {replicas: 1}}}
        - name: two
          match: {any: [{resources: {kinds: ["*/scale", Deployment/status]}}]}
          validate: {message: replicas, pattern: {status: {replicas: 1}}}
        """
    )

    assert paths(policy_warnings.problems, text) == [
        "spec.rules[0].validate.message",
        "spec.rules[0].validate.pattern.status",
    ]


CHECKS: tuple[Problems, ...] = (
    cleanup.problems,
    conditions.problems,
    exceptions.problems,
    global_context.problems,
    match.problems,
    policy_warnings.problems,
    rule_context.problems,
    rule_types.problems,
    spec.problems,
    variables.problems,
)
KEYS = st.sampled_from(
    [
        "spec",
        "rules",
        "name",
        "match",
        "exclude",
        "any",
        "all",
        "resources",
        "kinds",
        "names",
        "namespaces",
        "selector",
        "matchLabels",
        "matchExpressions",
        "key",
        "operator",
        "value",
        "values",
        "subjects",
        "kind",
        "roles",
        "validate",
        "pattern",
        "anyPattern",
        "foreach",
        "list",
        "deny",
        "conditions",
        "preconditions",
        "mutate",
        "targets",
        "patchesJson6902",
        "patchStrategicMerge",
        "generate",
        "verifyImages",
        "attestations",
        "imageReferences",
        "context",
        "variable",
        "jmesPath",
        "configMap",
        "apiCall",
        "imageRegistry",
        "reference",
        "webhookConfiguration",
        "matchConditions",
        "expression",
        "metadata",
        "annotations",
        "labels",
        "schedule",
        "exceptions",
        "policyName",
        "podSecurity",
        "projections",
        "validationFailureActionOverrides",
        "action",
        "imageExtractors",
        "policyRefs",
        "background",
        "admission",
        "mutateExistingOnPolicyUpdate",
        "message",
    ]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "a", "*", "Pod", "{{ x }}", "$(x)", "{{"])
)
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))
RULES = st.lists(st.dictionaries(KEYS, ANYTHING, max_size=6), max_size=3)
KINDS = st.sampled_from(
    [
        ("kyverno.io/v1", "ClusterPolicy"),
        ("kyverno.io/v2beta1", "Policy"),
        ("kyverno.io/v2", "PolicyException"),
        ("policies.kyverno.io/v1", "PolicyException"),
        ("kyverno.io/v2", "CleanupPolicy"),
        ("kyverno.io/v2", "GlobalContextEntry"),
    ]
)


@given(KINDS, ANYTHING, RULES, ANYTHING)
def test_no_data_makes_a_check_fail(kind: tuple[str, str], body: Any, rules: list[Any], metadata: Any) -> None:
    held = {**body, "rules": rules} if isinstance(body, dict) else body
    data = {"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, "spec": held}

    for problems in CHECKS:
        assert all(problem.message and problem.path[0] in data for problem in of_data(problems, data))
