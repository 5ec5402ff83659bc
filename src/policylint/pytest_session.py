"""What a pytest run asks of policylint, and what the `policylint` fixture hands to Python tests."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

import pytest

from policylint.config import ChartRender, Config
from policylint.config.file import default_config, load_config, nearest_config
from policylint.document.document import Document
from policylint.errors import PolicylintError, SourceError, UsageError
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec
from policylint.model import SEVERITIES, Report
from policylint.sources.loader import load, load_rendering
from policylint.sources.unit import LoadedSource, LoadFailure, Target, Unit


def named_paths(config: pytest.Config) -> list[str]:
    """The files and folders that the run collects from, as given; not Python files, which hold nothing to judge."""
    paths = dict.fromkeys(argument.partition("::")[0] for argument in config.args)
    folder = config.invocation_params.dir
    return [path for path in paths if not path.endswith(".py") and (folder / path).exists()]


def run_spec(config: pytest.Config) -> RunSpec:
    """What a pytest run asks of policylint: the nearest configuration, and what options and ini keys say on top.

    Raises pytest.UsageError when one of them is wrong.
    """
    try:
        settings = _settings(config)
    except PolicylintError as error:
        raise usage_error(error) from error
    fail_on = config.getini("policylint_fail_on")
    if fail_on:
        if fail_on not in SEVERITIES:
            raise pytest.UsageError(f"policylint_fail_on is {fail_on!r}: use one of {', '.join(SEVERITIES)}")
        settings = settings._replace(fail_on=fail_on)
    select = tuple(name.strip() for name in config.getoption("--policylint-select").split(",") if name.strip())
    return RunSpec(
        settings,
        datetime.now(UTC).date(),
        select=select,
        allow_python_rules=config.getini("policylint_allow_python_rules"),
        # a worker of pytest-xdist has been given one core, and processes of its own would outlive its being killed
        parallel="PYTEST_XDIST_WORKER" not in os.environ,
    )


def usage_error(error: PolicylintError) -> pytest.UsageError:
    """`error` as pytest reports wrong usage: one line, exit code 4."""
    return pytest.UsageError(f"policylint: {error}")


def _settings(config: pytest.Config) -> Config:
    folder = config.invocation_params.dir
    option, ini = config.getoption("--policylint-config"), config.getini("policylint_config")
    if option or ini:
        return load_config(folder / option if option else config.rootpath / ini)
    file = nearest_config([str(folder / path) for path in named_paths(config)] or [str(folder)])
    return load_config(file) if file is not None else default_config(folder)


def request(spec: RunSpec, paths: Sequence[str]) -> CheckRequest:
    """What `policylint check PATH…` would be asked under the same configuration."""
    baseline = str(Path(spec.config.root, spec.config.baseline)) if spec.config.baseline else ""
    return CheckRequest(tuple(paths), spec, baseline)


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
        return check(request(spec, [str(path) for path in paths])).report

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
        from policylint.sources.helm import render_chart

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
