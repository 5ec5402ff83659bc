"""Violations that were there before: an update may keep them (`validateOldObject` of upstream's validate handlers)."""

from collections.abc import Callable

from policylint.engine.conditions import evaluate_conditions
from policylint.engine.errors import EvaluationError
from policylint.engine.handling import RuleRun
from policylint.engine.jmespath import json_numbers
from policylint.engine.match import matches
from policylint.engine.request import Request


def violated_before(run: RuleRun, fails: Callable[[RuleRun], bool]) -> bool:
    """Whether the request is an update that may keep a violation which the old object had.

    `fails` holds the rule against the old object, as if that were created. An EvaluationError of it counts as no.
    """
    rule, old = run.rule, run.request.old_resource
    if run.request.operation != "UPDATE" or not rule.allows_existing_violations or not run.policy.enforces_rule(rule):
        return False
    # who made the old object is not known
    created = Request(old, namespace_labels=run.request.namespace_labels)
    if not matches(rule, created, run.policy.namespace).matched:
        return False
    context = run.context
    context.checkpoint()
    try:
        context.add_resource(json_numbers(old))
        context.add_old_resource(None)
        context.add_operation(created.operation)
        conditions = rule.data.get("preconditions")
        if not evaluate_conditions(conditions, context, path=rule.path / "preconditions").passed:
            return False
        return fails(run._replace(request=created))
    except EvaluationError:
        return False
    finally:
        context.restore()
