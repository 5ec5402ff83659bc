"""`validate` rules with pattern, anyPattern, deny and foreach.

As kyverno pkg/engine/handlers/validation/validate_resource.go.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from policylint.engine.checks import Check, ForEach
from policylint.engine.conditions import evaluate_conditions
from policylint.engine.conditions.outcome import shown
from policylint.engine.entries import load_entries
from policylint.engine.errors import EvaluationError, Unsupported
from policylint.engine.existing import violated_before
from policylint.engine.handling import Answer, NotApplied, RuleRun, summed_up
from policylint.engine.jmespath import json_numbers
from policylint.engine.pattern import PatternResult, match_pattern
from policylint.engine.places import Places, place_of_query
from policylint.engine.response import Status, Step
from policylint.engine.variables import substitute
from policylint.model import ROOT, YamlPath

_MOST_STEPS = 500


class _Verdict(NamedTuple):
    status: Status
    message: str
    policy_path: YamlPath | None = None
    resource_path: YamlPath | None = None


class _Scope(NamedTuple):
    """What a check looks at: the whole object, or the element of the innermost foreach that is a scope.

    `place` is where that stands in the object, if known; `nesting` counts the foreach around, `number` the elements
    before it in the innermost.
    """

    element: Any = None
    place: YamlPath | None = ROOT
    nesting: int = 0
    number: int = 0


def validate_resource(run: RuleRun) -> Answer:
    """Carries out a rule with pattern, anyPattern, deny or foreach."""
    excepted = run.excepted()
    if excepted is not None:
        return [excepted]
    validator = _Validator(run)
    try:
        verdict = validator.verdict(run.rule.check, _Scope())
        if isinstance(verdict, _Verdict) and verdict.status == "fail" and violated_before(run, _fails):
            message = "skipping the rule evaluation as pre-existing violations are allowed"
            verdict = verdict._replace(status="skip", message=message)
    except EvaluationError as error:
        return [run.error("variable substitution failed", error, validator.steps)]
    if isinstance(verdict, NotApplied):
        return verdict
    return [
        run.response(
            verdict.status,
            verdict.message,
            policy_path=verdict.policy_path,
            resource_path=verdict.resource_path,
            steps=validator.steps,
        )
    ]


def _fails(run: RuleRun) -> bool:
    verdict = _Validator(run).verdict(run.rule.check, _Scope())
    return isinstance(verdict, _Verdict) and verdict.status == "fail"


class _Validator:
    """One rule held against one request, and the steps taken so far."""

    def __init__(self, run: RuleRun) -> None:
        self.steps: list[Step] = []
        self._run = run
        self._rule = run.rule
        self._context = run.context

    @cached_property
    def _places(self) -> Places:
        return Places(self._context.query("request.object || request.oldObject"))

    def verdict(self, check: Check, scope: _Scope) -> _Verdict | NotApplied:
        """What `check` says; raises EvaluationError only for what is not supported or can never be evaluated."""
        if check.deny is not None:
            return self._deny(check, check.deny, scope)
        if check.pattern is not None or check.any_pattern is not None:
            return self._patterns(check, scope)
        if check.foreach is not None:
            return self._foreach(check.foreach, scope)
        return NotApplied("the rule checks nothing", check.path)

    def _deny(self, check: Check, deny: Mapping[str, Any], scope: _Scope) -> _Verdict:
        path = check.path / "deny" / "conditions"
        try:
            result = evaluate_conditions(deny.get("conditions"), self._context, path=path)
        except EvaluationError as error:
            return self._error("failed to check deny conditions", error)
        denied = "the conditions hold, which denies" if result.passed else "the conditions do not hold"
        every = f"there are no conditions, which denies {'everything' if result.passed else 'nothing'}"
        none = [Step("deny", every, path.parent, holds=result.passed)]
        self._note(summed_up("deny", denied, result, path) or none)
        if not result.passed:
            return _Verdict("pass", f"validation rule '{self._rule.name}' passed.", path)
        decisive = next((step.policy_path for step in result.steps if step.holds), None)
        place = scope.place if scope.nesting else self._place_of_condition(decisive)
        return _Verdict("fail", self._deny_message(result.message), decisive or path, place)

    def _place_of_condition(self, path: YamlPath | None) -> YamlPath | None:
        condition: Any = self._rule.data
        for step in path[len(self._rule.path) :] if path else ():
            condition = condition[step]
        key = condition.get("key") if isinstance(condition, Mapping) else None
        return place_of_query(key, self._run.request.subject)

    def _deny_message(self, said: str) -> str:
        message = self._rule.validation.get("message") or ""
        if not message and not said:
            return f"validation error: rule {self._rule.name} failed"
        joined = "; ".join(part for part in (message, said) if part)
        try:
            text = substitute(joined, self._context, path=self._rule.path / "validate" / "message")
        except EvaluationError:
            return said or message
        return text if isinstance(text, str) else "the produced message didn't resolve to a string"

    def _patterns(self, check: Check, scope: _Scope) -> _Verdict | NotApplied:
        try:
            pattern = check.pattern.substitute(self._context) if check.pattern is not None else None
            patterns = None
            if pattern is None and check.any_pattern is not None:
                patterns = check.any_pattern.substitute(self._context)
        except EvaluationError as error:
            return self._error("variable substitution failed", error)
        resource = scope.element
        if resource is None:
            if self._run.request.operation == "DELETE":
                return NotApplied("patterns are not held against objects that are deleted", check.path)
            resource = self._run.request.resource
        if patterns is not None:
            return self._any_pattern(patterns, check.path / "anyPattern", resource, scope)
        return self._pattern(pattern, check.path / "pattern", resource, scope)

    def _pattern(self, pattern: Any, path: YamlPath, resource: Any, scope: _Scope) -> _Verdict:
        result = match_pattern(pattern, resource)
        decided, place = self._decided(result, path, scope)
        if result.outcome == "pass":
            return _Verdict("pass", f"validation rule '{self._rule.name}' passed.", path, place)
        if result.outcome == "skip":
            return _Verdict("skip", f"{_shown(result)} {result.reason}", decided, place)
        failed_at = f"failed at path {_pointer(result.path)}"
        if result.outcome == "error":
            failed_at = f"execution error: {_shown(result)} {result.reason}"
        return _Verdict(result.outcome, self._pattern_message(failed_at), decided, place)

    def _any_pattern(self, patterns: Any, path: YamlPath, resource: Any, scope: _Scope) -> _Verdict:
        if not isinstance(patterns, list):
            return self._error("", EvaluationError("anyPattern is not a list", path))
        name = self._rule.name
        failed: list[tuple[str, YamlPath, YamlPath | None]] = []
        skipped: list[tuple[str, YamlPath, YamlPath | None]] = []
        for index, pattern in enumerate(patterns):
            # unlike those of a pattern, the numbers of anyPattern go through JSON once more
            result = match_pattern(json_numbers(pattern), resource)
            decided, place = self._decided(result, path / index, scope)
            if result.outcome == "pass":
                return _Verdict("pass", f"validation rule '{name}' anyPattern[{index}] passed.", path / index, place)
            if result.outcome == "skip":
                skipped.append((f"rule {name}[{index}] skipped: {_shown(result)} {result.reason}", decided, place))
            elif result.outcome == "error":
                failed.append((f"rule {name}[{index}] failed: {_shown(result)} {result.reason}", decided, place))
            else:
                failed.append((f"rule {name}[{index}] failed at path {_pointer(result.path)}", decided, place))
        decisive = failed or skipped
        if not decisive:
            return _Verdict("pass", self._rule.validation.get("message") or "", path)
        said = " ".join(text for text, _, _ in decisive)
        _, decided, place = decisive[0]
        if not failed:
            return _Verdict("skip", said, decided, place)
        message = self._message()
        return _Verdict("fail", f"validation error: {message}{' ' if message else ''}{said}", decided, place)

    def _decided(self, result: PatternResult, path: YamlPath, scope: _Scope) -> tuple[YamlPath, YamlPath | None]:
        """Where in the policy and in the object a pattern was decided, which is also a step."""
        decided = path / result.pattern_path
        place = None if scope.place is None else scope.place / result.path
        outcome = {"pass": "matches", "skip": "does not apply", "fail": "does not match", "error": "cannot be held"}
        what = "pattern" if result.outcome == "pass" else f"{_shown(result)} {result.reason}"
        self._note((Step(what, outcome[result.outcome], decided, place, result.outcome == "pass"),))
        return decided, place

    def _pattern_message(self, failed_at: str) -> str:
        message = self._message()
        return f"validation error: {message}{' ' if message else ''}rule {self._rule.name} {failed_at}"

    def _message(self) -> str:
        """The policy's message as a sentence, empty when it has none."""
        message = self._rule.validation.get("message")
        if not message:
            return ""
        try:
            text = substitute(message, self._context, path=self._rule.path / "validate" / "message")
        except EvaluationError:
            return "variables substitution error in"
        return str(text) if str(text).endswith(".") else f"{text}."

    def _foreach(self, entries: Iterable[ForEach], scope: _Scope) -> _Verdict | NotApplied:
        applied = 0
        unlisted: list[Step] = []
        path: YamlPath | None = None
        for entry in entries:
            at = entry.check.path / "list"
            path = path or at
            try:
                elements = self._context.query(entry.expression)
            except Unsupported as error:
                raise Unsupported(error.feature, at) from error
            except EvaluationError as error:
                unlisted.append(Step(f"foreach {entry.expression}", f"no list: {error.message}", at, holds=False))
                self._note(unlisted[-1:])
                continue
            outcome = self._elements(entry, elements if isinstance(elements, list) else [elements], scope)
            if isinstance(outcome, _Verdict):
                return outcome
            applied += outcome
        if not applied:
            why = "".join(f"; {step.what}: {step.outcome}" for step in unlisted)
            return NotApplied(f"its foreach had no element to judge{why}", path)
        return _Verdict("pass", "rule passed")

    def _elements(self, entry: ForEach, elements: list[Any], scope: _Scope) -> _Verdict | int:
        """The verdict that ends the foreach, or else how many elements passed."""
        applied = 0
        self._context.checkpoint()
        try:
            for index, element in enumerate(elements):
                if element is None:
                    continue
                self._context.reset()
                self._context.add_element(element, index, scope.nesting)
                is_scope = isinstance(element, dict)
                if entry.element_scope and not is_scope:
                    message = "failed to process foreach: elementScope is true, but an element is no mapping"
                    return _Verdict("error", message, entry.check.path / "elementScope")
                is_scope = is_scope if entry.element_scope is None else entry.element_scope
                place = self._places.of_element(entry.expression, index, element)
                self._note([Step(f"element {index} of foreach", shown(element), entry.check.path / "list", place)])
                inner = _Scope(element if is_scope else scope.element, place, scope.nesting + 1, index)
                verdict = self._element(entry.check, inner)
                if isinstance(verdict, NotApplied) or verdict.status == "skip":
                    continue
                if verdict.status == "error" and index < len(elements) - 1:
                    continue
                if verdict.status != "pass":
                    return verdict._replace(message=f"validation failure: {verdict.message}")
                applied += 1
        finally:
            self._context.restore()
        return applied

    def _element(self, check: Check, scope: _Scope) -> _Verdict | NotApplied:
        run = self._run
        try:
            load_entries(
                check.context,
                self._context,
                run.backends,
                policy=run.policy.name,
                rule=run.rule.name,
                element_index=scope.number,
                path=check.path / "context",
            )
        except EvaluationError as error:
            return self._error("failed to load context", error)
        path = check.path / "preconditions"
        try:
            result = evaluate_conditions(check.preconditions, self._context, path=path)
        except EvaluationError as error:
            return self._error("failed to evaluate preconditions", error)
        self._note(summed_up("preconditions", "met" if result.passed else "not met", result, path))
        if not result.passed:
            message = "; ".join(filter(None, ("preconditions not met", result.message)))
            return _Verdict("skip", message, path, scope.place)
        return self.verdict(check, scope)

    def _error(self, what: str, error: EvaluationError) -> _Verdict:
        if isinstance(error, Unsupported):
            raise error
        self._note([Step(what or "evaluation", error.message, error.path, holds=False)])
        return _Verdict("error", f"{what}: {error.message}" if what else error.message, error.path)

    def _note(self, steps: Iterable[Step]) -> None:
        if len(self.steps) < _MOST_STEPS:
            self.steps.extend(steps)


def _pointer(path: YamlPath) -> str:
    """A path as upstream's messages spell it."""
    return "/" + "".join(f"{step}/" for step in path)


def _shown(result: PatternResult) -> str:
    return str(result.path) or "the object"
