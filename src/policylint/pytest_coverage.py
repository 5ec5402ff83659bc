"""Policy coverage in a pytest run: what the suites whose tests ran reached of their policies.

Suites are run in the process that the user started, under pytest-xdist too; its workers only report their tests.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from policylint import __version__
from policylint.coverage import Coverage, shortfall
from policylint.errors import PolicylintError, UsageError
from policylint.outcome import SuiteOutcome
from policylint.report.coverage import CoverageReport, write_coverage
from policylint.report.lines import LineReader
from policylint.report.options import RenderOptions

# the property of a test's report that names its suite
SUITE = "policylint_suite"


class CoverageRun:
    """Sums up coverage at the end of the run. `outcomes` hands out the suites of the run."""

    def __init__(self, config: pytest.Config, outcomes: Callable[[], Iterable[SuiteOutcome]]) -> None:
        self._config = config
        self._outcomes = outcomes
        self._reports = _reports(config)
        self._least: float | None = config.getoption("--policy-cov-fail-under")
        self._ran: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._ran.update(str(value) for name, value in report.user_properties if name == SUITE)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._least is not None and self._coverage.is_under(self._least) and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        coverage = self._coverage
        terminalreporter.section("policy coverage")
        options = RenderOptions(
            color=terminalreporter.hasmarkup,
            width=terminalreporter._tw.fullwidth,
            verbose=self._config.get_verbosity() > 0,
            tool_version=__version__,
            read_line=LineReader().read,
        )
        for report in self._reports:
            try:
                write_coverage(report, coverage, terminalreporter._tw, options)
            except PolicylintError as error:
                terminalreporter.line(f"policylint: {error}")
            else:
                if report.file:
                    terminalreporter.line(f"Policy coverage written to {report.file}")
        if self._least is not None and coverage.is_under(self._least):
            terminalreporter.line(f"FAIL {shortfall(coverage, self._least)}", red=True)

    @property
    def _coverage(self) -> Coverage:
        suites = (outcome for outcome in self._outcomes() if outcome.path in self._ran)
        return Coverage.of(policy for outcome in suites for policy in outcome.coverage)


def is_measured(config: pytest.Config) -> bool:
    """Whether the run is to measure coverage: any of the options asks for it."""
    names = ("--policy-cov", "--policy-cov-report", "--policy-cov-fail-under")
    return any(config.getoption(name) not in (None, False, []) for name in names)


def _reports(config: pytest.Config) -> Sequence[CoverageReport]:
    """What the options ask for, the table when they do not say. Raises pytest.UsageError."""
    try:
        reports = [CoverageReport.parse(text) for text in config.getoption("--policy-cov-report")]
        if any(report.format == "json" and not report.file for report in reports):
            raise UsageError("the JSON coverage report needs a file: write json:FILE")
    except UsageError as error:
        raise pytest.UsageError(f"--policy-cov-report: {error}") from error
    return reports or [CoverageReport("text")]
