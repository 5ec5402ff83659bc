"""Manifests, charts and workflows as tests: the nodes that pytest collects, and how they run.

A verdict is known before its test runs. What remains is to tell it, at a cost that thousands of tests can bear.
"""

import os
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from policylint.model import Finding
from policylint.pytest_verdicts import Verdict
from policylint.report import RenderOptions
from policylint.report.escape import visible, visible_lines
from policylint.report.lines import LineReader
from policylint.report.options import ReadLine
from policylint.report.text import render_finding

# the property of a test's report that holds one of its findings in one line
FINDING = "policylint_finding"

# what our part of pytest-xdist's messages is called
SHIPMENT = "policylint"

Verdicts = Mapping[Path, tuple[Verdict, ...]]
Phases = tuple[Literal["setup", "call", "teardown"], ...]

_OWN_MARK = "policylint"
# options under which people look at the phases of a test; all of them have to take place then
_WATCHING = ("setupshow", "setuponly", "usepdb", "trace")
_PHASE_HOOKS = (
    "pytest_runtest_protocol",
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_runtest_makereport",
)
# whose hooks around a test do nothing for tests that are not Python functions
_INDIFFERENT = (
    "_pytest.",
    "policylint.",
    "xdist.",
    "_hypothesis_pytestplugin",
    "anyio.",
    "pytest_asyncio.",
    "pytest_cov.",
)
_WIDTH = 100


class ManifestCollection:
    """Hands the verdicts of the files that pytest walks over to pytest.

    `phases` are those whose reports a plugin of the run waits for; see `policylint.pytest_run`.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.verdicts: Verdicts = {}
        self.phases: Phases = ("call",)
        self.read_line = LineReader().read
        self._folders: set[Path] = set()
        self._left_out: set[Path] = set()
        named = [argument.partition("::") for argument in config.args]
        self._with_names = {self._absolute(base) for base, names, _ in named if names}

    def take(self, verdicts: Verdicts, phases: Phases) -> None:
        """What is to be collected, which must be known before collection starts."""
        self.verdicts, self.phases = verdicts, phases
        self._folders = {folder for path in verdicts for folder in path.parents}

    def is_searched_by_name(self, path: Path) -> bool:
        """Whether the command line names tests of the file at `path`."""
        return path in self._with_names

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(self, collection_path: Path) -> Generator[None, bool | None, bool | None]:
        ignored = yield
        if not ignored:
            return ignored
        # pytest passes over hidden folders; those that hold something to judge, such as .github, are collected
        if (
            collection_path.name.startswith(".")
            and collection_path in self._folders
            and not self._told_to_ignore(collection_path)
        ):
            return False
        self._left_out.add(collection_path)
        return True

    def _told_to_ignore(self, path: Path) -> bool:
        return path in map(self._absolute, self._config.getoption("ignore") or ())

    def _absolute(self, given: str) -> Path:
        return Path(os.path.normpath(self._config.invocation_params.dir / given))

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        verdicts = self.verdicts.get(file_path)
        if verdicts is None:
            return None
        return PolicyFile.from_parent(parent, path=file_path, verdicts=verdicts, collection=self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Adds the findings in files that no folder of the run holds, such as those about the configuration itself."""
        if self._with_names:
            return
        collected = {item.path for item in items if isinstance(item, PolicyItem)}
        for path, verdicts in self.verdicts.items():
            if path not in collected and self._left_out.isdisjoint((path, *path.parents)):
                found = tuple(verdict for verdict in verdicts if verdict.findings or verdict.errors)
                file = PolicyFile.from_parent(session, path=path, verdicts=found, collection=self)
                items.extend(item for item in file.collect() if isinstance(item, PolicyItem))

    def left_out(self) -> list[str]:
        """The files with findings that pytest was told to leave out, or does of itself (`norecursedirs`)."""
        return [
            os.path.relpath(path, self._config.invocation_params.dir)
            for path, verdicts in self.verdicts.items()
            if any(verdict.findings for verdict in verdicts) and not self._left_out.isdisjoint((path, *path.parents))
        ]

    def pytest_sessionfinish(self) -> None:
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[SHIPMENT] = self.left_out()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Pytest's own loop, without what it sets up around every test for those whose verdicts can simply be told."""
        if not self._loops or self._config.option.collectonly or session.testsfailed:
            return None
        for item, nextitem in zip_longest(session.items, session.items[1:]):
            if not self._told(item, nextitem):
                self._config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        return self._told(item, nextitem) or None

    def _told(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Tells the verdict of `item`, when nobody would notice that the phases of the test do not take place.

        Pytest's own protocol is for tests with further marks (skip, xfail, …), and for the last one before another
        folder or another kind of test: there it takes down what fixtures of Python tests left standing.
        """
        if (
            not isinstance(item, PolicyItem)
            or not isinstance(nextitem, PolicyItem)
            or nextitem.file.parent is not item.file.parent
            or not self._unwatched
            or any(mark.name != _OWN_MARK for mark in item.iter_markers())
        ):
            return False
        item.tell(self.phases)
        return True

    @cached_property
    def _unwatched(self) -> bool:
        """Whether no option and no plugin of this run looks at the phases of our tests."""
        if any(self._config.getoption(option, False) for option in _WATCHING):
            return False
        return all(
            module.startswith(_INDIFFERENT) for hook in _PHASE_HOOKS for module in implementers(self._config, hook)
        )

    @cached_property
    def _loops(self) -> bool:
        """Whether this process runs tests, and by nobody's loop but pytest's."""
        loops = implementers(self._config, "pytest_runtestloop", wrappers=False)
        return self._unwatched and all(module.startswith(("_pytest.", "policylint.")) for module in loops)


def implementers(config: pytest.Config, hook: str, wrappers: bool = True) -> list[str]:
    """The modules of the plugins that implement `hook`; those that wrap other implementations only with `wrappers`."""
    plugins = [
        impl.plugin
        for impl in getattr(config.hook, hook).get_hookimpls()
        if wrappers or not (impl.wrapper or impl.hookwrapper)
    ]
    return [str(getattr(plugin, "__name__", "")) or type(plugin).__module__ for plugin in plugins]


class PolicyFile(pytest.File):
    """A file that holds something policylint judged."""

    def __init__(self, verdicts: Sequence[Verdict], collection: ManifestCollection, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._verdicts = verdicts
        self.collection = collection
        # once for the file: its tests find the mark through it
        self.add_marker(_OWN_MARK)

    @cached_property
    def hook(self) -> Any:
        """The hooks for this file's tests, kept: all conftest files are known once tests run."""
        return self.ihook

    @cached_property
    def keywords_below(self) -> dict[str, Any]:
        return dict.fromkeys(self.keywords, 1)

    def collect(self) -> Iterator["PolicyItem | PolicyResource"]:
        searched = self.collection.is_searched_by_name(self.path)
        for label, verdicts in groupby(self._verdicts, lambda verdict: verdict.resource):
            if not label:
                yield from _items(self, self, tuple(verdicts))
                continue
            resource = PolicyResource.from_parent(self, name=label, file=self, verdicts=tuple(verdicts))
            # pytest looks a name up level by level, but asking it to collect every level costs more than judging did
            if searched:
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
        return FailureText(self._verdict, self.file.collection.read_line)

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
