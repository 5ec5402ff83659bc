"""The table of features against the engine: what it calls supported is evaluated, and nothing else is."""

from pathlib import Path
from typing import Any

import pytest
from feature_examples import EXAMPLES

from conftest import Write
from policylint.engine.cleanup import CleanupPolicy
from policylint.engine.features import FEATURES, Feature, unsupported_features
from policylint.engine.handlers import VALIDATIONS
from policylint.engine.policy_kinds import CEL_KINDS
from policylint.engine.request import Request
from policylint.suites.run import run_suite

CLEANUP = "CleanupPolicy and ClusterCleanupPolicy"


def example_name(feature: Feature) -> str:
    """Two areas have a foreach."""
    return "foreach of generate" if (feature.area, feature.name) == ("generate", "foreach") else feature.name


def test_every_feature_has_an_example_and_every_example_a_feature() -> None:
    assert {example_name(feature) for feature in FEATURES} - {CLEANUP} == set(EXAMPLES)
    assert len({(feature.area, feature.name) for feature in FEATURES}) == len(FEATURES)


@pytest.mark.parametrize("feature", [feature for feature in FEATURES if feature.name != CLEANUP], ids=str)
def test_the_table_says_what_the_engine_does(write: Write, feature: Feature) -> None:
    write(EXAMPLES[example_name(feature)].project())
    outcome = run_suite(Path("kyverno-test.yaml"))
    assert outcome.error is None
    assert outcome.rows
    found = {(row.status, row.reason.startswith("unsupported: "), row.actual != "excluded") for row in outcome.rows}
    expected = ("pass", False, True) if feature.supported else ("error", True, True)
    assert found == {expected}, [row.reason for row in outcome.rows]


def test_cleanup_policies() -> None:
    feature = next(feature for feature in FEATURES if feature.name == CLEANUP)
    spec: Any = {"match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, "schedule": "0 0 * * *"}
    policy = CleanupPolicy.of(
        {"apiVersion": "kyverno.io/v2", "kind": "ClusterCleanupPolicy", "metadata": {"name": "p"}, "spec": spec}
    )
    response = policy.evaluate(Request({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}))
    assert feature.supported
    assert [(rule.status, rule.unsupported) for rule in response.rules] == [("pass", "")]


def test_every_kind_of_validation_and_of_policy_is_in_the_table() -> None:
    named = {feature.name.partition(" ")[0].rstrip(",") for feature in FEATURES if feature.area == "validate"}
    assert named == set(VALIDATIONS)
    kinds = {feature.name for feature in unsupported_features() if feature.area == "policies"}
    assert {kind.removeprefix("Namespaced") for kind in CEL_KINDS} == kinds - {"webhookConfiguration.matchConditions"}
