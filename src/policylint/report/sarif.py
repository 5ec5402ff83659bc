"""SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (section numbers below)."""

import re
from typing import Any, TextIO

from policylint.model import Edit, Finding, InternalError, Location, NotJudged, Report, Severity, TextFix
from policylint.report.escape import visible_lines, web_address
from policylint.report.identity import occurrences
from policylint.report.jsonlines import write_json
from policylint.report.options import RenderOptions, RuleInfo

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_ROOT = "%SRCROOT%"
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
_NOT_BYTES = re.compile("[\ud800-\udc7f\udd00-\udfff]")

_Object = dict[str, Any]


def render(report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write one log with one run. Regions count in Unicode code points; fixes are regions by character offset."""
    properties = {**report.counts._asdict(), "notJudged": len(report.not_judged)}
    render_log(report, out, options, properties)


def render_log(report: Report, out: TextIO, options: RenderOptions, properties: _Object) -> None:
    """Write `report` with other denominators than its own: `properties` of the run."""
    rules = _rules(report, options.rules)
    index = {rule.id: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "policylint",
                "version": options.tool_version,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory that policylint ran in."}}},
        "invocations": [_invocation(report)],
        "properties": properties,
        "results": [_result(finding, number, index[finding.rule]) for finding, number in occurrences(report.findings)],
    }
    write_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, out, levels=4)


def _rules(report: Report, known: tuple[RuleInfo, ...]) -> list[RuleInfo]:
    """The rules that ran, and those that findings name besides; each id once."""
    rules = {rule.id: rule for rule in known}
    for finding in report.findings:
        rules.setdefault(finding.rule, RuleInfo(finding.rule, finding.name, finding.severity, url=finding.url))
    return list(rules.values())


def _rule(rule: RuleInfo) -> _Object:
    descriptor: _Object = {
        "id": rule.id,
        "name": rule.name,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.id.rstrip("0123456789")]} | ({"since": rule.since} if rule.since else {}),
    }
    if rule.summary:
        descriptor["shortDescription"] = {"text": rule.summary}
    if rule.help_markdown:
        descriptor["help"] = {"text": rule.help_markdown, "markdown": rule.help_markdown}
    if web_address(rule.url):
        descriptor["helpUri"] = rule.url
    return descriptor


def _result(finding: Finding, number: int, rule_index: int) -> _Object:
    properties: _Object = {"yamlPath": finding.yaml_path}
    rendered = finding.location.rendered
    if rendered is not None:
        properties["rendered"] = {**rendered._asdict(), "excerpt": list(rendered.excerpt)}
    location = _location(finding.location)
    if finding.resource is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": str(finding.resource), "kind": "resource"}]
    result: _Object = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": _message("\n".join(filter(None, [finding.message, finding.help]))),
        "locations": [location],
        "partialFingerprints": {
            # code scanning follows an alert by the first; as in its own action, a number tells repeated ones apart
            "primaryLocationLineHash": f"{finding.fingerprint}:{number}",
            "policylint/v1": finding.fingerprint,
        },
        "properties": properties,
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": identifier, **_location(related.location), "message": _message(related.message)}
            for identifier, related in enumerate(finding.related, 1)
        ]
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _message(text: str) -> _Object:
    """A message (3.11) for people: no control characters, and no link (3.11.6), whatever a file put into it."""
    return {"text": "\n".join(visible_lines(text)).replace("](", "] (")}


def _location(location: Location) -> _Object:
    region = {
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    }
    return {"physicalLocation": {"artifactLocation": _artifact(location.path), "region": region}}


def _artifact(path: str) -> _Object:
    """An artifact location (3.4): percent-encoded bytes of the path, relative to the run's directory if it can be."""
    from urllib.parse import quote

    uri = quote(_NOT_BYTES.sub("\ufffd", path).encode("utf-8", "surrogateescape"))
    if _ABSOLUTE.match(path):
        return {"uri": f"file:///{uri.lstrip('/')}".replace("%3A/", ":/", 1)}
    return {"uri": uri, "uriBaseId": _ROOT}


def _fix(fix: TextFix) -> _Object:
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.path, []).append(edit)
    return {
        "description": _message(fix.title),
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": [_replacement(edit) for edit in edits]}
            for path, edits in by_path.items()
        ],
        "properties": {"safe": fix.safe},
    }


def _replacement(edit: Edit) -> _Object:
    return {
        "deletedRegion": {"charOffset": edit.start, "charLength": edit.end - edit.start},
        "insertedContent": {"text": edit.text},
    }


def _invocation(report: Report) -> _Object:
    """What happened besides results (3.20): a rule that broke makes the execution unsuccessful."""
    notifications = [
        *(_broken(error) for error in report.errors),
        *(_not_judged(item) for item in report.not_judged),
        *({"level": "note", "message": _message(note)} for note in report.notes),
    ]
    return {"executionSuccessful": not report.errors, "toolExecutionNotifications": notifications}


def _broken(error: InternalError) -> _Object:
    return {
        "level": "error",
        "message": _message(error.message),
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(error.path)}}],
        "associatedRule": {"id": error.rule},
    }


def _not_judged(item: NotJudged) -> _Object:
    place: _Object = {"artifactLocation": _artifact(item.path)}
    if item.line:
        place["region"] = {"startLine": item.line}
    return {
        "level": "warning",
        "message": _message(f"Not judged: {item.what}: {item.reason}"),
        "locations": [{"physicalLocation": place}],
    }
