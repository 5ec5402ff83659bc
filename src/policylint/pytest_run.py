"""One judging for a whole pytest run, in the process that the user started; pytest-xdist's workers are told of it."""

import pickle
from collections.abc import Iterable
from typing import Any

import pytest

from policylint.errors import PolicylintError
from policylint.lint.check import CheckResult, check
from policylint.pytest_items import FINDING, Phases
from policylint.pytest_manifests import SHIPMENT, ManifestCollection, implementers
from policylint.pytest_session import named_paths, request, run_spec, usage_error
from policylint.pytest_verdicts import Granularity, verdicts_by_file
from policylint.report.summary import headline, tail
from policylint.suites.rule_fixtures import fixture_patterns


class JudgingRun:
    """Judges what the run names, before collection starts, and sums up at its end."""

    def __init__(self, config: pytest.Config, collection: ManifestCollection, granularity: Granularity) -> None:
        self._config = config
        self._collection = collection
        self._granularity = granularity
        self._spec = run_spec(config)._replace(record=True)
        self._result: CheckResult | None = None
        self._below: list[str] = []
        self._left_out: dict[str, None] = {}

    def pytest_report_header(self) -> str:
        where = self._spec.config.file or "no configuration file"
        return f"policylint: {where}, fails on {self._spec.config.fail_on}"

    def pytest_sessionstart(self) -> None:
        paths = named_paths(self._config)
        if not paths:
            return
        spec = self._spec
        fixtures = fixture_patterns(self._config.getini("policylint_fixtures"), spec.config)
        spec = spec._replace(config=spec.config._replace(exclude=(*spec.config.exclude, *fixtures)))
        try:
            self._result = check(request(spec, paths))
        except PolicylintError as error:
            raise usage_error(error) from error
        verdicts = verdicts_by_file(self._result, self._granularity)
        self._collection.take(verdicts, awaited_phases(self._config))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hands a worker of pytest-xdist what it collects: all of them collect the same, and none judges again."""
        node.workerinput[SHIPMENT] = pickle.dumps((self._collection.verdicts, self._collection.phases))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes back what only a worker knows; one that crashed has told nothing."""
        self._left_out.update(dict.fromkeys(getattr(node, "workeroutput", {}).get(SHIPMENT, ())))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.user_properties and report.passed and report.when == "call":
            self._below += [str(value) for name, value in report.user_properties if name == FINDING]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._result is None:
            return
        terminalreporter.section("policylint")
        for line in self._summary(self._result):
            terminalreporter.line(line)

    def _summary(self, result: CheckResult) -> Iterable[str]:
        # Python files are pytest's own to report
        passed_over = tuple(item for item in result.report.not_judged if not item.path.endswith(".py"))
        yield headline(result.report)
        yield from tail(result.report._replace(not_judged=passed_over), verbose=self._config.get_verbosity() > 0)
        yield from _listed("Less severe, so that no test fails:", self._below)
        yield from _listed("With findings, but left out by pytest:", [*self._left_out, *self._collection.left_out()])


def unpack(collection: ManifestCollection, workerinput: dict[str, Any]) -> None:
    """In a worker of pytest-xdist: what the process that started it has found."""
    verdicts, phases = pickle.loads(workerinput[SHIPMENT])  # noqa: S301 -- from the process that started this one
    collection.take(verdicts, phases)


def awaited_phases(config: pytest.Config) -> Phases:
    """The phases of a test whose reports somebody waits for.

    The call's is enough for pytest itself, but for its JUnit reports, which are written at the teardown's. What other
    plugins do is not known, so they get all of them.
    """
    modules = implementers(config, "pytest_runtest_logreport")
    if all(module.startswith(("_pytest.", "xdist.", "policylint.")) for module in modules):
        return ("call", "teardown") if "_pytest.junitxml" in modules else ("call",)
    return ("setup", "call", "teardown")


def _listed(title: str, lines: Iterable[str]) -> Iterable[str]:
    listed = list(lines)
    if listed:
        yield title
        yield from listed
