"""What suites reached of the policies that they test, rule by rule, and what they did not."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

GoalSort = Literal[
    "result",
    "match",
    "exclude",
    "preconditions",
    "foreach",
    "anyPattern",
    "deny",
    "containers",
    "operation",
    "kind",
]


# 33.3 percent of 1000 goals are 333 of them, whatever their product comes to
_ROUNDING = 1e-6


class Goal(NamedTuple):
    """Something about a rule that a suite can reach: `name` says what, `line` is a line of the policy's file."""

    sort: GoalSort
    name: str
    line: int


class RuleCoverage(NamedTuple):
    """The goals of one rule and those that were reached; none when it is `unmeasured`, for the reason given."""

    name: str
    line: int
    goals: tuple[Goal, ...] = ()
    reached: frozenset[Goal] = frozenset()
    unmeasured: str = ""

    @property
    def missing(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.goals if goal not in self.reached)


class PolicyCoverage(NamedTuple):
    """One policy, in the file at `path`, as printed. `unmeasured` says why none of its rules was evaluated."""

    path: str
    line: int
    name: str
    rules: tuple[RuleCoverage, ...] = ()
    unmeasured: str = ""

    @property
    def total(self) -> int:
        return sum(len(rule.goals) for rule in self.rules)

    @property
    def reached(self) -> int:
        return sum(len(rule.reached) for rule in self.rules)


class Coverage(NamedTuple):
    """Every policy that the suites of a run loaded, ordered by file and line."""

    policies: tuple[PolicyCoverage, ...]

    @classmethod
    def of(cls, parts: Iterable[PolicyCoverage]) -> "Coverage":
        """What several suites reached together: of a policy that several load, what any of them reached."""
        merged: dict[tuple[str, int, str], PolicyCoverage] = {}
        for part in parts:
            key = part[:3]
            merged[key] = _merged(merged[key], part) if key in merged else part
        return cls(tuple(merged[key] for key in sorted(merged)))

    @property
    def total(self) -> int:
        return sum(policy.total for policy in self.policies)

    @property
    def reached(self) -> int:
        return sum(policy.reached for policy in self.policies)

    def is_under(self, percent: float) -> bool:
        """Whether less than `percent` of all goals was reached; so it is where nothing could be measured."""
        return not self.total or self.reached * 100 + _ROUNDING < percent * self.total


def percentage(reached: int, total: int) -> float | None:
    """How much of `total` was reached, to a tenth and never rounded up; None of nothing."""
    return reached * 1000 // total / 10 if total else None


def shortfall(coverage: Coverage, least: float) -> str:
    """What to say of `coverage` that is under `least` percent."""
    share = percentage(coverage.reached, coverage.total)
    if share is None:
        return f"policy coverage: nothing could be measured, and {least:g}% were asked for"
    return f"policy coverage is {share:.1f}%, which is less than the {least:g}% that were asked for"


def _merged(one: PolicyCoverage, other: PolicyCoverage) -> PolicyCoverage:
    if one.unmeasured or other.unmeasured:
        return other if one.unmeasured else one
    rules = {(rule.name, rule.line): rule for rule in one.rules}
    for rule in other.rules:
        key = (rule.name, rule.line)
        rules[key] = _merged_rule(rules[key], rule) if key in rules else rule
    return one._replace(rules=tuple(rules.values()))


def _merged_rule(one: RuleCoverage, other: RuleCoverage) -> RuleCoverage:
    if one.unmeasured or other.unmeasured:
        return other if one.unmeasured else one
    goals = tuple(dict.fromkeys((*one.goals, *other.goals)))
    return one._replace(goals=goals, reached=one.reached | other.reached)
