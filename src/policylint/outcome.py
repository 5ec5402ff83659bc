"""What suites of policy tests, and policies applied to resources, came to: what `test` and `apply` report."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from policylint.coverage import PolicyCoverage
from policylint.model import InternalError, Location

RowStatus = Literal["pass", "fail", "error", "unmatched", "lenient"]
ROW_STATUSES: tuple[RowStatus, ...] = ("pass", "fail", "error", "unmatched", "lenient")
SuiteStatus = Literal["pass", "fail", "error"]
AnswerStatus = Literal["pass", "fail", "warn", "error", "skip", "unmatched"]
ANSWER_STATUSES: tuple[AnswerStatus, ...] = ("pass", "fail", "warn", "error", "skip", "unmatched")

EXCLUDED = "excluded"
NOT_FOUND = "not-found"


class Decision(NamedTuple):
    """One decision on the way to a verdict: what was decided, how, and where in the policy and in the resource.

    Paths are as printed, empty where there is none; places are of the files that hold the policy and the resource.
    `holds` tells whether what the policy says there was so; None for steps that decide nothing.
    """

    what: str
    outcome: str
    policy_path: str = ""
    policy_place: Location | None = None
    resource_path: str = ""
    resource_place: Location | None = None
    holds: bool | None = None


class Row(NamedTuple):
    """One expected result held against what the engine says.

    `line` is a line of the suite; the places are what decided in the policy and in the resource, None where there is
    nothing to point at. `actual` is a result, `excluded` when no rule applied to the resource, or `not-found` when
    there was nothing to ask. A `lenient` row is one that `kyverno test` passes through a hole; then `reason` names the
    hole and what to write instead. `diff` is a unified diff of an expected object and the actual one.
    """

    line: int
    policy: str
    rule: str
    resource: str
    expected: str
    actual: str
    status: RowStatus
    reason: str = ""
    policy_place: Location | None = None
    resource_place: Location | None = None
    steps: tuple[Decision, ...] = ()
    diff: str = ""

    @property
    def policy_line(self) -> int | None:
        return None if self.policy_place is None else self.policy_place.line

    @property
    def policy_file(self) -> str:
        return "" if self.policy_place is None else self.policy_place.path

    @property
    def resource_line(self) -> int | None:
        return None if self.resource_place is None else self.resource_place.line

    @property
    def resource_file(self) -> str:
        return "" if self.resource_place is None else self.resource_place.path

    @property
    def rule_name(self) -> str:
        """`policy/rule`, or the policy alone where no rule is named."""
        return f"{self.policy}/{self.rule}" if self.rule else self.policy


class SuiteOutcome(NamedTuple):
    """All rows of one suite file. `error` is why it could not be run, in whole or in part, at `error_line`.

    `notes` are what its author should know besides: an old schema, duplicates, names that nothing has. With `compat`,
    lenient rows count as passed. `coverage` is what the suites reached of their policies, if that was asked for.
    """

    path: str
    rows: tuple[Row, ...]
    error: str | None = None
    error_line: int | None = None
    notes: tuple[str, ...] = ()
    compat: bool = False
    coverage: tuple[PolicyCoverage, ...] = ()

    @property
    def status(self) -> SuiteStatus:
        if self.error is not None or any(row.status == "error" for row in self.rows):
            return "error"
        return "fail" if any(not self.passes(row) for row in self.rows) else "pass"

    def passes(self, row: Row) -> bool:
        """Whether a row counts as passed."""
        return row.status == "pass" or (self.compat and row.status == "lenient")

    def counts(self) -> Mapping[str, int]:
        totals: dict[str, int] = dict.fromkeys(ROW_STATUSES, 0)
        for row in self.rows:
            totals[row.status] += 1
        return totals


class Tested(NamedTuple):
    """A run of `test`, its suites in order. `not_run` were left out after the first failure.

    `left_out` counts rows that a filter left out, `errors` are suites on which policylint itself broke.
    """

    suites: tuple[SuiteOutcome, ...]
    compat: bool = False
    not_run: int = 0
    left_out: int = 0
    errors: tuple[InternalError, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.errors and all(suite.status == "pass" for suite in self.suites)

    def counts(self) -> Mapping[str, int]:
        totals: dict[str, int] = dict.fromkeys(ROW_STATUSES, 0)
        for suite in self.suites:
            for status, number in suite.counts().items():
                totals[status] += number
        return totals


class Answer(NamedTuple):
    """What one rule says to one resource.

    `unmatched` are rules that are not for the resource, for the reason in `message`. `action` is what a failure leads
    to, empty for rules that do not judge; `denies` tells that the request would be refused. `diff` is what a rule
    changes of the resource, or what it makes, as a unified diff.
    """

    policy: str
    rule: str
    resource: str
    status: AnswerStatus
    message: str
    type: str = ""
    action: Literal["Enforce", "Audit", ""] = ""
    denies: bool = False
    policy_place: Location | None = None
    resource_place: Location | None = None
    steps: tuple[Decision, ...] = ()
    diff: str = ""
    unsupported: bool = False

    @property
    def rule_name(self) -> str:
        return f"{self.policy}/{self.rule}" if self.rule else self.policy


class Unread(NamedTuple):
    """An input that could not be used, where and why."""

    place: Location
    message: str


class Applied(NamedTuple):
    """What policies say to resources. `unread` are inputs that could not be used, `notes` what users should know."""

    answers: tuple[Answer, ...]
    policies: int = 0
    resources: int = 0
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def denied(self) -> Iterable[Answer]:
        return (answer for answer in self.answers if answer.denies)

    def counts(self) -> Mapping[str, int]:
        totals: dict[str, int] = dict.fromkeys(ANSWER_STATUSES, 0)
        for answer in self.answers:
            totals[answer.status] += 1
        return totals
