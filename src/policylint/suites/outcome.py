"""What running a suite came to: one row for each expected result, resource and rule, as the `test` report prints it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from policylint.engine.response import Step

RowStatus = Literal["pass", "fail", "error", "unmatched", "lenient"]
ROW_STATUSES: tuple[RowStatus, ...] = ("pass", "fail", "error", "unmatched", "lenient")
SuiteStatus = Literal["pass", "fail", "error"]

EXCLUDED = "excluded"
NOT_FOUND = "not-found"


class Row(NamedTuple):
    """One expected result held against what the engine says.

    `line` is a line of the suite; `policy_line` and `resource_line` are lines of `policy_file` and `resource_file`,
    None where there is nothing to point at. `actual` is a result, `excluded` when no rule applied to the resource, or
    `not-found` when there was nothing to ask. A `lenient` row is one that `kyverno test` passes through a hole; then
    `reason` names the hole and what to write instead. `diff` is a unified diff of an expected object and the actual
    one.
    """

    line: int
    policy: str
    rule: str
    resource: str
    expected: str
    actual: str
    status: RowStatus
    reason: str = ""
    policy_line: int | None = None
    resource_line: int | None = None
    policy_file: str = ""
    resource_file: str = ""
    steps: tuple[Step, ...] = ()
    diff: str = ""


class SuiteOutcome(NamedTuple):
    """All rows of one suite file. `error` is why it could not be run, in whole or in part, at `error_line`.

    `notes` are what its author should know besides: an old schema, duplicates, names that nothing has. With `compat`,
    lenient rows count as passed.
    """

    path: str
    rows: tuple[Row, ...]
    error: str | None = None
    error_line: int | None = None
    notes: tuple[str, ...] = ()
    compat: bool = False

    @property
    def status(self) -> SuiteStatus:
        if self.error is not None or any(row.status == "error" for row in self.rows):
            return "error"
        return "fail" if any(not self.passes(row) for row in self.rows) else "pass"

    def passes(self, row: Row) -> bool:
        """Whether a row counts as passed."""
        return row.status == "pass" or (self.compat and row.status == "lenient")

    def counts(self) -> Mapping[RowStatus, int]:
        totals: dict[RowStatus, int] = dict.fromkeys(ROW_STATUSES, 0)
        for row in self.rows:
            totals[row.status] += 1
        return totals
