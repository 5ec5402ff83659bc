"""`mutate` rules: kyverno pkg/engine/handlers/mutation/mutate_resource.go and mutate_existing.go."""

from collections.abc import Iterable, Mapping
from typing import Any

from policylint.engine.conditions import evaluate_conditions
from policylint.engine.entries import load_entries
from policylint.engine.errors import EvaluationError
from policylint.engine.filters import metadata_of
from policylint.engine.handling import Answer, NotApplied, RuleRun, summed_up
from policylint.engine.jmespath import json_numbers
from policylint.engine.mutate.foreach import Mutator, Outcome
from policylint.engine.mutate.targets import find_targets
from policylint.engine.request import Object
from policylint.engine.response import RuleResponse, Step
from policylint.model import YamlPath


def mutate_resource(run: RuleRun) -> Answer:
    """Carries out a rule that mutates the object of the request."""
    excepted = run.excepted()
    if excepted is not None:
        return [excepted]
    path = run.rule.path / "mutate"
    if not run.request.resource:
        return NotApplied("there is no object that could be mutated", path)
    mutator = Mutator(run)
    try:
        outcome = mutator.mutate(run.rule.patches, run.request.resource)
    except EvaluationError as error:
        return [run.error("variable substitution failed", error, mutator.steps)]
    return [_response(run, outcome, mutator.steps)]


def mutate_existing(run: RuleRun) -> Answer:
    """Carries out a rule that mutates other objects when the request's object is admitted: one verdict for each."""
    excepted = run.excepted()
    if excepted is not None:
        return [excepted]
    path = run.rule.path / "mutate" / "targets"
    answers: list[RuleResponse] = []
    found: list[tuple[int, Object]] = []
    for index, target in enumerate(run.rule.mutation["targets"]):
        try:
            found += [(index, each) for each in find_targets(run, target, path / index)]
        except EvaluationError as error:
            answers.append(run.error("failed to load targets", error))
    for index, resource in found:
        answers.append(_existing(run, run.rule.mutation["targets"][index], resource, path / index))
    return answers or NotApplied("no existing object is a target of the rule", path)


def _existing(run: RuleRun, target: Mapping[str, Any], resource: Object, path: YamlPath) -> RuleResponse:
    """What becomes of one target; what it puts into the context stays there for the next, as upstream has it."""
    context = run.context
    context.add_target(json_numbers(resource))
    entries = target.get("context") or ()
    try:
        load_entries(entries, context, run.backends, policy=run.policy.name, rule=run.rule.name, path=path / "context")
    except EvaluationError as error:
        return run.error("failed to load context", error)
    at = path / "preconditions"
    try:
        result = evaluate_conditions(target.get("preconditions"), context, path=at)
    except EvaluationError as error:
        return run.error("failed to evaluate preconditions", error)
    steps = summed_up("preconditions of the target", "met" if result.passed else "not met", result, at)
    if not result.passed:
        message = "; ".join(filter(None, ("preconditions not met", result.message)))
        return run.response("skip", message, policy_path=at, steps=steps)
    mutator = Mutator(run)
    try:
        outcome = mutator.mutate(run.rule.patches, resource)
    except EvaluationError as error:
        return run.error("variable substitution failed", error, (*steps, *mutator.steps))
    answer = _response(run, outcome, (*steps, *mutator.steps))
    return answer._replace(target=resource) if outcome.status == "pass" else answer


def _response(run: RuleRun, outcome: Outcome, steps: Iterable[Step]) -> RuleResponse:
    if outcome.status != "pass":
        return run.response(outcome.status, outcome.message, policy_path=outcome.path, steps=steps)
    message = f"mutated {_named(outcome.resource)}"
    return run.response("pass", message, policy_path=outcome.path, steps=steps, patched=outcome.resource)


def _named(resource: Object) -> str:
    metadata = metadata_of(resource)
    name = f"{resource.get('kind')}/{metadata.get('name') or ''}"
    namespace = metadata.get("namespace")
    return f"{name} in namespace {namespace}" if namespace else name
