"""Versions and kinds on their way out."""

import pytest
from schema_cases import policy

from policylint.admission.schema.deprecation import problems
from policylint.model import Fix, SetValue, YamlPath


@pytest.mark.parametrize(
    ("kind", "api_version", "moves_to"),
    [
        ("CleanupPolicy", "kyverno.io/v2beta1", "kyverno.io/v2"),
        ("PolicyException", "kyverno.io/v2beta1", "kyverno.io/v2"),
        ("GlobalContextEntry", "kyverno.io/v2alpha1", "kyverno.io/v2beta1"),
        ("ValidatingPolicy", "policies.kyverno.io/v1alpha1", "policies.kyverno.io/v1beta1"),
    ],
)
@pytest.mark.parametrize(("kyverno", "safe"), [(None, False), ((1, 17), True), ((1, 18), True)])
def test_the_move_to_the_stored_version(
    kind: str, api_version: str, moves_to: str, kyverno: tuple[int, int] | None, safe: bool
) -> None:
    (problem,) = problems(policy("{}", kind, api_version), kyverno)
    assert problem.message == f"{api_version} of {kind} is deprecated: the API server warns of it"
    assert problem.help == f"write `apiVersion: {moves_to}`"
    operation = SetValue(YamlPath.of("apiVersion"), moves_to)
    assert problem.fix == Fix(f"move to {moves_to}, which has the same fields", (operation,), safe)


def test_early_releases_know_no_other_version() -> None:
    assert list(problems(policy("{}", "CleanupPolicy", "kyverno.io/v2beta1"), (1, 12))) == []


@pytest.mark.parametrize("kyverno", [None, (1, 18)])
def test_legacy_kinds_are_silent_before_their_deprecation(kyverno: tuple[int, int] | None) -> None:
    assert list(problems(policy("{}"), kyverno)) == []


def test_legacy_kinds_from_1_19_on() -> None:
    (problem,) = problems(policy("{}"), (1, 19))
    assert problem.path == YamlPath.of("kind")
    assert problem.help.startswith("move to ValidatingPolicy")
    assert list(problems(policy("{}", "PolicyException", "policies.kyverno.io/v1"), (1, 19))) == []
