"""Fields that are dropped, and what may have been meant."""

import pytest
from schema_cases import policy

from policylint.admission import schema
from policylint.model import Fix, Problem, RenameKey, YamlPath


def only(spec: str, kind: str = "ClusterPolicy", api_version: str = "kyverno.io/v1") -> Problem:
    (problem,) = schema.unknown_fields(policy(spec, kind, api_version))
    return problem


def test_the_message_says_what_becomes_of_the_field() -> None:
    assert only("zzz: 1").message == (
        "spec has no field `zzz` in Kyverno 1.19: the API server drops it, so that it does nothing, and "
        "`kubectl apply` refuses the file"
    )


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ("backgrounds: false", "did you mean `background`?"),
        ("FailurePolicy: Fail", "did you mean `failurePolicy`?"),
        ("rules: [{validate: {failureActions: Audit, failureAction: Audit}}]", "`failureAction` is there already"),
        ("rules: [{webhookTimeoutSeconds: 20}]", "it is a field of spec: move it"),
        ("rules: [{match: {any: [{kinds: [Pod]}]}}]", "it is a field of spec.rules[0].match.any[0].resources: move it"),
        ("rules: [{mutate: {patches: []}}]", "`patchesJson6902` took its place, with a form of its own"),
        ("zzz: 1", "remove it, or look its name up in the API reference"),
    ],
)
def test_advice(spec: str, advice: str) -> None:
    assert only(spec).help.startswith(advice)


def test_a_near_name_is_a_fix_that_changes_what_the_policy_does() -> None:
    path = YamlPath.parse("spec.backgrounds")
    assert only("backgrounds: false").fix == Fix(
        "rename backgrounds to background", (RenameKey(path, "background"),), safe=False
    )


def test_nothing_is_renamed_onto_a_field_that_is_there() -> None:
    assert only("background: true\nbackgrounds: false").fix is None


def test_one_unknown_field_is_one_problem_whatever_it_holds() -> None:
    assert only("zzz: {yyy: {xxx: 1}}").path == YamlPath.parse("spec.zzz")


@pytest.mark.parametrize(
    "spec",
    [
        "rules: [{validate: {pattern: {zzz: 1}}}]",
        "rules: [{preconditions: {zzz: 1}}]",
        "rules: [{mutate: {patchStrategicMerge: {zzz: 1}}}]",
        "rules: [{generate: {data: {zzz: 1}}}]",
        "rules: [{validate: {foreach: [{preconditions: {zzz: 1}}]}}]",
        "rules: [{context: [{variable: {value: {zzz: 1}}}]}]",
        "rules: [{verifyImages: [{attestors: [{entries: [{attestor: {zzz: 1}}]}]}]}]",
        "rules: text",
    ],
)
def test_open_places(spec: str) -> None:
    assert list(schema.unknown_fields(policy(spec))) == []


def test_a_field_of_another_version_is_unknown() -> None:
    spec = "rules: [{verifyImages: [{image: '*'}]}]"
    assert list(schema.unknown_fields(policy(spec))) == []
    assert only(spec, api_version="kyverno.io/v2beta1").path == YamlPath.parse("spec.rules[0].verifyImages[0].image")


def test_sigstore_policies_are_known_too() -> None:
    problem = only("authoritys: []", "ClusterImagePolicy", "policy.sigstore.dev/v1beta1")
    assert problem.help == "did you mean `authorities`?"
    assert "in policy-controller 0.13" in problem.message
