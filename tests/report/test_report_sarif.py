"""SARIF: valid by its schema, and what code scanning needs from it."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import Draft7Validator, validator_for
from report_samples import CLEAN, FULL, HOSTILE, NOTHING, POLICY, RULES, finding, options
from sarif_schema import SARIF

from policylint.model import Counts, InternalError, Location, Report
from policylint.report import render


def sarif_of(report: Report, **changes: object) -> Any:
    out = StringIO()
    render("sarif", report, out, options(**changes))
    return json.loads(out.getvalue())


def run_of(report: Report, **changes: object) -> Any:
    (run,) = sarif_of(report, **changes)["runs"]
    return run


@pytest.mark.parametrize("report", [FULL, CLEAN, NOTHING], ids=["full", "clean", "nothing"])
def test_valid_by_the_schema(report: Report) -> None:
    assert [error.message for error in Draft7Validator(SARIF).iter_errors(sarif_of(report))] == []


@pytest.mark.skipif("POLICYLINT_SARIF_SCHEMA" not in os.environ, reason="needs a copy of the published schema")
@pytest.mark.parametrize("report", [FULL, CLEAN, NOTHING], ids=["full", "clean", "nothing"])
def test_valid_by_the_published_schema(report: Report) -> None:
    schema = json.loads(Path(os.environ["POLICYLINT_SARIF_SCHEMA"]).read_text(encoding="utf-8"))
    validator = validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(sarif_of(report))] == []


def test_the_schema_refuses_what_it_should() -> None:
    log = sarif_of(FULL)
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    log["runs"][0]["results"][1]["lvl"] = "error"
    assert sorted(error.validator for error in Draft7Validator(SARIF).iter_errors(log)) == [
        "additionalProperties",
        "minimum",
    ]


def test_results_have_true_regions_and_point_at_their_rule() -> None:
    run = run_of(Report((POLICY,), Counts()))
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "policies/verify.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 10, "startColumn": 21, "endLine": 10, "endColumn": 25},
    }
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "KYV001"
    assert run["columnKind"] == "unicodeCodePoints"
    assert result["fixes"][0]["artifactChanges"][0]["replacements"] == [
        {"deletedRegion": {"charOffset": 181, "charLength": 4}, "insertedContent": {"text": "false"}}
    ]


def test_a_rule_without_metadata_is_described_from_its_finding() -> None:
    run = run_of(Report((POLICY,), Counts()), rules=())
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "KYV001",
            "name": "mutate-digest-audit",
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["KYV"]},
            "helpUri": "https://policylint.dev/rules/KYV001",
        }
    ]


def test_a_rule_given_twice_is_described_once() -> None:
    run = run_of(CLEAN, rules=(*RULES, *RULES))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["KYV001", "IMG001"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b/c#d%.yaml", {"uri": "a%20b/c%23d%25.yaml", "uriBaseId": "%SRCROOT%"}),
        ("日.yaml", {"uri": "%E6%97%A5.yaml", "uriBaseId": "%SRCROOT%"}),
        ("bytes\udcff.yaml", {"uri": "bytes%FF.yaml", "uriBaseId": "%SRCROOT%"}),
        ("a:b.yaml", {"uri": "a%3Ab.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a:b.yaml", {"uri": "file:///srv/a%3Ab.yaml"}),
        ("C:/srv/a.yaml", {"uri": "file:///C:/srv/a.yaml"}),
    ],
)
def test_paths_become_uris(path: str, expected: dict[str, str]) -> None:
    run = run_of(Report((finding(Location(path)),), Counts()))
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == expected


def test_findings_that_share_a_fingerprint_stay_apart() -> None:
    results = run_of(Report((POLICY, POLICY), Counts()))["results"]
    assert [result["partialFingerprints"]["primaryLocationLineHash"] for result in results] == ["a1:1", "a1:2"]


def test_a_broken_rule_makes_the_execution_unsuccessful() -> None:
    report = Report((), Counts(), errors=(InternalError("XYZ001", "a.yaml", "KeyError"),))
    (invocation,) = run_of(report)["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert (notification["level"], notification["associatedRule"]) == ("error", {"id": "XYZ001"})


def test_a_message_holds_no_link_and_no_control_character() -> None:
    (result,) = run_of(Report((HOSTILE,), Counts()))["results"]
    assert result["message"]["text"].split("\n") == [
        r"image \x1b[2Jevil\u202e:latest\x07",
        "::error::forged ]] (https://evil.example) <&>\"'",
        "line one",
        r"::set-output name=x::y\x00",
    ]
