"""The names in a suite that nothing has: policies, rules, resources and files."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from policylint.errors import did_you_mean
from policylint.model import YamlPath
from policylint.suites import schema
from policylint.suites.files import SuiteError, expand, one_file
from policylint.suites.load import Entry, Suite
from policylint.suites.policies import SuitePolicy, load_policies
from policylint.suites.resources import Loaded, load_objects
from policylint.suites.selection import Absent, Answers, choose

_LISTS = ("policies", "resources", "targetResources", "paramResources", "exceptions", "clusterResources")
_PAYLOADS = ("jsonPayload", "jsonPayloads", "httpPayloads", "envoyPayloads")
_FILES = (*_LISTS, *_PAYLOADS, "variables", "userinfo", "context")


class NameProblem(NamedTuple):
    """A name in a suite that leads nowhere, and where the suite has it."""

    path: YamlPath
    message: str


def unknown_names(suite: Suite) -> Iterator[NameProblem]:
    """The names in `suite` that lead nowhere. Reads its files from the disk."""
    yield from _UnknownNames(suite).all()


class _UnknownNames:
    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._policies: list[SuitePolicy] = []
        self._resources: list[Loaded] = []
        self._targets: list[Loaded] = []

    def all(self) -> Iterator[NameProblem]:
        complete = True
        for problem in self._files():
            complete = False
            yield problem
        for entry in self._suite.entries:
            yield from self._expected_files(entry)
            if complete:
                yield from self._names(entry)

    def _files(self) -> Iterator[NameProblem]:
        """Missing files; loads the others on the way."""
        suite = self._suite
        loaded: dict[str, list[tuple[Path, str]]] = {field: [] for field in _LISTS}
        for field in _FILES:
            for named in suite.paths(field):
                try:
                    files = expand(suite.folder, named)
                except SuiteError as error:
                    yield NameProblem(named.path, error.message)
                    continue
                if field in loaded:
                    loaded[field] += [(file, named.text) for file in files]
        try:
            found = load_policies(loaded["policies"])
            self._policies = [each for each in found if isinstance(each, SuitePolicy)]
            self._resources = list(load_objects(loaded["resources"], floats=False))
            self._targets = list(load_objects(loaded["targetResources"], floats=False))
        except SuiteError as error:
            yield NameProblem(YamlPath(), error.message)

    def _expected_files(self, entry: Entry) -> Iterator[NameProblem]:
        for named in (*filter(None, (entry.patched, entry.clone_source)), *entry.generated):
            try:
                one_file(self._suite.folder, named)
            except SuiteError as error:
                yield NameProblem(named.path, error.message)

    def _names(self, entry: Entry) -> Iterator[NameProblem]:
        called = [policy for policy in self._policies if policy.name == entry.policy_name]
        if not called:
            names = sorted({policy.name for policy in self._policies})
            suggestion = did_you_mean(entry.policy_name, names)
            yield NameProblem(entry.policy.path, f"no policy of this suite is called {entry.policy_name!r}{suggestion}")
        elif entry.rule and called[0].rules and not any(policy.has_rule(entry.rule) for policy in called):
            suggestion = did_you_mean(entry.rule, called[0].rule_names)
            message = f"policy {entry.policy_name!r} has no rule {entry.rule!r}{suggestion}"
            yield NameProblem(schema.spelled(self._suite.document, entry.path / "rule"), message)
        if any(self._suite.data.get(field) for field in _PAYLOADS):
            return  # results may be about payloads, which go by the paths of their files
        answers = [Answers(resource, ()) for resource in self._resources]
        for choice in choose(entry, self._targets, answers, compat=False):
            if isinstance(choice, Absent) and choice.named.text:
                yield NameProblem(choice.named.path, choice.reason)
