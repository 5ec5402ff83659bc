"""The tests that verdicts become: nodes for pytest, and what they say when they fail."""

import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from policylint.model import Finding
from policylint.pytest_verdicts import Verdict
from policylint.report import RenderOptions
from policylint.report.escape import visible, visible_lines
from policylint.report.options import ReadLine
from policylint.report.text import render_finding

Phases = tuple[Literal["setup", "call", "teardown"], ...]

# the mark of every test of ours
MARK = "policylint"
# the property of a test's report that holds one of its findings in one line
FINDING = "policylint_finding"

_WIDTH = 100


class PolicyFile(pytest.File):
    """A file that holds something policylint judged; `searched` when the command line names tests of it."""

    def __init__(self, verdicts: Sequence[Verdict], searched: bool, read_line: ReadLine, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._verdicts = verdicts
        self._searched = searched
        self.read_line = read_line
        # once for the file: its tests find the mark through it
        self.add_marker(MARK)

    @cached_property
    def hook(self) -> Any:
        """The hooks for this file's tests, kept: all conftest files are known once tests run."""
        return self.ihook

    @cached_property
    def keywords_below(self) -> dict[str, Any]:
        return dict.fromkeys(self.keywords, 1)

    def collect(self) -> Iterator["PolicyItem | PolicyResource"]:
        for label, verdicts in groupby(self._verdicts, lambda verdict: verdict.resource):
            if not label:
                yield from _items(self, self, tuple(verdicts))
                continue
            resource = PolicyResource.from_parent(self, name=label, file=self, verdicts=tuple(verdicts))
            # pytest looks a name up level by level, but asking it to collect every level costs more than judging did
            if self._searched:
                yield resource
            else:
                yield from resource.collect()


class PolicyResource(pytest.Collector):
    """A resource in a file: a level of the ids."""

    def __init__(self, file: PolicyFile, verdicts: Sequence[Verdict], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._file = file
        self._verdicts = verdicts

    def collect(self) -> Iterator["PolicyItem"]:
        yield from _items(self, self._file, self._verdicts)


def _items(parent: pytest.Collector, file: PolicyFile, verdicts: Sequence[Verdict]) -> Iterator["PolicyItem"]:
    for verdict in verdicts:
        yield PolicyItem.from_parent(parent, name=verdict.name, file=file, verdict=verdict)


class PolicyItem(pytest.Item):
    """One verdict as a test."""

    def __init__(self, file: PolicyFile, verdict: Verdict, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.file = file
        self._verdict = verdict
        self.extra_keyword_matches.update(verdict.words)
        for finding in verdict.findings:
            self.user_properties += [
                ("policylint_rule", finding.rule),
                ("policylint_severity", finding.severity),
                ("policylint_line", str(finding.location.line)),
                (FINDING, in_one_line(finding)),
            ]

    @cached_property
    def location(self) -> tuple[str, int | None, str]:
        """As `reportinfo`, and without the detour over absolute paths that pytest makes for every test."""
        about = f"{self.name} {self._verdict.resource}".rstrip()
        return self.file.nodeid, self._verdict.line - 1, about

    def reportinfo(self) -> tuple[Path, int | None, str]:
        _, line, about = self.location
        return self.path, line, about

    def runtest(self) -> None:
        if self._verdict.fails:
            raise VerdictError

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, VerdictError):
            return self._failure
        return super().repr_failure(excinfo, style)

    @property
    def _failure(self) -> "FailureText":
        return FailureText(self._verdict, self.file.read_line)

    def tell(self, phases: Phases) -> None:
        """Reports the verdict as pytest's protocol would, without going through the phases of a test."""
        hook, now = self.file.hook, time.time()
        keywords: dict[str, Any] = {**self.file.keywords_below, self._verdict.resource: 1, self.name: 1}
        hook.pytest_runtest_logstart(nodeid=self.nodeid, location=self.location)
        for phase in phases:
            failure: Any = self._failure if self._verdict.fails and phase == "call" else None
            report = pytest.TestReport(
                self.nodeid,
                self.location,
                keywords,
                "passed" if failure is None else "failed",
                failure,
                phase,
                user_properties=self.user_properties,
                start=now,
                stop=now,
            )
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=self.nodeid, location=self.location)


class VerdictError(Exception):
    """A verdict that fails its test."""


class Crash(NamedTuple):
    """Where a test failed, and why, in the form that pytest's short summary and JUnit reports look for."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


class FailureText:
    """What a failed test says. Pytest asks it for `toterminal`, `reprcrash` and `str`, each when it is needed."""

    def __init__(self, verdict: Verdict, read_line: ReadLine) -> None:
        self._verdict = verdict
        self._read_line = read_line

    def toterminal(self, writer: Any) -> None:
        writer.line(self._text(writer.hasmarkup))

    def __str__(self) -> str:
        return self._text(color=False)

    @property
    def reprcrash(self) -> Crash:
        findings, errors = self._verdict.findings, self._verdict.errors
        path = findings[0].location.path if findings else ""
        lines = [*map(_without_path, findings), *map(visible, errors)]
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        return Crash(path, self._verdict.line, lines[0] + more)

    def _text(self, color: bool) -> str:
        """The findings as `policylint check` prints them."""
        options = RenderOptions(color=color, width=_WIDTH, read_line=self._read_line)
        parts = [render_finding(finding, options) for finding in self._verdict.findings]
        parts += [
            "\n".join(["this rule broke and gave no verdict:", *visible_lines(error)]) for error in self._verdict.errors
        ]
        return "\n\n".join(parts)


def in_one_line(finding: Finding) -> str:
    """`path:line:column: severity[RULE] message`."""
    return f"{visible(finding.location.path)}:{_without_path(finding)}"


def _without_path(finding: Finding) -> str:
    place = finding.location
    return f"{place.line}:{place.column}: {finding.severity}[{finding.rule}] {visible(finding.message)}"
