"""A suite run: its policies asked about its resources, and its expected results held against the answers.

Source: commands/test/test.go `runTest`, processor/policy_processor.go, processor/operation.go.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from policylint.engine.engine import evaluate_all
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.policy import Policy
from policylint.engine.request import GroupVersionKind, Request
from policylint.suites.expected import ExpectedObjects
from policylint.suites.files import SuiteError
from policylint.suites.inputs import Inputs, load_inputs
from policylint.suites.load import Suite, load_suites
from policylint.suites.mocks import backends_of
from policylint.suites.outcome import Row, SuiteOutcome
from policylint.suites.policies import SuitePolicy
from policylint.suites.resources import Loaded, key_of
from policylint.suites.results import World, rows_of
from policylint.suites.selection import Answers


def run_suite(path: Path, *, compat: bool = False, shown: str | None = None) -> SuiteOutcome:
    """Runs every suite of the file at `path`, printed as `shown`. What cannot be read or run is said in the outcome.

    With `compat`, rows that upstream's runner passes count as passed.
    """
    label = shown if shown is not None else path.as_posix()
    rows: list[Row] = []
    notes: list[str] = []
    try:
        suites = load_suites(path, label)
    except SuiteError as error:
        return SuiteOutcome(label, (), error.message, error.line or None, compat=compat)
    problem: SuiteError | None = None
    for suite in suites:
        try:
            running = _Running(suite, label, compat)
            rows += running.rows()
            notes += running.notes
        except SuiteError as error:
            problem = problem or error
    if problem is not None:
        return SuiteOutcome(label, tuple(rows), problem.message, problem.line or None, tuple(notes), compat)
    return SuiteOutcome(label, tuple(rows), notes=tuple(notes), compat=compat)
