"""JSON, GitHub, GitLab and JUnit: what their readers rely on, and that no text from a file can break them."""

import json
import re
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.validators import Draft7Validator
from report_samples import CHART_FILE_ONLY, FULL, HOSTILE, LONG_REGION, POLICY, options
from sarif_schema import SARIF

from policylint.model import (
    SEVERITIES,
    Counts,
    Edit,
    Finding,
    InternalError,
    Location,
    NotJudged,
    Related,
    Rendered,
    Report,
    ResourceId,
    Severity,
    TextFix,
)
from policylint.report import FORMATS, RuleInfo, render
from policylint.report.escape import is_plain


def output(format_name: str, report: Report, **changes: object) -> str:
    out = StringIO()
    render(format_name, report, out, options(**changes))
    return out.getvalue()


# --- JSON ---


def test_json_has_every_key_of_the_contract() -> None:
    document = json.loads(output("json", Report((POLICY,), Counts(1, 2, 3, 4, 5, 6, 7))))
    assert document["schema_version"] == 1
    assert document["tool"] == {"name": "policylint", "version": "1.2.3"}
    assert document["summary"] == {
        "files": 1,
        "documents": 2,
        "judged": 3,
        "unparsed": 4,
        "unmatched": 5,
        "suppressed": 6,
        "baselined": 7,
        "findings": {"error": 1, "warning": 0, "info": 0},
    }
    assert document["findings"] == [
        {
            "rule": "KYV001",
            "name": "mutate-digest-audit",
            "severity": "error",
            "message": "mutateDigest is true while the effective action is Audit",
            "help": "set mutateDigest to false,\nor failureAction to Enforce",
            "url": "https://policylint.dev/rules/KYV001",
            "path": "policies/verify.yaml",
            "line": 10,
            "column": 21,
            "end_line": 10,
            "end_column": 25,
            "resource": {
                "apiVersion": "kyverno.io/v1",
                "kind": "ClusterPolicy",
                "namespace": None,
                "name": "verify-images",
            },
            "yaml_path": "spec.rules[0].verifyImages[0].mutateDigest",
            "related": [
                {"path": "policies/verify.yaml", "line": 11, "column": 22, "message": "the action is set here"}
            ],
            "fix": {"safe": True, "title": "set mutateDigest to false"},
            "fingerprint": "a1",
            "rendered": None,
            "renders": None,
        }
    ]
    assert [document[key] for key in ("not_judged", "errors", "notes")] == [[], [], []]


def test_json_keeps_text_as_it_is_but_for_lone_surrogates() -> None:
    message = "\x1b日\U0001f600\udc80"
    (found,) = json.loads(output("json", Report((POLICY._replace(message=message),), Counts())))["findings"]
    assert found["message"] == "\x1b日\U0001f600\\udc80"


# --- GitHub ---


def command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it."""
    match = re.fullmatch(r"::(error|warning|notice) ([^\n]*?)::([^\n]*)", line)
    assert match is not None, line
    properties = dict(pair.split("=", 1) for pair in match[2].split(","))
    return match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3])


def unescaped(text: str) -> str:
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_github_command() -> None:
    line = output("github", Report((POLICY._replace(message="50%: a,b\nc"),), Counts())).split("\n")[0]
    assert line.startswith("::error file=policies/verify.yaml,line=10,endLine=10,col=21,endColumn=25,title=")
    assert command(line)[2].split("\n")[0] == r"50%: a,b\nc"
    assert "50%25: a,b" in line


@pytest.mark.parametrize(("severity", "name"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_github_severities(severity: Severity, name: str) -> None:
    report = Report((POLICY._replace(severity=severity),), Counts())
    assert command(output("github", report).split("\n")[0])[0] == name


def test_github_escapes_properties() -> None:
    place = Location("a:b,c%.yaml", 1, 1, 1, 2)
    line = output("github", Report((POLICY._replace(location=place),), Counts())).split("\n")[0]
    assert line.startswith("::error file=a%3Ab%2Cc%25.yaml,line=1,")
    assert command(line)[1]["file"] == "a:b,c%.yaml"


def test_github_leaves_columns_out_of_a_region_of_several_lines() -> None:
    properties = command(output("github", Report((LONG_REGION,), Counts())).split("\n")[0])[1]
    assert properties == {"file": "script.yaml", "line": "1", "endLine": "4", "title": "IMG001 unpinned-image"}


def test_github_says_where_a_rendered_line_is() -> None:
    message = command(output("github", Report((CHART_FILE_ONLY,), Counts())).split("\n")[0])[2]
    assert message.split("\n")[1] == (
        "Rendered by helm (chart charts/app, release app), line 9; the line of this file is not known."
    )


# --- GitLab ---


def test_gitlab_issue() -> None:
    assert json.loads(output("gitlab", Report((POLICY,), Counts()))) == [
        {
            "description": "KYV001: mutateDigest is true while the effective action is Audit",
            "check_name": "mutate-digest-audit",
            "fingerprint": "a1",
            "severity": "major",
            "location": {"path": "policies/verify.yaml", "lines": {"begin": 10, "end": 10}},
            "content": {
                "body": "set mutateDigest to false,\nor failureAction to Enforce\n\nhttps://policylint.dev/rules/KYV001"
            },
        }
    ]


def test_gitlab_fingerprints_are_distinct() -> None:
    error = InternalError("XYZ001", "a.yaml", "boom")
    issues = json.loads(output("gitlab", Report((POLICY, POLICY, POLICY), Counts(), errors=(error, error))))
    assert [issue["fingerprint"] for issue in issues] == [
        "a1",
        "a1:2",
        "a1:3",
        "internal-error:1:XYZ001:a.yaml",
        "internal-error:2:XYZ001:a.yaml",
    ]


# --- JUnit ---


def test_junit_fails_at_the_bar_and_shows_the_rest() -> None:
    report = Report(tuple(POLICY._replace(severity=severity) for severity in SEVERITIES), Counts())
    for fail_on, failures in (("error", 1), ("warning", 2), ("info", 3)):
        root = ElementTree.fromstring(output("junit", report, fail_on=fail_on))  # noqa: S314
        assert root.attrib == {
            "name": "policylint",
            "tests": "4",
            "failures": str(failures),
            "errors": "0",
            "skipped": str(3 - failures),
        }
        assert [verdict.get("type") for verdict in root.iter("failure")] == list(SEVERITIES[:failures])
        assert [verdict.get("type") for verdict in root.iter("skipped")] == list(SEVERITIES[failures:])


def test_junit_carries_the_denominators() -> None:
    root = ElementTree.fromstring(output("junit", FULL))  # noqa: S314
    properties = {item.get("name"): item.get("value") for item in root.iter("property")}
    assert properties == {
        "files": "9",
        "documents": "14",
        "judged": "12",
        "unparsed": "1",
        "unmatched": "2",
        "suppressed": "3",
        "baselined": "4",
        "findings-error": "6",
        "findings-warning": "1",
        "findings-info": "1",
        "not-judged": "13",
    }


# --- any text at all ---

ANY_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(
        ["", "\x1b[2J", "\n::error::x", "]]>", "<!--", "%0A", "\ud800", "\ufffe", "a](b", "\u202e", "\r\n"]
    ),
)
LINES = st.integers(1, 9)
PLACES = st.builds(
    Location,
    ANY_TEXT,
    LINES,
    LINES,
    LINES,
    LINES,
    st.none() | st.builds(Rendered, ANY_TEXT, LINES, st.lists(ANY_TEXT).map(tuple), LINES, st.booleans()),
)
SEVERITY = st.sampled_from(SEVERITIES)
EDITS = st.builds(lambda path, start, text: Edit(path, start, start + 1, text), ANY_TEXT, LINES, ANY_TEXT)
FINDINGS = st.builds(
    Finding,
    PLACES,
    ANY_TEXT,
    ANY_TEXT,
    SEVERITY,
    ANY_TEXT,
    ANY_TEXT,
    ANY_TEXT,
    st.none() | st.builds(ResourceId, ANY_TEXT, ANY_TEXT, st.none() | ANY_TEXT, ANY_TEXT),
    ANY_TEXT,
    st.lists(st.builds(Related, PLACES, ANY_TEXT), max_size=2).map(tuple),
    st.none() | st.builds(TextFix, ANY_TEXT, st.booleans(), st.lists(EDITS, max_size=2).map(tuple)),
    ANY_TEXT,
)
REPORTS = st.builds(
    Report,
    st.lists(FINDINGS, max_size=3).map(tuple),
    st.builds(Counts, LINES, LINES, LINES),
    st.lists(st.builds(NotJudged, ANY_TEXT, st.integers(0, 9), ANY_TEXT, ANY_TEXT), max_size=2).map(tuple),
    st.lists(st.builds(InternalError, ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=2).map(tuple),
    st.lists(ANY_TEXT, max_size=2).map(tuple),
)
RULE_INFOS = st.builds(RuleInfo, ANY_TEXT, ANY_TEXT, SEVERITY, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
any_report = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)


@any_report
@given(REPORTS, ANY_TEXT, RULE_INFOS)
def test_json_formats_parse_whatever_files_say(report: Report, version: str, rule: RuleInfo) -> None:
    parsed: dict[str, Any] = {}
    for name in ("json", "gitlab", "sarif"):
        text = output(name, report, tool_version=version, rules=(rule,))
        assert text.isascii()
        assert text.endswith("\n")
        parsed[name] = json.loads(text)
        json.dumps(parsed[name], ensure_ascii=False).encode()  # fails on a lone surrogate
    assert len(parsed["json"]["findings"]) == len(report.findings)
    assert len(parsed["gitlab"]) == len(report.findings) + len(report.errors)
    assert list(Draft7Validator(SARIF).iter_errors(parsed["sarif"])) == []


@any_report
@given(REPORTS)
def test_junit_parses_whatever_files_say(report: Report) -> None:
    text = output("junit", report)
    root = ElementTree.fromstring(text.encode())  # noqa: S314
    assert len(list(root.iter("testcase"))) == len(report.findings) + max(1, len(report.errors))


@any_report
@given(REPORTS, ANY_TEXT)
def test_text_and_github_show_and_never_act(report: Report, line: str) -> None:
    for name in ("text", "github"):
        text = output(name, report, verbose=True, read_line=lambda _path, _number: line)
        assert all(character == "\n" or is_plain(character) for character in text)
        commands = [shown for shown in text.split("\n") if shown.lstrip().startswith("::")]
        assert len(commands) == (len(report.findings) + len(report.errors) if name == "github" else 0)
        for shown in commands:
            command(shown)


@any_report
@given(REPORTS, ANY_TEXT)
def test_a_terminal_gets_no_escape_but_ours(report: Report, line: str) -> None:
    text = output("text", report, color=True, hyperlinks=True, read_line=lambda _path, _number: line)
    ours = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;(?:https?://[!-~]+)?\x1b\\")
    assert all(character == "\n" or is_plain(character) for character in ours.sub("", text))


@pytest.mark.parametrize("name", FORMATS)
def test_output_is_the_same_every_time(name: str) -> None:
    assert output(name, FULL) == output(name, FULL)


def test_hostile_sample_is_quiet_in_every_human_format() -> None:
    for name in ("text", "github", "junit"):
        text = output(name, Report((HOSTILE,), Counts()))
        assert not {"\x1b", "\x07", "\x00", "\u202e", "\u2028"} & set(text)
