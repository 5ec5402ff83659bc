"""The `rollout` JSON, for other programs. Keys are added, never changed."""

from collections.abc import Sequence
from typing import Any, TextIO

from policylint.capacity.assessment import (
    CERTAIN,
    HookNeed,
    PoolUse,
    QuotaNeed,
    RankedFix,
    Share,
    Shortage,
    Step,
    WorkloadRollout,
)
from policylint.document.document import Document
from policylint.lint.rollout_report import Change, ReleaseRollout, Rollouts
from policylint.model import RemoveKey, ResourceId, SetValue
from policylint.report.json_parts import not_judged, resource_of
from policylint.report.jsonlines import write_json
from policylint.report.options import RenderOptions
from policylint.sources.unit import LoadFailure


def render(rollouts: Rollouts, out: TextIO, options: RenderOptions) -> None:
    """Write `rollouts` as one JSON object, its workloads one to a line; ASCII only, ends with a newline."""
    assessments = [release.assessment for release in rollouts.releases]
    payload = {
        "schema_version": 1,
        "tool": {"name": "policylint", "version": options.tool_version},
        "summary": {
            "releases": len(rollouts.releases),
            "workloads": sum(len(each.workloads) for each in assessments),
            "hooks": sum(len(each.hooks) for each in assessments),
            "verdicts": rollouts.verdicts(),
            "unparsed": len(rollouts.failures),
        },
        "before": rollouts.before or None,
        "releases": [_release(release) for release in rollouts.releases],
        "unparsed": [_failure(failure) for failure in rollouts.failures],
        "not_judged": [not_judged(item) for item in rollouts.not_judged],
        "notes": list(rollouts.notes),
    }
    write_json(payload, out, levels=4)


def _release(release: ReleaseRollout) -> dict[str, Any]:
    assessment = release.assessment
    return {
        "label": assessment.label,
        "verdict": assessment.verdict,
        "certain": assessment.verdict in CERTAIN,
        "severity": release.severity,
        "pools": [_pool(pool) for pool in assessment.pools],
        "workloads": [_workload(*each) for each in release.workloads()],
        "hooks": [_hook(hook) for hook in assessment.hooks],
        "quotas": [_quota(quota) for quota in assessment.quotas],
        "uncounted": list(assessment.uncounted),
        "unjudged": list(assessment.unjudged),
        "removed": _shares(release.removed),
        "notes": list(release.notes),
    }


def _pool(pool: PoolUse) -> dict[str, Any]:
    return {
        "name": pool.name,
        "nodes": pool.nodes,
        "cap": pool.cap,
        "cap_text": pool.cap_text,
        "system": _shares(pool.system),
        "others": _shares(pool.others),
        "steady": _shares(pool.steady),
        "slots": pool.slots,
        "free": pool.free,
    }


def _shares(shares: Sequence[Share]) -> list[dict[str, Any]]:
    return [{"name": each.name, "pods": each.pods, "most": each.most, "per_node": each.per_node} for each in shares]


def _step(step: Step) -> dict[str, Any]:
    return {"text": step.text, "serving": step.serving, "wanted": step.wanted, "stuck": step.stuck}


def _workload(rollout: WorkloadRollout, change: Change | None) -> dict[str, Any]:
    return {
        **_object(rollout.document, rollout.resource),
        "rolls": rollout.rolls,
        "strategy": rollout.strategy,
        "least": rollout.least,
        "most": rollout.most,
        "surge": rollout.surge,
        "surge_text": rollout.surge_text,
        "unavailable": rollout.unavailable,
        "unavailable_text": rollout.unavailable_text,
        "pools": list(rollout.pools),
        "peak": rollout.peak,
        "capacity": rollout.capacity,
        "verdict": rollout.verdict,
        "certain": rollout.certain,
        "worst": rollout.worst,
        "limit": None if rollout.limit is None else _shortage(rollout.limit),
        "shortages": [_shortage(shortage) for shortage in rollout.shortages],
        "steps": [_step(step) for step in rollout.steps],
        "downtime": rollout.downtime,
        "fixes": [_fix(fix) for fix in rollout.fixes],
        "at": [{"replicas": entry.replicas, "verdict": entry.verdict} for entry in rollout.at],
        "notes": list(rollout.notes),
        "change": None if change is None else _change(change),
    }


def _object(document: Document, resource: ResourceId | None) -> dict[str, Any]:
    place = document.location()
    return {
        "resource": resource_of(resource),
        "path": place.path,
        "line": place.line,
    }


def _shortage(shortage: Shortage) -> dict[str, Any]:
    """The sum is in strings, as resources have units; both are null where there is none."""
    return {
        "dimension": shortage.dimension,
        "verdict": shortage.verdict,
        "text": shortage.text,
        "needed": shortage.needed or None,
        "capacity": shortage.capacity or None,
        "unit": shortage.unit,
    }


def _fix(fix: RankedFix) -> dict[str, Any]:
    changes = _operations(fix.changes)
    return {"title": fix.title, "price": fix.price, "changes": changes, "in_chart": fix.in_chart or None}


def _operations(changes: Sequence[SetValue | RemoveKey]) -> list[dict[str, Any]]:
    return [
        {"set": str(change.path), "value": change.value}
        if isinstance(change, SetValue)
        else {"remove": str(change.path)}
        for change in changes
    ]


def _change(change: Change) -> dict[str, Any]:
    return {"sort": change.sort, "replicas": change.replicas, "differences": list(change.differences)}


def _hook(hook: HookNeed) -> dict[str, Any]:
    return {
        **_object(hook.document, hook.resource),
        "phases": list(hook.phases),
        "verdict": hook.shortage.verdict,
        "certain": hook.shortage.verdict in CERTAIN,
        "shortage": _shortage(hook.shortage),
    }


def _quota(quota: QuotaNeed) -> dict[str, Any]:
    return {
        **_object(quota.document, quota.document.resource),
        "line": quota.document.location(quota.path).line,
        "yaml_path": str(quota.path),
        "verdict": quota.shortage.verdict,
        "certain": quota.shortage.verdict in CERTAIN,
        "shortage": _shortage(quota.shortage),
    }


def _failure(failure: LoadFailure) -> dict[str, Any]:
    return {
        "rule": failure.rule,
        "path": failure.location.path,
        "line": failure.location.line,
        "column": failure.location.column,
        "message": failure.message,
        "help": failure.help,
    }
