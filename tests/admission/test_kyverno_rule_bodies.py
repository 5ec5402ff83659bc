"""What the webhook refuses of single rules: messages and places; which lines they mark is the fixtures' matter."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.admission.kyverno import (
    cel_policy,
    deprecated_fields,
    deprecated_operators,
    generate_rule,
    mutate_rule,
    pod_security,
    validate_rule,
    verify_images,
)
from policylint.admission.kyverno.cel_schedule import schedule_defect
from policylint.admission.kyverno.rule_bodies import Version
from policylint.admission.stored import Stored
from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.edits import apply_edits, compile_fix
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.engine.conditions import compare
from policylint.model import Problem

Check = Callable[[Stored, Version], Iterator[Problem]]
CHECKS: tuple[Check, ...] = (
    validate_rule.problems,
    mutate_rule.problems,
    generate_rule.problems,
    verify_images.problems,
    pod_security.problems,
    deprecated_operators.problems,
    lambda stored, kyverno: deprecated_fields.problems(stored.document, kyverno),
)


def document_of(text: str) -> Document:
    (composed,) = compose(text)
    assert isinstance(composed, ComposedDocument)
    return Document(Source("policy.yaml", text), composed.node, composed.base, 0, KUBERNETES, "kubernetes")


def policy(rule: str, kind: str = "ClusterPolicy", version: str = "v1", spec: str = "") -> Document:
    return document_of(
        f"apiVersion: kyverno.io/{version}\nkind: {kind}\nmetadata: {{name: a, namespace: shop}}\nspec:\n"
        f"  {spec}\n  rules:\n  - {rule}\n"
    )


def told(check: Check, document: Document, kyverno: Version = None) -> list[tuple[str, str]]:
    (stored,) = Stored.of(document)
    return [(str(problem.path), problem.message) for problem in check(stored, kyverno)]


R = "spec.rules[0]."


@pytest.mark.parametrize(
    ("check", "rule", "path", "message"),
    [
        (
            validate_rule.problems,
            "validate: {message: a}",
            R + "validate",
            "validate has none of pattern, anyPattern, deny, foreach, podSecurity, cel and manifests:"
            " Kyverno refuses this policy",
        ),
        (
            validate_rule.problems,
            "validate: {pattern: {spec: {+(a): 1}}}",
            R + 'validate.pattern.spec["+(a)"]',
            "+(a): a validate pattern takes no add anchors: Kyverno refuses this policy",
        ),
        (
            validate_rule.problems,
            "validate: {pattern: {metadata: {labels: {size: 3}}}}",
            R + "validate.pattern.metadata.labels.size",
            "labels have string values, size has a number: Kyverno refuses this policy",
        ),
        (
            mutate_rule.problems,
            'mutate: {patchesJson6902: \'[{"op": "add", "path": "a", "value": 1}]\'}',
            R + "mutate.patchesJson6902",
            "operation 1 of the JSON patch has the path 'a', which does not begin with a slash:"
            " Kyverno refuses this policy",
        ),
        (
            generate_rule.problems,
            "generate: {apiVersion: v1, kind: Secret, name: a, data: {}, clone: {name: b}}",
            R + "generate.clone",
            "clone stands beside data, of which generate takes one only: Kyverno refuses this policy",
        ),
        (
            generate_rule.problems,
            "generate: {cloneList: {namespace: a}}",
            R + "generate.cloneList.kinds",
            "cloneList names no kinds, and generate has no apiVersion instead: Kyverno refuses this policy",
        ),
        (
            verify_images.problems,
            "verifyImages: [{imageReferences: ['a*'], attestors: [{count: 2, entries: [{keys: {kms: a}}]}]}]",
            R + "verifyImages[0].attestors[0].count",
            "count is 2, of 1 entry: Kyverno refuses this policy",
        ),
        (
            pod_security.problems,
            "validate: {podSecurity: {level: baseline, exclude: [{controlName: Host Ports}]}}",
            R + "validate.podSecurity.exclude[0].controlName",
            "Host Ports is a control on containers, and its exclusion names no images: Kyverno refuses it",
        ),
    ],
)
def test_what_is_refused_is_told_with_its_place(check: Check, rule: str, path: str, message: str) -> None:
    assert told(check, policy(rule)) == [(path, message)]


@pytest.mark.parametrize(("kyverno", "count"), [((1, 9), 0), ((1, 10), 1), ((1, 13), 1), ((1, 14), 0), (None, 0)])
def test_variables_in_a_clone_are_refused_from_1_10_to_1_13(kyverno: Version, count: int) -> None:
    rule = "generate: {apiVersion: v1, kind: Secret, name: a, namespace: b, clone: {name: '{{ c }}', namespace: d}}"

    assert len(told(generate_rule.problems, policy(rule), kyverno)) == count


@pytest.mark.parametrize(
    ("schedule", "defect"),
    [
        ("0 3 * * *", ""),
        ("*/5 0-23 1,15 JAN-dec 7", ""),
        ("0 0 3 * * *", ""),
        ("@hourly", ""),
        ("0 3 * *", "it has 4 of five fields"),
        ("", "it has 0 of five fields"),
        ("60 3 * * *", "60 is no minute, which is 0 to 59"),
        ("0 3 0 * *", "0 is no day of the month, which is 1 to 31"),
        ("0 3 * * 5-8", "8 is no day of the week, which is 0 to 7"),
        ("0 3 * * $", "$ is no cron field"),
        (
            "@every 1h",
            "it has 2 of five fields",
        ),
    ],
)
def test_a_schedule_is_read_as_cron(schedule: str, defect: str) -> None:
    assert schedule_defect(schedule) == defect


@given(st.tuples(*(st.integers(low, high) for low, high in ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)))))
def test_every_plain_time_is_a_schedule(times: tuple[int, ...]) -> None:
    assert schedule_defect(" ".join(map(str, times))) == ""


def mended(document: Document, problem: Problem) -> str | None:
    assert problem.fix is not None
    compiled = compile_fix(document, problem.fix)
    return None if compiled is None else apply_edits(document.source.text, compiled.edits)


@pytest.mark.parametrize("field", ["failureAction: Audit", "failureActionOverrides: []"])
def test_a_move_is_unsafe_where_a_rule_has_its_own_action(field: str) -> None:
    rule = f"validate: {{{field}, deny: {{}}}}\n  - validate: {{deny: {{}}}}"
    document = policy(rule, spec="validationFailureAction: Enforce")

    (problem,) = deprecated_fields.problems(document, None)

    assert problem.fix is not None
    assert not problem.fix.safe


def test_an_action_without_rules_that_take_it_is_removed() -> None:
    document = policy("mutate: {patchStrategicMerge: {}}", spec="validationFailureAction: Enforce")

    (problem,) = deprecated_fields.problems(document, None)

    assert mended(document, problem) == document.source.text.replace("  validationFailureAction: Enforce\n", "")


def test_an_unknown_action_is_left() -> None:
    document = policy("validate: {deny: {}}", spec="validationFailureAction: Warn")

    (problem,) = deprecated_fields.problems(document, None)

    assert problem.fix is None


TEXTS = st.text("ab-/.", max_size=4)


@given(
    st.sampled_from(["In", "NotIn"]),
    TEXTS | st.integers(-3, 3) | st.lists(TEXTS, max_size=3),
    st.lists(TEXTS, max_size=3),
)
def test_the_new_membership_means_what_the_old_one_meant_of_a_list(operator: str, key: Any, value: list[str]) -> None:
    new = {"In": "AllIn", "NotIn": "AnyNotIn"}[operator]

    assert compare(key, new, value).holds == compare(key, operator, value).holds


@pytest.mark.parametrize(
    ("condition", "fix"),
    [
        ("{key: '{{ request.operation }}', operator: In, value: [CREATE]}", ("write AllIn", True)),
        ("{key: '{{ images }}', operator: In, value: [a]}", ("write AllIn", False)),
        ("{key: a, operator: NotIn, value: [a]}", ("write AnyNotIn", True)),
        ("{key: a, operator: Equal, value: a}", ("write Equals", True)),
        ("{key: a, operator: In, value: '{{ b }}'}", None),
    ],
)
def test_an_operator_is_replaced_safely_where_the_key_is_one_text(condition: str, fix: tuple[str, bool] | None) -> None:
    (stored,) = Stored.of(policy(f"preconditions: [{condition}]"))

    (problem,) = deprecated_operators.problems(stored, None)

    assert (problem.fix and (problem.fix.title, problem.fix.safe)) == fix


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "In", "Notary", "{{ a }}", "^(a)"]),
    lambda values: (
        st.lists(values, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["foreach", "any", "resources", "kinds", "attestors", "entries", "keys", "attestor", "key", "operator"]
            ),
            values,
            max_size=3,
        )
    ),
    max_leaves=12,
)
FIELDS = ("validate", "mutate", "generate", "verifyImages", "match", "preconditions", "celPreconditions", "context")


@given(st.dictionaries(st.sampled_from(FIELDS), GARBAGE), st.sampled_from(["v1", "v2beta1"]))
def test_no_data_makes_a_check_raise(rule: dict[str, Any], version: str) -> None:
    import json

    document = policy(json.dumps(rule), "Policy", version, "validationFailureAction: Audit")
    (stored,) = Stored.of(document)

    for check in CHECKS:
        for problem in check(stored, None):
            assert problem.path[0] == "spec"
            if problem.fix is not None:
                compile_fix(document, problem.fix)


@given(
    st.sampled_from(["ValidatingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "DeletingPolicy"]),
    st.dictionaries(
        st.sampled_from(["matchConstraints", "validations", "mutations", "evaluation", "schedule"]), GARBAGE
    ),
)
def test_no_cel_policy_makes_the_check_raise(kind: str, spec: dict[str, Any]) -> None:
    import json

    data = {"apiVersion": "policies.kyverno.io/v1", "kind": kind, "metadata": {"name": "a"}, "spec": spec}
    (stored,) = Stored.of(document_of(json.dumps(data)))

    for problem in cel_policy.problems(stored, None):
        assert problem.path[0] == "spec"


@pytest.mark.parametrize(
    ("expression", "kyverno", "count"),
    [
        ("http.Get('a')", None, 1),
        ("http.Get('a')", (1, 17), 0),
        ("object.http == 'http.Get'", None, 0),
        ("http.Get(", None, 1),  # no CEL, which is told as that alone
    ],
)
def test_http_is_refused_in_namespaced_policies_since_1_18(expression: str, kyverno: Version, count: int) -> None:
    text = (
        "apiVersion: policies.kyverno.io/v1\nkind: NamespacedValidatingPolicy\nmetadata: {name: a}\nspec:\n"
        "  matchConstraints: {resourceRules: [{}]}\n"
        f'  validations: [{{expression: "{expression}"}}]\n'
    )

    assert len(told(cel_policy.problems, document_of(text), kyverno)) == count
