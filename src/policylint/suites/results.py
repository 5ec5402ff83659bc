"""Expected results held against what the engine answered: one row for each entry, resource and rule.

Source: commands/test/output.go `printTestResult`, commands/test/command.go `checkResult`, pkg/utils/report/results.go.
Where upstream passes a row without having checked what it says, the row is `lenient` and its reason names the hole.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from policylint.engine.objects import key_of
from policylint.engine.response import PolicyResponse, RuleResponse, Unmatched
from policylint.errors import did_you_mean
from policylint.outcome import EXCLUDED, NOT_FOUND, Row, RowStatus
from policylint.suites.decisions import located
from policylint.suites.expected import Comparison, ExpectedObjects
from policylint.suites.load import Entry
from policylint.suites.policies import SuitePolicy
from policylint.suites.resources import Loaded
from policylint.suites.selection import Absent, Answers, Choice, and_upstream, choose

_PREFIXES = ("", "autogen-", "autogen-cronjob-")
_RESULTS = ("pass", "fail", "skip", "warn", "error")
_SCORED = "policies.kyverno.io/scored"


class World(NamedTuple):
    """All that the entries of a suite are held against. `answer` gives the answers to one operation, empty for none."""

    policies: Sequence[SuitePolicy]
    answer: Callable[[str], Sequence[Answers]]
    targets: Sequence[Loaded]
    expected: ExpectedObjects


def rows_of(entry: Entry, world: World, *, compat: bool) -> Iterator[Row]:
    """The rows of one entry. With `compat` there is a row for every resource that upstream would check."""
    problem = _expectation_problem(entry) or _policy_problem(entry, world.policies)
    if problem:
        for named in entry.resources or (entry.policy._replace(text=""),):
            yield _row(entry, named.text, named.line, NOT_FOUND, "unmatched", problem)
        return
    policy = _policy(entry, world.policies)
    answers = world.answer(entry.operation)
    for choice in choose(entry, world.targets, answers, compat=compat):
        if isinstance(choice, Absent):
            if policy.unsupported:  # it may be about payloads, which are no resources
                reason = f"unsupported: {policy.unsupported}"
                yield _row(entry, choice.named.text, choice.named.line, NOT_FOUND, "error", reason)
                continue
            status: RowStatus = "lenient" if choice.silent else "unmatched"
            yield _row(entry, choice.named.text, choice.named.line, NOT_FOUND, status, choice.reason)
            continue
        for row in _Checks(entry, world, policy, choice, answers).rows():
            lenient = choice.stray and row.status == "pass"
            yield row._replace(status="lenient", reason=choice.stray) if lenient else row


def _expectation_problem(entry: Entry) -> str:
    if entry.expected in _RESULTS:
        return ""
    return f"{entry.expected!r} is no result; write one of {', '.join(_RESULTS)}"


def _policy_problem(entry: Entry, policies: Sequence[SuitePolicy]) -> str:
    names = sorted({policy.name for policy in policies})
    if entry.policy_name in names:
        return ""
    return f"no policy of this suite is called {entry.policy_name!r}{did_you_mean(entry.policy_name, names)}"


def _policy(entry: Entry, policies: Sequence[SuitePolicy]) -> SuitePolicy:
    """The policy that an entry means. Upstream goes by the name alone."""
    called = [policy for policy in policies if policy.name == entry.policy_name]
    return next((policy for policy in called if policy.namespace == entry.policy_namespace), called[0])


def _row(entry: Entry, resource: str, line: int, actual: str, status: RowStatus, reason: str) -> Row:
    return Row(line, entry.policy.text, entry.rule, resource, entry.expected, actual, status, reason)


class _Checks:
    """One entry, one policy, one resource."""

    def __init__(
        self, entry: Entry, world: World, policy: SuitePolicy, choice: Choice, answers: Sequence[Answers]
    ) -> None:
        self._entry = entry
        self._expected = world.expected
        self._policy = policy
        self._choice = choice
        self._answers = answers
        self._names = [prefix + entry.rule for prefix in _PREFIXES]

    def rows(self) -> Iterator[Row]:
        policy, answers = self._policy, self._choice.answers
        if policy.unsupported:
            yield self._row(NOT_FOUND, "error", f"unsupported: {policy.unsupported}")
        elif policy.invalid:
            reason = f"the policy is invalid, and upstream passes every row of an invalid policy: {policy.invalid}"
            yield self._row(NOT_FOUND, "lenient", reason)
        elif answers is None:
            yield from self._target_rows()
        elif answers.error:
            yield self._row("error", "error", answers.error)
        else:
            yield from self._trigger_rows(answers)

    def _trigger_rows(self, answers: Answers) -> Iterator[Row]:
        if self._entry.rule:
            policy = self._policy.name
            rules = [found for name in self._names for found in answers.by_rule.get((policy, name), ())]
        else:
            rules = [(response, rule) for response in self._responses(answers) for rule in response.rules]
        for response, rule in rules:
            yield from self._rule_rows(response, rule)
        if not rules:
            yield self._unanswered(self._responses(answers))

    def _responses(self, answers: Answers) -> list[PolicyResponse]:
        return [response for response in answers.responses if response.policy == self._policy.name]

    def _rules(self, response: PolicyResponse) -> list[RuleResponse]:
        return [rule for rule in response.rules if not self._entry.rule or rule.rule in self._names]

    def _rule_rows(self, response: PolicyResponse, rule: RuleResponse) -> Iterator[Row]:
        entry = self._entry
        if rule.type == "generate" and rule.generated:
            yield from (self._judged(rule, self._expected.compare(entry, generated)) for generated in rule.generated)
            return
        if rule.type == "generate" and rule.status == "pass":
            tail = "upstream passes such rows whatever they expect: correct the rule, or expect `skip`"
            skipped = entry.expected == "skip"
            yield self._of_rule(rule, EXCLUDED, "pass" if skipped else "lenient", f"{rule.message}; {tail}")
            return
        if rule.type == "generate" or not (entry.patched or entry.generated):
            yield self._judged(rule, None)
            return
        mutated = rule.type == "mutate" and response.patched is not None
        comparison = self._expected.compare(entry, response.patched if mutated else self._choice.resource.object)
        if comparison.missing and not entry.fail_on_missing and not rule.unsupported:
            tail = "upstream then checks nothing: add the object, or set `failOnMissingResources: true`"
            yield self._of_rule(rule, rule.status, "lenient", f"{comparison.missing}; {tail}")
        else:
            yield self._judged(rule, comparison)

    def _target_rows(self) -> Iterator[Row]:
        """Rows for an object that rules change when other objects are admitted."""
        entry, key = self._entry, self._choice.resource.key
        asked = [
            rule for answers in self._answers for response in self._responses(answers) for rule in self._rules(response)
        ]
        rules = [rule for rule in asked if rule.target is not None and key_of(rule.target) == key]
        rules = rules or [rule for rule in asked if rule.unsupported]
        for rule in rules:
            compared = not rule.unsupported and (entry.patched is not None or bool(entry.generated))
            patched = rule.patched if rule.patched is not None else rule.target
            yield self._judged(rule, self._expected.compare(entry, patched) if compared else None)
        if not rules:
            yield self._row(NOT_FOUND, "unmatched", self._unknown_rule() or "no rule of the policy changes this target")

    def _judged(self, rule: RuleResponse, comparison: Comparison | None) -> Row:
        expected, actual = self._entry.expected, self._result(rule)
        if rule.unsupported:
            return self._of_rule(rule, "error", "error", f"unsupported: {rule.unsupported}")
        if comparison is not None and not comparison.equal:
            return self._of_rule(rule, actual, "fail", comparison.reason)._replace(diff=comparison.difference)
        if actual != expected:
            reason = f"expected {expected}, got {actual}" + (f": {rule.message}" if rule.message else "")
            return self._of_rule(rule, actual, "fail", reason)
        return self._of_rule(rule, actual, "pass", rule.message)

    def _result(self, rule: RuleResponse) -> str:
        """The report's word for a rule's status: policies that are not scored warn where others fail."""
        if rule.status == "fail" and self._policy.annotations.get(_SCORED) == "false":
            return "warn"
        return rule.status

    def _unanswered(self, responses: Sequence[PolicyResponse]) -> Row:
        """No rule applied: a pass to upstream, whatever was expected, unless the policy only generates."""
        unknown, unmatched = self._unknown_rule(), self._unmatched(responses)
        why = unmatched.reason if unmatched is not None else "no rule of the policy applies to the resource"
        if not self._policy.answers_always:
            row = self._row(NOT_FOUND, "unmatched", unknown or f"nothing was generated: {why}")
        elif unknown:
            row = self._row(EXCLUDED, "lenient", and_upstream(unknown, "passes rows of rules that do not exist"))
        elif self._entry.expected == "skip":
            row = self._row(EXCLUDED, "pass", why)
        else:
            tail = "upstream passes such rows whatever they expect: correct the match, or expect `skip`"
            row = self._row(EXCLUDED, "lenient", f"no rule applied: {why}; {tail}")
        if unmatched is not None and unmatched.policy_path is not None:
            return row._replace(policy_place=self._policy.document.location(unmatched.policy_path))
        return row

    def _unmatched(self, responses: Sequence[PolicyResponse]) -> Unmatched | None:
        found = (each for response in responses for each in response.unmatched)
        return next((each for each in found if not self._entry.rule or each.rule in self._names), None)

    def _unknown_rule(self) -> str:
        name, policy = self._entry.rule, self._policy
        if not name or policy.has_rule(name):
            return ""
        return f"policy {policy.name!r} has no rule {name!r}{did_you_mean(name, policy.rule_names)}"

    def _row(self, actual: str, status: RowStatus, reason: str) -> Row:
        resource, policy = self._choice.resource, self._policy
        return _row(self._entry, str(resource.key), self._choice.line, actual, status, reason)._replace(
            policy_place=policy.document.location(),
            resource_place=resource.document.location(),
        )

    def _of_rule(self, rule: RuleResponse, actual: str, status: RowStatus, reason: str) -> Row:
        row = self._row(actual, status, reason)._replace(rule=rule.rule)
        policy, resource = self._policy.document, self._choice.resource.document
        if rule.policy_path is not None:
            row = row._replace(policy_place=policy.location(rule.policy_path))
        if rule.resource_path is not None:
            row = row._replace(resource_place=resource.location(rule.resource_path))
        return row._replace(steps=located(rule.steps, policy, resource))
