"""Collection and running under pytest: one test per document and rule, made from the same report as `check`'s."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from policylint.errors import PolicylintError
from policylint.lint.check import CheckRequest, CheckResult, check
from policylint.lint.load_rules import load_rules
from policylint.lint.runner import JudgedDocument
from policylint.lint.session import rule_folders
from policylint.model import SEVERITIES, Finding
from policylint.pytest_session import run_spec
from policylint.report import RenderOptions
from policylint.report.lines import LineReader
from policylint.report.text import render_finding
from policylint.suites.rule_fixtures import FixtureCase, missing_cases, run_case

_STRUCTURE = "structure"


class Verdict(NamedTuple):
    """One test: `name` follows the file's path in its id; it fails when a finding is severe enough."""

    name: str
    rule: str
    line: int
    findings: tuple[Finding, ...]


class Collection:
    """Judges what the run names, once, and hands the verdicts to the files that pytest walks over."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._spec = run_spec(config)
        self._verdicts: dict[Path, list[Verdict]] = {}
        self._folders: set[Path] = set()
        self._result: CheckResult | None = None
        self._reader = LineReader()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        paths = [str(argument).split("::", 1)[0] for argument in self._config.args]
        request = CheckRequest(tuple(path for path in paths if Path(path).exists()), self._spec._replace(record=True))
        try:
            self._result = check(request)
        except PolicylintError as error:
            raise pytest.UsageError(f"policylint: {error}") from error
        granularity = self._config.getini("policylint_granularity")
        self._verdicts = verdicts_by_file(self._result, granularity)
        self._folders = {folder for path in self._verdicts for folder in path.parents}

    def pytest_report_header(self) -> str:
        where = self._spec.config.file or "no configuration file"
        return f"policylint: {where}, fails on {self._spec.config.fail_on}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        # pytest leaves out hidden folders such as .github; those that hold something to judge are collected
        hidden = collection_path.name.startswith(".") and collection_path in self._folders
        return False if hidden else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        verdicts = self._verdicts.get(file_path)
        if not verdicts:
            return None
        return PolicyFile.from_parent(parent, path=file_path, verdicts=verdicts, collection=self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Runs our own tests without the set-up and tear-down phases, which they do not have."""
        if not isinstance(item, PolicyItem) or item.is_marked_by_others():
            return None
        item.run_quickly(nextitem)
        return True

    def fails(self, findings: Sequence[Finding]) -> bool:
        bar = SEVERITIES.index(self._spec.config.fail_on)
        return any(SEVERITIES.index(finding.severity) <= bar for finding in findings)

    def describe(self, findings: Sequence[Finding]) -> str:
        """The findings as `policylint check` prints them."""
        color = self._config.get_terminal_writer().hasmarkup
        options = RenderOptions(color=color, width=100, read_line=self._reader.read)
        return "\n\n".join(render_finding(finding, options) for finding in findings)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._result is None or hasattr(self._config, "workerinput"):
            return
        report = self._result.report
        counts, totals = report.counts, report.severities()
        terminalreporter.section("policylint")
        found = ", ".join(f"{totals[severity]} {severity}" for severity in SEVERITIES)
        terminalreporter.line(f"findings: {found}; suppressed {counts.suppressed}, in the baseline {counts.baselined}")
        terminalreporter.line(
            f"{counts.files} files, {counts.documents} documents: {counts.judged} judged,"
            f" {counts.unmatched} without a reader, {counts.unparsed} unparsed"
        )
        lower = [finding for finding in report.findings if not self.fails([finding])]
        for finding in lower:
            place = finding.location
            terminalreporter.line(
                f"{place.path}:{place.line}:{place.column}: {finding.severity}[{finding.rule}] {finding.message}"
            )
        for error in report.errors:
            terminalreporter.line(f"internal error in {error.rule} on {error.path}: {error.message}", red=True)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._result is not None and self._result.report.errors and session.exitstatus in (0, 5):
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


def verdicts_by_file(result: CheckResult, granularity: str) -> dict[Path, list[Verdict]]:
    """The tests that a result stands for, by the absolute path of the file that they belong to."""
    by_place: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in result.report.findings:
        label = _label(finding)
        by_place[finding.location.path, label, finding.rule].append(finding)
    verdicts: dict[str, dict[str, Verdict]] = defaultdict(dict)
    for document in result.documents:
        for name, rule in _names(document):
            found = by_place.pop((document.path, document.label, rule), [])
            verdicts[document.path].setdefault(name, Verdict(name, rule, document.line, tuple(found)))
    for (path, label, rule), findings in by_place.items():
        name = f"{label}::{rule}" if label else rule
        verdicts[path][name] = Verdict(name, rule, findings[0].location.line, tuple(findings))
    return {
        Path(path).absolute(): list(_grouped(path, named.values(), granularity)) for path, named in verdicts.items()
    }


def _label(finding: Finding) -> str:
    return str(finding.resource) if finding.resource is not None else ""


def _names(document: JudgedDocument) -> Iterator[tuple[str, str]]:
    prefix = f"{document.label}::" if document.label else ""
    for rule in document.rules or (_STRUCTURE,):
        yield f"{prefix}{rule}", rule


def _grouped(path: str, verdicts: Any, granularity: str) -> Iterator[Verdict]:
    if granularity == "rule":
        yield from verdicts
        return
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        label = verdict.name.rpartition("::")[0]
        groups["policylint" if granularity == "file" else label or "policylint"].append(verdict)
    for name, members in groups.items():
        findings = tuple(finding for member in members for finding in member.findings)
        yield Verdict(name, "", members[0].line, findings)


class PolicyFile(pytest.File):
    """A file that holds something policylint judged."""

    def __init__(self, verdicts: list[Verdict], collection: Collection, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._verdicts = verdicts
        self._collection = collection

    def collect(self) -> Iterator["PolicyItem"]:
        for verdict in self._verdicts:
            yield PolicyItem.from_parent(self, name=verdict.name, verdict=verdict, collection=self._collection)


class PolicyItem(pytest.Item):
    """One verdict as a test."""

    def __init__(self, verdict: Verdict, collection: Collection, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._verdict = verdict
        self._collection = collection
        self.add_marker("policylint")
        if verdict.rule:
            names = {finding.name for finding in verdict.findings}
            self.extra_keyword_matches.update({verdict.rule, *names})
        for finding in verdict.findings:
            place = finding.location
            self.user_properties += [
                ("policylint_rule", finding.rule),
                ("policylint_severity", finding.severity),
                ("policylint_line", str(place.line)),
            ]

    def runtest(self) -> None:
        if self._collection.fails(self._verdict.findings):
            raise Failed

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        if isinstance(excinfo.value, Failed):
            return self._collection.describe(self._verdict.findings)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._verdict.line - 1, self.name

    def is_marked_by_others(self) -> bool:
        return any(mark.name != "policylint" for mark in self.iter_markers())

    def run_quickly(self, nextitem: pytest.Item | None) -> None:
        """Reports the verdict, which is known already: pytest's three phases would cost more than the judging did."""
        hook = self.ihook
        hook.pytest_runtest_logstart(nodeid=self.nodeid, location=self.location)
        failed = self._collection.fails(self._verdict.findings)
        for when in ("call", "teardown"):
            hook.pytest_runtest_logreport(report=self._report(when, failed and when == "call"))
        hook.pytest_runtest_logfinish(nodeid=self.nodeid, location=self.location)
        if nextitem is None or nextitem.parent is not self.parent:
            # fixtures of tests before this one may end here
            hook.pytest_runtest_teardown(item=self, nextitem=nextitem)

    def _report(self, when: Any, failed: bool) -> pytest.TestReport:
        return pytest.TestReport(
            self.nodeid,
            self.location,
            dict.fromkeys(self.keywords, 1),
            "failed" if failed else "passed",
            self._collection.describe(self._verdict.findings) if failed else None,
            when,
            user_properties=self.user_properties,
        )


class Failed(Exception):  # noqa: N818 -- the outcome's name, as in pytest.fail.Exception
    """A verdict that fails its test."""


class FixtureCollection:
    """Collects rule fixtures: each case is a test, and so is each rule of the project that lacks one."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._roots = [Path(root) for root in config.getini("policylint_fixtures")]
        self._spec = run_spec(config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if path in self._roots:
            return FixtureRoot.from_parent(parent, path=path, spec=self._spec)
        return None


class FixtureRoot(pytest.Directory):
    """A folder of rule fixtures."""

    def __init__(self, spec: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._spec = spec

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        from policylint.suites.rule_fixtures import find_cases

        for case in find_cases(self.path):
            yield FixtureItem.from_parent(self, name=case.name, case=case, spec=self._spec)
        yield CompletenessItem.from_parent(self, name="every-rule-has-fixtures", root=self.path, spec=self._spec)


class FixtureItem(pytest.Item):
    """One good or bad case."""

    def __init__(self, case: FixtureCase, spec: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._case = case
        self._spec = spec
        self.add_marker("policylint")
        self.extra_keyword_matches.add(case.rule)

    def runtest(self) -> None:
        disagreements = run_case(self._case, self._spec)
        if disagreements:
            raise FixtureDisagrees("\n".join(disagreements))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        if isinstance(excinfo.value, FixtureDisagrees):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self._case.path, 0, self.name


class CompletenessItem(pytest.Item):
    """Fails when a rule that the fixtures are for has no good or no bad case."""

    def __init__(self, root: Path, spec: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = root
        self._spec = spec
        self.add_marker("policylint")

    def runtest(self) -> None:
        folders = rule_folders(self._spec.config)
        rules = load_rules(folders, self._spec.allow_python_rules)
        if folders:
            rules = [rule for rule in rules if any(rule.path.is_relative_to(folder) for folder in folders)]
        missing = missing_cases(self._root, [rule.rule.id for rule in rules])
        if missing:
            raise FixtureDisagrees("\n".join(missing))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        if isinstance(excinfo.value, FixtureDisagrees):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self._root, 0, self.name


class FixtureDisagrees(Exception):  # noqa: N818 -- a verdict on a fixture, not a fault of the program
    """Where a fixture and its rule disagree."""
