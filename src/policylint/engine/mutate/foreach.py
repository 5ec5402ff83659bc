"""A rule's patches, once or for every element of lists: kyverno pkg/engine/handlers/mutation/common.go."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from policylint.engine.conditions import evaluate_conditions
from policylint.engine.conditions.outcome import shown
from policylint.engine.entries import load_entries
from policylint.engine.errors import EvaluationError, Unsupported
from policylint.engine.handling import RuleRun, summed_up
from policylint.engine.jmespath import json_numbers
from policylint.engine.mutate.body import ForEach, Mutation
from policylint.engine.mutate.nodes import is_same
from policylint.engine.mutate.patches import Patched, patch
from policylint.engine.request import Object
from policylint.engine.response import Step
from policylint.model import YamlPath

_MOST_STEPS = 500


class Outcome(NamedTuple):
    """What became of an object. `path` is the part of the rule that decided."""

    status: Literal["pass", "skip", "error"]
    resource: Object
    message: str
    path: YamlPath


class Mutator:
    """Applies the patches of one rule in its context, and notes the steps taken."""

    def __init__(self, run: RuleRun) -> None:
        self.steps: list[Step] = []
        self._run = run
        self._context = run.context

    def mutate(self, mutation: Mutation, resource: Object) -> Outcome:
        """`resource` after `mutation`. Raises Unsupported; every other error is an outcome."""
        if mutation.foreach is not None:
            return self._entries(mutation.foreach, resource, 0)
        try:
            body = mutation.rule.substitute(self._context)["mutate"]
        except EvaluationError as error:
            return _failed("variable substitution failed", error, resource, mutation.path)
        return self._patched(resource, body, mutation.path)

    def _patched(self, resource: Object, body: Any, path: YamlPath) -> Outcome:
        try:
            result: Patched = patch(resource, body, path)
        except EvaluationError as error:
            return _failed("failed to patch resource", error, resource, path)
        self._note(result.steps)
        self._note([Step("patch", "changes nothing" if result.resource is None else "applied", path)])
        if result.resource is None:
            return Outcome("skip", resource, "no patches applied", path)
        return Outcome("pass", result.resource, "resource patched", path)

    def _entries(self, entries: Iterable[ForEach], resource: Object, nesting: int) -> Outcome:
        applied = 0
        path = self._run.rule.path / "mutate" / "foreach"
        for entry in entries:
            try:
                elements = self._context.query(entry.expression)
            except EvaluationError as error:
                what = f"failed to evaluate list {entry.expression}"
                return _failed(what, error, resource, entry.path / "list", always=True)
            outcome = self._elements(entry, elements if isinstance(elements, list) else [elements], resource, nesting)
            if outcome.status == "error":
                return outcome._replace(message=f"failed to mutate elements: {outcome.message}")
            if outcome.status == "pass":
                applied += 1
                resource = outcome.resource
                self._context.add_resource(json_numbers(resource))
        return Outcome("pass" if applied else "skip", resource, f"{applied} elements processed", path)

    def _elements(self, entry: ForEach, elements: list[Any], resource: Object, nesting: int) -> Outcome:
        before = resource
        numbered = list(enumerate(elements))
        self._context.checkpoint()
        try:
            for index, element in reversed(numbered) if entry.descending else numbered:
                if element is None:
                    continue
                self._context.reset()
                self._context.add_element(element, index, nesting)
                self._note([Step(f"element {index} of foreach", shown(element), entry.path / "list")])
                outcome = self._element(entry, index, resource, nesting)
                if outcome.status == "error":
                    return outcome
                resource = outcome.resource
        finally:
            self._context.restore()
        if is_same(before, resource, ordered=False):
            return Outcome("skip", before, "no patches applied", entry.path)
        return Outcome("pass", resource, "", entry.path)

    def _element(self, entry: ForEach, index: int, resource: Object, nesting: int) -> Outcome:
        run = self._run
        try:
            load_entries(
                entry.context,
                self._context,
                run.backends,
                policy=run.policy.name,
                rule=run.rule.name,
                element_index=index,
                path=entry.path / "context",
            )
        except EvaluationError as error:
            return _failed(f"failed to load to mutate.foreach[{index}].context", error, resource, entry.path)
        path = entry.path / "preconditions"
        try:
            result = evaluate_conditions(entry.preconditions, self._context, path=path)
        except EvaluationError as error:
            return _failed(f"failed to evaluate mutate.foreach[{index}].preconditions", error, resource, path)
        self._note(summed_up("preconditions", "met" if result.passed else "not met", result, path))
        if not result.passed:
            return Outcome("skip", resource, "preconditions not met", path)
        if entry.foreach is not None:
            return self._entries(entry.foreach, resource, nesting + 1)
        try:
            body = entry.patches.substitute(self._context)
        except EvaluationError as error:
            return _failed("variable substitution failed", error, resource, entry.path)
        return self._patched(resource, body, entry.path)

    def _note(self, steps: Iterable[Step]) -> None:
        if len(self.steps) < _MOST_STEPS:
            self.steps.extend(steps)


def _failed(what: str, error: EvaluationError, resource: Object, path: YamlPath, *, always: bool = False) -> Outcome:
    """The outcome of an error at `path`, or, unless `always`, where the error itself tells."""
    place = path if always or error.path is None else error.path
    if isinstance(error, Unsupported):
        raise Unsupported(error.feature, place) from error
    return Outcome("error", resource, f"{what}: {error.message}", place)
