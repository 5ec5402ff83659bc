"""Suites of policy tests as tests: one for each row, run once for a whole pytest run.

Like manifests, suites are run in the process that the user started; pytest-xdist's workers are told the outcome.
"""

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from os.path import normpath
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from policylint.errors import PolicylintError
from policylint.outcome import Row, SuiteOutcome, Tested
from policylint.pytest_coverage import SUITE
from policylint.pytest_items import Crash, PolicyFile, PolicyItem
from policylint.pytest_session import named_paths, run_spec, usage_error
from policylint.pytest_verdicts import Verdict, fit
from policylint.report import RenderOptions
from policylint.report.escape import visible
from policylint.report.lines import LineReader
from policylint.report.options import ReadLine
from policylint.report.suites_text import render_row, row_headline, summary
from policylint.suites.find import find_suites
from policylint.suites.rule_fixtures import fixture_patterns
from policylint.suites.testing import run_suites

# what our part of pytest-xdist's messages is called
_SHIPMENT = "policylint_suites"
_WIDTH = 100
# the test of a suite that has no rows, or that could not be run
_WHOLE_SUITE = "suite"

Outcomes = Mapping[Path, SuiteOutcome]


class SuiteCollection:
    """Hands the rows of the suites that pytest walks over to pytest."""

    def __init__(self, config: pytest.Config) -> None:
        folder = config.invocation_params.dir
        named = (argument.partition("::") for argument in config.args)
        # pytest knows files by normalised absolute paths, links in them not followed
        self._searched = {Path(normpath(folder / path)) for path, names, _ in named if names}
        self._read_line = LineReader().read
        self.outcomes: Outcomes = {}

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        outcome = self.outcomes.get(file_path)
        if outcome is None:
            return None
        searched = file_path in self._searched
        return SuiteFile.from_parent(
            parent, path=file_path, outcome=outcome, searched=searched, read_line=self._read_line
        )


class SuiteRun:
    """Runs the suites below what the run names, before collection starts, and sums up at its end."""

    def __init__(self, config: pytest.Config, collection: SuiteCollection, compat: bool, coverage: bool) -> None:
        self._config = config
        self._coverage = coverage
        self._collection = collection
        self._compat = compat
        self._tested: Tested | None = None

    def pytest_sessionstart(self) -> None:
        spec = run_spec(self._config)
        fixtures = fixture_patterns(self._config.getini("policylint_fixtures"), spec.config)
        settings = spec.config._replace(exclude=(*spec.config.exclude, *fixtures))
        try:
            suites = find_suites(named_paths(self._config), settings, by_name=True)
        except PolicylintError as error:
            raise usage_error(error) from error
        if not suites:
            return
        self._tested = run_suites(suites, compat=self._compat, parallel=spec.parallel, coverage=self._coverage)
        paths = {suite.shown: Path(suite.path) for suite in suites}
        broken = (SuiteOutcome(each.path, (), f"policylint broke: {each.message}") for each in self._tested.errors)
        self._collection.outcomes = {paths[each.path]: each for each in (*self._tested.suites, *broken)}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hands a worker of pytest-xdist what it collects."""
        node.workerinput[_SHIPMENT] = pickle.dumps(self._collection.outcomes)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._tested is None:
            return
        terminalreporter.section("policylint suites")
        for suite in self._tested.suites:
            for note in suite.notes:
                terminalreporter.line(f"{visible(suite.path)}: {visible(note)}")
        for line in summary(self._tested):
            terminalreporter.line(line)


def unpack_suites(collection: SuiteCollection, workerinput: dict[str, Any]) -> None:
    """In a worker of pytest-xdist: what the process that started it has found."""
    collection.outcomes = pickle.loads(workerinput[_SHIPMENT])  # noqa: S301 -- from the process that started this one


class SuiteFile(PolicyFile):
    """A suite. `outcome` is what running it came to."""

    def __init__(self, outcome: SuiteOutcome, **kwargs: Any) -> None:
        super().__init__(verdicts=(), **kwargs)
        self.outcome = outcome

    def collect(self) -> Iterator[Any]:
        outcome = self.outcome
        if outcome.error is not None or not outcome.rows:
            failed = outcome.error is not None
            verdict = Verdict("", _WHOLE_SUITE, outcome.error_line or 1, (), fails=failed)
            yield SuiteItem.from_parent(self, name=_WHOLE_SUITE, file=self, verdict=verdict, row=None)
        for label, rows in _by_rule(outcome.rows).items():
            rule = SuiteRule.from_parent(self, name=label, file=self, rows=rows)
            # as for manifests: a level of its own only where pytest looks a name up level by level
            if self._searched:
                yield rule
            else:
                yield from rule.collect()


class SuiteRule(pytest.Collector):
    """A rule that a suite tests: a level of the ids."""

    def __init__(self, file: SuiteFile, rows: Iterable[Row], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._file = file
        self._rows = tuple(rows)

    def collect(self) -> Iterator["SuiteItem"]:
        outcome = self._file.outcome
        for name, row in zip(_names(self._rows), self._rows, strict=True):
            words = (row.status, row.resource)
            verdict = Verdict(self.name, name, row.line, words, fails=not outcome.passes(row))
            yield SuiteItem.from_parent(self, name=name, file=self._file, verdict=verdict, row=row)


class SuiteItem(PolicyItem):
    """One row as a test; without a row, the suite itself."""

    def __init__(self, row: Row | None, file: SuiteFile, **kwargs: Any) -> None:
        super().__init__(file=file, **kwargs)
        self._row = row
        self._outcome = file.outcome
        self.user_properties.append((SUITE, file.outcome.path))
        if row is not None:
            self.user_properties += [("policylint_status", row.status), ("policylint_line", str(row.line))]

    @property
    def _failure(self) -> Any:
        return RowFailure(self._outcome, self._row, self.file.read_line)


class RowFailure(NamedTuple):
    """What a failed test says: the row as `policylint test` prints it."""

    outcome: SuiteOutcome
    row: Row | None
    read_line: ReadLine

    def toterminal(self, writer: Any) -> None:
        writer.line(self._text(writer.hasmarkup))

    def __str__(self) -> str:
        return self._text(color=False)

    @property
    def reprcrash(self) -> Crash:
        path, row = self.outcome.path, self.row
        if row is None:
            return Crash(path, self.outcome.error_line or 1, visible(self.outcome.error or ""))
        reason = f": {visible(row.reason)}" if row.reason else ""
        return Crash(path, row.line, row_headline(row) + reason)

    def _text(self, color: bool) -> str:
        if self.row is None:
            return f"{visible(self.outcome.path)}:{self.outcome.error_line or 1}: {visible(self.outcome.error or '')}"
        options = RenderOptions(color=color, width=_WIDTH, read_line=self.read_line)
        return render_row(self.outcome, self.row, options)


def _by_rule(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(fit(row.rule_name) or "(no policy)", []).append(row)
    return groups


def _names(rows: Iterable[Row]) -> list[str]:
    """`Kind/name` for each row; with the namespace where two would be called the same, and then with a number."""
    rows = list(rows)
    resources = {(_short(resource), resource) for resource in {row.resource for row in rows}}
    ambiguous = {short for short, count in Counter(short for short, _ in resources).items() if count > 1}
    seen: Counter[str] = Counter()
    names = []
    for row in rows:
        name = fit(row.resource if _short(row.resource) in ambiguous else _short(row.resource)) or "(no resource)"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _short(resource: str) -> str:
    parts = resource.split("/")
    return f"{parts[0]}/{parts[2]}" if len(parts) == 3 else resource
