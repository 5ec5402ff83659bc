"""Webhook configurations with the API server's defaults."""

import json
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from policylint.config import Config
from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.lint.load_rules import load_rules
from policylint.lint.rule import RuleContext
from policylint.model import YamlPath
from policylint.views.fields import Field
from policylint.views.webhook import WebhookConfiguration

RULES = [loaded for loaded in load_rules() if loaded.rule.id in ("HOK001", "HOK002")]


def views(text: str) -> list[WebhookConfiguration]:
    composed = next(iter(compose(dedent(text))))
    assert isinstance(composed, ComposedDocument)
    source = Source("a.yaml", dedent(text))
    return list(WebhookConfiguration.of(Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")))


def view(webhook: str, version: str = "v1") -> WebhookConfiguration:
    head = f"apiVersion: admissionregistration.k8s.io/{version}, kind: MutatingWebhookConfiguration"
    (found,) = views(f"{{{head}, webhooks: [{webhook}]}}")
    return found


def test_defaults_of_v1() -> None:
    (webhook,) = view("{name: a.example.com}").webhooks
    base = YamlPath.of("webhooks", 0)
    assert webhook.name == "a.example.com"
    assert webhook.timeout_seconds == Field(10, base / "timeoutSeconds", explicit=False)
    assert webhook.failure_policy == Field("Fail", base / "failurePolicy", explicit=False)
    assert webhook.match_policy == Field("Equivalent", base / "matchPolicy", explicit=False)
    assert webhook.side_effects == Field("", base / "sideEffects", explicit=False)
    assert webhook.admission_review_versions == ()


def test_defaults_of_v1beta1() -> None:
    (webhook,) = view("{}", "v1beta1").webhooks
    assert (webhook.timeout_seconds.value, webhook.default_timeout) == (30, 30)
    assert (webhook.failure_policy.value, webhook.match_policy.value) == ("Ignore", "Exact")
    assert webhook.side_effects.value == "Unknown"


def test_what_is_written_is_explicit() -> None:
    (webhook,) = view(
        "{timeoutSeconds: 5, failurePolicy: Ignore, sideEffects: None, admissionReviewVersions: [v1]}"
    ).webhooks
    assert webhook.timeout_seconds[::2] == (5, True)
    assert webhook.failure_policy[::2] == ("Ignore", True)
    assert webhook.side_effects[::2] == ("None", True)
    assert webhook.admission_review_versions == ("v1",)


def test_a_timeout_that_is_no_integer_has_no_value_and_is_no_shape_problem() -> None:
    for written in ("'10'", "true", "2.5", "[1]"):
        found = view(f"{{timeoutSeconds: {written}}}")
        assert found.webhooks[0].timeout_seconds[::2] == (None, True)
        assert found.shape_problems == ()


def test_wrong_shapes_are_noted() -> None:
    found = view("text, {name: [a], admissionReviewVersions: v1}")
    assert {problem.message for problem in found.shape_problems} == {
        "webhooks[0] takes a mapping, but is a string",
        "webhooks[1].name takes a string, but is a list",
        "webhooks[1].admissionReviewVersions takes a list, but is a string",
    }
    assert len(found.webhooks) == 2


def test_other_documents_have_no_view() -> None:
    assert views("{apiVersion: v1, kind: Pod}") == []
    assert views("{apiVersion: example.com/v1, kind: ValidatingWebhookConfiguration}") == []
    assert views("[]") == []


garbage = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 40) | st.text("a1 é", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "timeoutSeconds", "sideEffects", "failurePolicy"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@given(garbage)
def test_any_data_has_a_view_and_the_rules_judge_it(data: object) -> None:
    text = json.dumps(
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "webhooks": data}
    )
    (found,) = views(text)
    assert len(found.webhooks) == (len(data) if isinstance(data, list) else 0)
    for loaded in RULES:
        assert loaded.check is not None
        for view_ in loaded.rule.judges.of(found.document):
            for problem in loaded.check(view_, RuleContext(Config(), {})):
                assert problem.path[0] == "webhooks"
                assert problem.message
