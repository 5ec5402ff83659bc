"""The query that `{{@}}` stands for: the value of the resource at the place where the variable stands."""

import json

from policylint.engine.context import Context
from policylint.engine.errors import MissingVariable
from policylint.model import PathStep
from policylint.regex import regex

_PLAIN = regex(r"[A-Za-z_][0-9A-Za-z_)]*\Z")
_INDEX = regex(r"[0-9]+\Z")
_RULE_STEPS = 2
"""What stands above the resource's own structure in a rule: `mutate.patchStrategicMerge`, `validate.pattern`."""


def query_of_location(place: tuple[PathStep, ...], context: Context) -> str:
    """The JMESPath expression for the place `place` of a rule.

    As kyverno pkg/engine/variables/vars.go: what follows `foreach`, without two more steps, under `target` when the
    context has one, else under `request.object`.
    """
    steps = [str(step) for step in place if step != ""]
    if "foreach" in steps:
        steps = steps[steps.index("foreach") + 1 :]
    root = ["target"] if _has_target(context) else ["request", "object"]
    return _jmespath([*root, *steps[_RULE_STEPS:]])


def _has_target(context: Context) -> bool:
    try:
        context.query("target")
    except MissingVariable:
        return False
    return True


def _jmespath(steps: list[str]) -> str:
    text = ""
    for step in steps:
        if _INDEX.match(step):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if _PLAIN.match(step) else json.dumps(step, ensure_ascii=False))
    return text
