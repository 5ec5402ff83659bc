"""Choosing among the tests: ids, `-k`, `-m`, and what failed before."""

import pytest
from plugin_samples import (
    ACTION,
    PROJECT,
    TIMEOUT,
    UNPARSED,
    WEB_IMAGE,
    WEB_WIDGET,
    WIDGET,
    collected,
    lay_out,
    outcomes,
)


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    lay_out(pytester)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IMG001", [WEB_IMAGE]),
        ("unpinned-image", [WEB_IMAGE]),
        ("webhook-timeout-missing", [TIMEOUT]),
        ("structure", [WEB_WIDGET]),
        ("Widget", [WEB_WIDGET]),
        ("shop and IMG001", [WEB_IMAGE]),
        ("WFL001 or PRJ001", [ACTION, UNPARSED]),
        ("not policylint", []),
    ],
)
def test_keywords(pytester: pytest.Pytester, expression: str, expected: list[str]) -> None:
    assert collected(pytester, "-k", expression) == expected


def test_by_kind_and_name(pytester: pytest.Pytester) -> None:
    names = collected(pytester)
    assert collected(pytester, "-k", "ClusterPolicy") == [name for name in names if "ClusterPolicy" in name]
    assert collected(pytester, "-k", "signatures") == [name for name in names if "signatures" in name]


def test_by_mark(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"test_a.py": "def test_a(): pass\n"})
    assert collected(pytester, "-m", "not policylint") == ["test_a.py::test_a"]
    with_mark = collected(pytester, "-m", "policylint")
    assert WEB_IMAGE in with_mark
    assert "test_a.py::test_a" not in with_mark


def test_strict_marks_and_configuration(pytester: pytest.Pytester) -> None:
    assert outcomes(pytester, "--strict-markers", "--strict-config", TIMEOUT) == {TIMEOUT: "passed"}


@pytest.mark.parametrize("name", [WEB_IMAGE, WEB_WIDGET, TIMEOUT, ACTION, UNPARSED])
def test_every_id_can_be_named(pytester: pytest.Pytester, name: str) -> None:
    assert list(outcomes(pytester, name)) == [name]


def test_a_resource_can_be_named(pytester: pytest.Pytester) -> None:
    all_of_it = [name for name in collected(pytester) if name.startswith("k8s/web.yaml::Deployment/shop/web::")]
    assert len(all_of_it) > 1
    assert list(outcomes(pytester, "k8s/web.yaml::Deployment/shop/web")) == all_of_it


def test_ids_and_folders_together(pytester: pytest.Pytester) -> None:
    assert list(outcomes(pytester, WEB_WIDGET, ".github/workflows"))[:2] == [WEB_WIDGET, ACTION]


def test_an_id_that_does_not_exist(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--policylint", "k8s/web.yaml::Deployment/shop/web::IMG999")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: not found: *IMG999"])


def test_deselect(pytester: pytest.Pytester) -> None:
    names = collected(pytester)
    left = [name for name in names if not name.startswith("k8s/policy.yaml") and name != WEB_IMAGE]
    assert collected(pytester, f"--deselect={WEB_IMAGE}", "--deselect=k8s/policy.yaml") == left


def test_last_failed(pytester: pytest.Pytester) -> None:
    outcomes(pytester)
    assert outcomes(pytester, "--last-failed") == dict.fromkeys([ACTION, UNPARSED, WEB_IMAGE], "failed")
    lay_out(pytester, {"k8s/web.yaml": PROJECT["k8s/web.yaml"].replace(":latest", ":1.2.3")})
    assert outcomes(pytester, "--last-failed")[WEB_IMAGE] == "passed"
    assert outcomes(pytester, "--last-failed") == dict.fromkeys([ACTION, UNPARSED], "failed")


def test_failed_first(pytester: pytest.Pytester) -> None:
    outcomes(pytester)
    assert list(outcomes(pytester, "--failed-first"))[:3] == [ACTION, UNPARSED, WEB_IMAGE]


def test_stepwise(pytester: pytest.Pytester) -> None:
    assert list(outcomes(pytester, "--stepwise")) == [ACTION]
    lay_out(pytester, {".github/workflows/ci.yml": "on: push\njobs: {}\n"})
    assert list(outcomes(pytester, "--stepwise"))[-1] == UNPARSED


def test_stop_at_the_first(pytester: pytest.Pytester) -> None:
    assert list(outcomes(pytester, "-x", "k8s"))[-1] == WEB_IMAGE
    assert WEB_WIDGET not in outcomes(pytester, "-x", "k8s")
    result = pytester.runpytest_inprocess("--policylint", "--maxfail=2")
    result.stdout.fnmatch_lines(["*stopping after 2 failures*"])


def test_rules_of_this_run_only(pytester: pytest.Pytester) -> None:
    found = outcomes(pytester, "--policylint-select=IMG001")
    assert WEB_IMAGE in found
    assert ACTION not in found
    assert found[UNPARSED] == "failed"


def test_in_every_run_by_ini(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"pytest.ini": "[pytest]\npolicylint = true\ntestpaths = k8s\n", "other/a.yaml": WIDGET})
    result = pytester.runpytest_inprocess("--collect-only", "-q")
    assert {line.partition("::")[0] for line in result.outlines if "::" in line} == {"k8s/web.yaml", "k8s/policy.yaml"}
