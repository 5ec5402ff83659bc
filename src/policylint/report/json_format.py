"""The `check` JSON: a contract that other programs read. Keys are added, never changed."""

from typing import Any, TextIO

from policylint.model import Finding, InternalError, Rendered, Renders, Report
from policylint.report.json_parts import not_judged, resource_of
from policylint.report.jsonlines import write_json
from policylint.report.options import RenderOptions


def render(report: Report, out: TextIO, options: RenderOptions) -> None:
    """Write `report` as one JSON object, its findings one to a line; ASCII only, ends with a newline."""
    payload = {
        "schema_version": 1,
        "tool": {"name": "policylint", "version": options.tool_version},
        "summary": {**report.counts._asdict(), "findings": dict(report.severities())},
        "findings": [_finding(finding) for finding in report.findings],
        "not_judged": [not_judged(item) for item in report.not_judged],
        "errors": [_error(error) for error in report.errors],
        "notes": list(report.notes),
    }
    write_json(payload, out, levels=2)


def _finding(finding: Finding) -> dict[str, Any]:
    place, resource, fix = finding.location, finding.resource, finding.fix
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "url": finding.url,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "resource": resource_of(resource),
        "yaml_path": finding.yaml_path,
        "related": [
            {
                "path": related.location.path,
                "line": related.location.line,
                "column": related.location.column,
                "message": related.message,
            }
            for related in finding.related
        ],
        "fix": None if fix is None else {"safe": fix.safe, "title": fix.title},
        "fingerprint": finding.fingerprint,
        "rendered": None if place.rendered is None else _rendered(place.rendered),
        "renders": None if finding.renders is None else _renders(finding.renders),
    }


def _rendered(rendered: Rendered) -> dict[str, Any]:
    return {
        "by": rendered.by,
        "line": rendered.line,
        "exact": rendered.exact,
        "first_line": rendered.first_line,
        "excerpt": list(rendered.excerpt),
    }


def _renders(renders: Renders) -> dict[str, Any]:
    return {"chart": renders.chart, "in": list(renders.names), "of": renders.total}


def _error(error: InternalError) -> dict[str, Any]:
    return {"rule": error.rule, "path": error.path, "message": error.message}
