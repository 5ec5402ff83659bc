"""What the `policylint` fixture is: the library for Python tests, under the run's own configuration."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

import pytest

from policylint.config import ChartRender, Config
from policylint.config.file import default_config, find_config, load_config
from policylint.document.document import Document
from policylint.errors import PolicylintError, SourceError, UsageError
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec
from policylint.model import Report
from policylint.sources.helm import render_chart
from policylint.sources.loader import load, load_rendering
from policylint.sources.unit import LoadedSource, LoadFailure, Target, Unit


def run_spec(config: pytest.Config) -> RunSpec:
    """What a pytest run asks of policylint: the nearest configuration, and what options and ini keys say on top."""
    named = config.getoption("--policylint-config") or config.getini("policylint_config")
    try:
        file = Path(config.rootpath, named) if named else find_config(config.invocation_params.dir)
        settings = load_config(file) if file is not None else default_config(config.rootpath)
    except PolicylintError as error:
        raise pytest.UsageError(f"policylint: {error}") from error
    fail_on = config.getini("policylint_fail_on")
    if fail_on:
        if fail_on not in ("error", "warning", "info"):
            raise pytest.UsageError(f"policylint_fail_on is {fail_on!r}: use error, warning or info")
        settings = settings._replace(fail_on=fail_on)
    select = tuple(name.strip() for name in config.getoption("--policylint-select").split(",") if name.strip())
    return RunSpec(
        settings,
        datetime.now(UTC).date(),
        select=select,
        allow_python_rules=config.getini("policylint_allow_python_rules"),
    )


class PolicylintSession(NamedTuple):
    """`spec` decides verdicts as in `policylint check`; paths are relative to the working directory."""

    spec: RunSpec

    @classmethod
    def of(cls, config: pytest.Config) -> Self:
        return cls(run_spec(config))

    @property
    def config(self) -> Config:
        return self.spec.config

    def check(self, *paths: str | Path, select: Sequence[str] = ()) -> Report:
        """The report of `policylint check PATH…`, with only the rules of `select` when it is given."""
        spec = self.spec._replace(select=tuple(select)) if select else self.spec
        return check(CheckRequest(tuple(str(path) for path in paths), spec)).report

    def documents(self, path: str | Path) -> list[Document]:
        """The documents of one file. Raises SourceError for a document that cannot be parsed."""
        return _documents(load(Target("file", str(path), str(path)), self.config, {}))

    def manifest(self, path: str | Path) -> Document:
        """The only document of the file at `path`. Raises UsageError when there are several or none."""
        documents = self.documents(path)
        if len(documents) != 1:
            raise UsageError(f"{path} holds {len(documents)} documents, not one")
        return documents[0]

    def render_chart(
        self,
        path: str | Path,
        values: Sequence[str | Path] = (),
        set: Sequence[str] = (),  # noqa: A002 -- helm's own word
        release: str = "",
        namespace: str = "default",
    ) -> list[Document]:
        """The documents of a chart, rendered as `helm template` would. Raises SourceError when it does not render."""
        files = tuple(str(Path(value).absolute()) for value in values)
        render = ChartRender(str(path), files, tuple(set), release, namespace)
        rendering = render_chart(Path(path).absolute(), str(path), render, Path.cwd())
        return _documents(load_rendering(rendering, str(path)))


def _documents(unit: Unit) -> list[Document]:
    found: list[Document] = []
    for loaded in unit.sources:
        items = loaded.items if isinstance(loaded, LoadedSource) else iter([loaded])
        for item in items:
            if isinstance(item, LoadFailure):
                raise SourceError(item.message, item.location)
            if isinstance(item, Document):
                found.append(item)
    return found
