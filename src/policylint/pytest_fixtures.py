"""Rule fixtures as tests: one for each good or bad case, and one that says which are missing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from policylint.errors import PolicylintError
from policylint.lint.load_rules import load_rules
from policylint.lint.session import RunSpec, rule_folders
from policylint.pytest_session import run_spec
from policylint.suites.rule_fixtures import case_at, is_case, missing_cases, run_case


class FixtureCollection:
    """Collects the folders that the ini key `policylint_fixtures` names, which also hold whatever else pytest finds."""

    def __init__(self, config: pytest.Config) -> None:
        self._roots: list[Path] = config.getini("policylint_fixtures")
        self._spec = run_spec(config)

    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if self._is_case(path):
            return FixtureFolder.from_parent(parent, path=path, spec=self._spec)
        if path == self._roots[0]:
            return FixtureRoot.from_parent(parent, path=path, roots=self._roots, spec=self._spec)
        return None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if self._is_case(file_path):
            return FixtureFile.from_parent(parent, path=file_path, spec=self._spec)
        return None

    def _is_case(self, path: Path) -> bool:
        return any(is_case(path, root) for root in self._roots)


class FixtureRoot(pytest.Directory):
    """The first folder of rule fixtures: its own content, and the test that nothing is missing in any of them."""

    def __init__(self, roots: Sequence[Path], spec: RunSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._roots = roots
        self._spec = spec

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        # pytest.Dir is final, so that it can only be asked
        yield from pytest.Dir.from_parent(self, path=self.path).collect()
        yield CompletenessItem.from_parent(self, name="every-rule-has-fixtures", roots=self._roots, spec=self._spec)


class FixtureFolder(pytest.Directory):
    """A case of several files."""

    def __init__(self, spec: RunSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._spec = spec

    def collect(self) -> Iterator[pytest.Item]:
        yield FixtureItem.from_parent(self, name=self.path.parent.name, spec=self._spec)


class FixtureFile(pytest.File):
    """A case of one file."""

    def __init__(self, spec: RunSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._spec = spec

    def collect(self) -> Iterator[pytest.Item]:
        yield FixtureItem.from_parent(self, name=self.path.parent.name, spec=self._spec)


class _Item(pytest.Item):
    """A test that finds disagreements, which are its failure's text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker("policylint")

    def runtest(self) -> None:
        disagreements = self.disagreements()
        if disagreements:
            raise FixtureError("\n".join(disagreements))

    def disagreements(self) -> list[str]:
        raise NotImplementedError

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, FixtureError | PolicylintError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.nodeid


class FixtureItem(_Item):
    """One good or bad case, named after its rule."""

    def __init__(self, spec: RunSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._spec = spec

    def disagreements(self) -> list[str]:
        return run_case(case_at(self.path), self._spec)


class CompletenessItem(_Item):
    """Fails when one of the project's own rules, or one with a folder of fixtures, has no good or no bad case."""

    def __init__(self, roots: Sequence[Path], spec: RunSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._roots = roots
        self._spec = spec

    def disagreements(self) -> list[str]:
        folders = rule_folders(self._spec.config)
        rules = load_rules(folders, self._spec.allow_python_rules)
        own = [each.rule.id for each in rules if any(each.path.is_relative_to(folder) for folder in folders)]
        return missing_cases(self._roots, own)


class FixtureError(Exception):
    """Where a fixture and its rule disagree."""
