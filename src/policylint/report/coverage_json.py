"""Policy coverage for programs. Keys are added, never changed."""

from typing import Any, TextIO

from policylint.coverage import Coverage, PolicyCoverage, RuleCoverage, percentage
from policylint.report.jsonlines import write_json
from policylint.report.options import RenderOptions


def render(coverage: Coverage, out: TextIO, options: RenderOptions) -> None:
    """Write `coverage` as one JSON object, its goals one to a line; ASCII only, ends with a newline."""
    payload = {
        "schema_version": 1,
        "tool": {"name": "policylint", "version": options.tool_version},
        "summary": {
            "policies": len(coverage.policies),
            "not_measured": sum(not policy.total for policy in coverage.policies),
            "rules": sum(len(policy.rules) for policy in coverage.policies),
            **_figures(coverage.reached, coverage.total),
        },
        "policies": [_policy(policy) for policy in coverage.policies],
    }
    write_json(payload, out, levels=7)


def _figures(reached: int, total: int) -> dict[str, Any]:
    return {"total": total, "reached": reached, "percent": percentage(reached, total)}


def _policy(policy: PolicyCoverage) -> dict[str, Any]:
    return {
        "path": policy.path,
        "line": policy.line,
        "name": policy.name,
        "not_measured": policy.unmeasured or None,
        **_figures(policy.reached, policy.total),
        "rules": [_rule(rule) for rule in policy.rules],
    }


def _rule(rule: RuleCoverage) -> dict[str, Any]:
    return {
        "name": rule.name,
        "line": rule.line,
        "not_measured": rule.unmeasured or None,
        **_figures(len(rule.reached), len(rule.goals)),
        "goals": [{**goal._asdict(), "reached": goal in rule.reached} for goal in rule.goals],
    }
