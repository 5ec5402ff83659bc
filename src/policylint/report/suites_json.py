"""The `test` JSON: a contract that other programs read. Keys are added, never changed."""

from typing import Any, TextIO

from policylint.model import Location
from policylint.outcome import Decision, Row, SuiteOutcome, Tested
from policylint.report.jsonlines import write_json
from policylint.report.options import RenderOptions


def render(tested: Tested, out: TextIO, options: RenderOptions) -> None:
    """Write `tested` as one JSON object, its rows one to a line; ASCII only, ends with a newline."""
    counts = tested.counts()
    payload = {
        "schema_version": 1,
        "tool": {"name": "policylint", "version": options.tool_version},
        "compat": "kyverno" if tested.compat else None,
        "summary": {
            "suites": len(tested.suites),
            "rows": sum(counts.values()),
            **counts,
            "suite_errors": sum(suite.error is not None for suite in tested.suites),
            "not_run": tested.not_run,
            "left_out": tested.left_out,
        },
        "suites": [_suite(suite) for suite in tested.suites],
        "errors": [{"path": error.path, "message": error.message} for error in tested.errors],
    }
    write_json(payload, out, levels=5)


def _suite(suite: SuiteOutcome) -> dict[str, Any]:
    return {
        "path": suite.path,
        "status": suite.status,
        "error": suite.error,
        "error_line": suite.error_line,
        "notes": list(suite.notes),
        "rows": [_row(row) for row in suite.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "line": row.line,
        "policy": row.policy,
        "rule": row.rule,
        "resource": row.resource,
        "expected": row.expected,
        "actual": row.actual,
        "status": row.status,
        "reason": row.reason,
        "policy_line": row.policy_line,
        "resource_line": row.resource_line,
        "policy_file": row.policy_file or None,
        "resource_file": row.resource_file or None,
        "steps": [step_record(step) for step in row.steps],
        "diff": row.diff,
    }


def step_record(step: Decision) -> dict[str, Any]:
    """One step as programs read it."""
    return {
        "what": step.what,
        "outcome": step.outcome,
        "policy_path": step.policy_path,
        "policy_line": _line(step.policy_place),
        "resource_path": step.resource_path,
        "resource_line": _line(step.resource_place),
        "holds": step.holds,
    }


def _line(place: Location | None) -> int | None:
    return None if place is None else place.line
