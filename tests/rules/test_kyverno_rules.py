"""What the KYV rules say and how they mend it; which lines they mark is the fixtures' matter."""

import importlib.util
import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.api import Document, Fix, Problem, RemoveKey, RuleContext, SetValue, YamlPath
from policylint.config import Config
from policylint.document.compose import ComposedDocument, compose
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source

RULES = Path(__file__).parents[2] / "rules" / "kyverno"
IDS = ("KYV001", "KYV002", "KYV003", "KYV004", "KYV005")


def load(rule_id: str) -> Any:
    (path,) = RULES.glob(f"{rule_id}-*.py")
    spec = importlib.util.spec_from_file_location(f"rule_{rule_id}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULES = {rule_id: load(rule_id) for rule_id in IDS}


def run(rule_id: str, text: str, kyverno: str = "", **options: Any) -> list[Problem]:
    source = Source("policy.yaml", text)
    (composed,) = compose(source.text)
    assert isinstance(composed, ComposedDocument)
    document = Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")
    module = MODULES[rule_id]
    defaults = {name: option.default for name, option in module.RULE.options.items()}
    context = RuleContext(Config(kyverno_version=kyverno), {**defaults, **options})
    return [problem for view in module.RULE.judges.of(document) for problem in module.check(view, context)]


def policy(spec: str, kind: str = "ClusterPolicy") -> str:
    group = "kyverno.io" if kind == "ClusterPolicy" else "policies.kyverno.io"
    return f"apiVersion: {group}/v1\nkind: {kind}\nspec:\n" + "".join(
        f"  {line}\n" for line in dedent(spec).splitlines()
    )


def at(text: str) -> YamlPath:
    return YamlPath.parse(text)


def only(problems: list[Problem]) -> Problem:
    (problem,) = problems
    return problem


VERIFY = "rules: [{verifyImages: [{imageReferences: ['registry.example.com/*']}]}]\n"
DIGEST = "spec.rules[0].verifyImages[0].mutateDigest"


@pytest.mark.parametrize(
    ("spec", "said", "place"),
    [
        (
            VERIFY,
            (
                "mutateDigest is omitted, so true, while the failure action is Audit"
                " (spec.validationFailureAction is omitted, so Audit): Kyverno refuses this policy"
            ),
            "spec.validationFailureAction",
        ),
        (
            "validationFailureAction: audit\nrules: [{verifyImages: [{mutateDigest: true}]}]\n",
            (
                "mutateDigest is true, while the failure action is Audit"
                " (spec.validationFailureAction sets it): Kyverno refuses this policy"
            ),
            "spec.validationFailureAction",
        ),
        (
            "validationFailureAction: Enforce\nrules: [{verifyImages: [{failureAction: Audit}]}]\n",
            (
                "mutateDigest is omitted, so true, while the failure action is Audit"
                " (spec.rules[0].verifyImages[0].failureAction sets it): Kyverno refuses this policy"
            ),
            "spec.rules[0].verifyImages[0].failureAction",
        ),
    ],
)
def test_mutate_digest_names_what_was_omitted_and_where_audit_comes_from(spec: str, said: str, place: str) -> None:
    problem = only(run("KYV001", policy(spec)))

    assert problem.message == said
    assert problem.path == at(DIGEST)
    assert [related.path for related in problem.related] == [at(place)]
    assert problem.fix == Fix("set mutateDigest: false", (SetValue(at(DIGEST), False),), safe=True)


def test_mutate_digest_points_to_the_earlier_entry() -> None:
    problem = only(run("KYV001", policy("rules: [{verifyImages: [{failureAction: Audit, mutateDigest: false}, {}]}]")))

    assert problem.path == at("spec.rules[0].verifyImages[1].mutateDigest")
    assert problem.related[0].path == at("spec.rules[0].verifyImages[0].failureAction")
    assert "set by an earlier entry of this rule" in problem.message


@pytest.mark.parametrize(("version", "found"), [("1.9", 0), ("v1.9.5", 0), ("1.10", 1), ("1.19.0-rc.1", 1), ("", 1)])
def test_mutate_digest_is_refused_since_one_ten(version: str, found: int) -> None:
    assert len(run("KYV001", policy(VERIFY), version)) == found


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("", "spec.webhookConfiguration.timeoutSeconds"),
        ("1.13", "spec.webhookConfiguration.timeoutSeconds"),
        ("1.12.6", "spec.webhookTimeoutSeconds"),
    ],
)
def test_a_missing_timeout_is_set_where_that_version_has_it(version: str, path: str) -> None:
    problem = only(run("KYV002", policy(VERIFY), version))

    assert problem.path == at(path)
    assert problem.message == (
        "this policy calls a registry during admission and sets no timeout: it gets the default of 10 s"
    )
    assert problem.fix is not None
    assert problem.fix.operations == (SetValue(at(path), 30),)


def test_a_missing_timeout_is_found_once_and_names_everything_that_is_called() -> None:
    spec = """\
        validationFailureAction: Enforce
        rules:
        - verifyImages: [{}, {}]
        - validate: {deny: {}}
          context: [{apiCall: {service: {url: "https://a.example.com"}}}]
        """
    problem = only(run("KYV002", policy(spec)))

    assert "calls a registry and another service during admission" in problem.message
    assert [(str(related.path), related.message) for related in problem.related] == [
        ("spec.rules[0].verifyImages[0]", "calls a registry"),
        ("spec.rules[0].verifyImages[1]", "calls a registry"),
        ("spec.rules[1].context[0].apiCall", "calls another service"),
    ]


@pytest.mark.parametrize("value", [31, 60, 2**40])
def test_a_timeout_that_is_too_long_becomes_the_longest(value: int) -> None:
    problem = only(run("KYV003", policy(f"webhookTimeoutSeconds: {value}")))

    assert problem.message == f"the webhook timeout is {value} s, but must be 1 to 30 s"
    assert problem.fix == Fix(
        "set spec.webhookTimeoutSeconds: 30", (SetValue(at("spec.webhookTimeoutSeconds"), 30),), safe=False
    )


@pytest.mark.parametrize("value", [0, -1, -(2**40)])
def test_a_timeout_that_is_too_short_has_no_obvious_fix(value: int) -> None:
    assert only(run("KYV003", policy(f"webhookConfiguration: {{timeoutSeconds: {value}}}"))).fix is None


@given(
    st.integers(1, 30), st.sampled_from(["webhookTimeoutSeconds: {}", "webhookConfiguration: {{timeoutSeconds: {}}}"])
)
def test_a_timeout_in_range_is_silent(value: int, spec: str) -> None:
    assert run("KYV003", policy(spec.format(value))) == []


@pytest.mark.parametrize(("old", "safe"), [(20, True), (10, False)])
def test_a_timeout_set_twice_loses_the_deprecated_field(old: int, safe: bool) -> None:
    problem = only(
        run("KYV003", policy(f"{{webhookTimeoutSeconds: {old}, webhookConfiguration: {{timeoutSeconds: 20}}}}"))
    )

    assert problem.message == (
        "spec.webhookTimeoutSeconds and spec.webhookConfiguration.timeoutSeconds are both set:"
        " Kyverno refuses this policy"
    )
    assert problem.fix == Fix(
        "remove spec.webhookTimeoutSeconds", (RemoveKey(at("spec.webhookTimeoutSeconds")),), safe=safe
    )


@given(st.integers(-5, 40), st.integers(1, 30))
def test_a_timeout_has_no_effect_exactly_below_the_floor(value: int, floor: int) -> None:
    problems = run("KYV004", policy(f"webhookTimeoutSeconds: {value}"), **{"default-timeout": floor})

    assert len(problems) == (1 if 1 <= value < floor else 0)


@pytest.mark.parametrize(
    ("spec", "removed"),
    [
        ("webhookTimeoutSeconds: 5", "spec.webhookTimeoutSeconds"),
        ("webhookConfiguration: {timeoutSeconds: 5}", "spec.webhookConfiguration"),
        ("webhookConfiguration: {timeoutSeconds: 5, failurePolicy: Fail}", "spec.webhookConfiguration.timeoutSeconds"),
    ],
)
def test_a_timeout_without_effect_is_removed_with_what_it_leaves_empty(spec: str, removed: str) -> None:
    problem = only(run("KYV004", policy(spec)))

    assert problem.message == (
        "a timeout of 5 s has no effect: webhooks of ClusterPolicies and Policies wait at least 10 s"
    )
    assert problem.fix is not None
    assert problem.fix.operations == (RemoveKey(at(removed)),)


@pytest.mark.parametrize(
    ("text", "version", "path", "said"),
    [
        (policy(VERIFY), "", "spec.webhookConfiguration.failurePolicy", "is omitted, so Fail"),
        (policy(VERIFY), "1.12", "spec.failurePolicy", "is omitted, so Fail"),
        (policy(VERIFY + "failurePolicy: Fail\n"), "", "spec.failurePolicy", "is Fail"),
        (
            policy("validationActions: [Audit]", "ImageValidatingPolicy"),
            "",
            "spec.failurePolicy",
            "is omitted, so Fail",
        ),
    ],
)
def test_an_audit_that_blocks_says_which_field_decides(text: str, version: str, path: str, said: str) -> None:
    problem = only(run("KYV005", text, version))

    assert problem.path == at(path)
    assert f"its failurePolicy {said}: when what it calls times out" in problem.message
    assert problem.fix == Fix(f"set {path}: Ignore", (SetValue(at(path), "Ignore"),), safe="omitted" in said)


GARBAGE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text("aZ0:", max_size=3)
    | st.just([])
    | st.just([None])
    | st.just({})
)
FIELDS = (
    "validationFailureAction",
    "failurePolicy",
    "webhookTimeoutSeconds",
    "webhookConfiguration",
    "rules",
    "admission",
)


@given(
    st.sampled_from(["ClusterPolicy", "ImageValidatingPolicy"]),
    st.dictionaries(st.sampled_from(FIELDS), GARBAGE),
    st.lists(st.dictionaries(st.sampled_from(["verifyImages", "validate", "mutate", "context"]), GARBAGE), max_size=2),
)
def test_no_data_makes_a_rule_raise(kind: str, spec: dict[str, Any], rules: list[Any]) -> None:
    group = "kyverno.io" if kind == "ClusterPolicy" else "policies.kyverno.io"
    text = json.dumps({"apiVersion": f"{group}/v1", "kind": kind, "spec": {"rules": rules, **spec}})

    for rule_id in IDS:
        for problem in run(rule_id, text):
            assert problem.path[0] == "spec"
