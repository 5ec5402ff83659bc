"""Manifests, charts and workflows as tests: how they are collected, and how they run.

A verdict is known before its test runs. What remains is to tell it, at a cost that thousands of tests can bear.
"""

import os
from collections.abc import Generator, Mapping
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

import pytest

from policylint.pytest_items import MARK, Phases, PolicyFile, PolicyItem
from policylint.pytest_verdicts import Verdict
from policylint.report.lines import LineReader

# what our part of pytest-xdist's messages is called
SHIPMENT = "policylint"

Verdicts = Mapping[Path, tuple[Verdict, ...]]

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


class ManifestCollection:
    """Hands the verdicts of the files that pytest walks over to pytest.

    `phases` are those whose reports a plugin of the run waits for; see `policylint.pytest_run`.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.verdicts: Verdicts = {}
        self.phases: Phases = ("call",)
        self._read_line = LineReader().read
        self._folders: set[Path] = set()
        self._left_out: set[Path] = set()
        named = [argument.partition("::") for argument in config.args]
        self._with_names = {self._absolute(base) for base, names, _ in named if names}

    def take(self, verdicts: Verdicts, phases: Phases) -> None:
        """What is to be collected, which must be known before collection starts."""
        self.verdicts, self.phases = verdicts, phases
        self._folders = {folder for path in verdicts for folder in path.parents}

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
        return self._file(parent, file_path, verdicts)

    def _file(self, parent: pytest.Collector, path: Path, verdicts: tuple[Verdict, ...]) -> PolicyFile:
        searched = path in self._with_names
        return PolicyFile.from_parent(
            parent, path=path, verdicts=verdicts, searched=searched, read_line=self._read_line
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Adds the findings in files that no folder of the run holds, such as those about the configuration itself."""
        if self._with_names:
            return
        collected = {item.path for item in items if isinstance(item, PolicyItem)}
        for path, verdicts in self.verdicts.items():
            if path not in collected and self._left_out.isdisjoint((path, *path.parents)):
                found = tuple(verdict for verdict in verdicts if verdict.findings or verdict.errors)
                file = self._file(session, path, found)
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
            or any(mark.name != MARK for mark in item.iter_markers())
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
