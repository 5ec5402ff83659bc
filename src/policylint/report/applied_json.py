"""The `apply` JSON, for other programs. Keys are added, never changed."""

from typing import Any, TextIO

from policylint.outcome import Answer, Applied
from policylint.report.jsonlines import write_json
from policylint.report.options import RenderOptions
from policylint.report.suites_json import step_record


def render(applied: Applied, out: TextIO, options: RenderOptions) -> None:
    """Write `applied` as one JSON object, its answers one to a line; ASCII only, ends with a newline."""
    payload = {
        "schema_version": 1,
        "tool": {"name": "policylint", "version": options.tool_version},
        "summary": {
            "policies": applied.policies,
            "resources": applied.resources,
            "unread": len(applied.unread),
            "denied": sum(1 for _ in applied.denied),
            **applied.counts(),
        },
        "answers": [_answer(answer) for answer in applied.answers],
        "unread": [
            {"path": each.place.path, "line": each.place.line, "message": each.message} for each in applied.unread
        ],
        "notes": list(applied.notes),
    }
    write_json(payload, out, levels=2)


def _answer(answer: Answer) -> dict[str, Any]:
    policy, resource = answer.policy_place, answer.resource_place
    return {
        "policy": answer.policy,
        "rule": answer.rule,
        "resource": answer.resource,
        "status": answer.status,
        "message": answer.message,
        "type": answer.type or None,
        "action": answer.action or None,
        "denies": answer.denies,
        "policy_file": policy.path if policy is not None else None,
        "policy_line": policy.line if policy is not None else None,
        "resource_file": resource.path if resource is not None else None,
        "resource_line": resource.line if resource is not None else None,
        "steps": [step_record(step) for step in answer.steps],
        "diff": answer.diff,
    }
