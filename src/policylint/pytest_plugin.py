"""The pytest plugin's front: options, markers and fixtures. Nothing of ours is imported until a run asks for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from policylint.document.document import Document
    from policylint.pytest_session import PolicylintSession

_GRANULARITIES = ("rule", "resource", "file")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("policylint", "Kubernetes policies, manifests, charts and workflows")
    group.addoption(
        "--policylint", action="store_true", help="judge the manifests, charts and workflows that are collected"
    )
    group.addoption("--policylint-select", default="", metavar="RULE,…", help="run only these rules, names or families")
    group.addoption("--policylint-config", default="", metavar="FILE", help="the policylint configuration file to use")
    parser.addini("policylint", "judge manifests in every run, as --policylint does", type="bool", default=False)
    parser.addini("policylint_config", "the policylint configuration file (default: the nearest one)", default="")
    parser.addini("policylint_fail_on", "the least severity that fails a test: error, warning or info", default="")
    parser.addini(
        "policylint_granularity", "one test per rule, resource or file (default: rule)", default=_GRANULARITIES[0]
    )
    parser.addini("policylint_fixtures", "folders of rule fixtures to collect as tests", type="paths", default=[])
    parser.addini(
        "policylint_allow_python_rules",
        "run the Python rules that the configuration's rule-paths names",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "policylint: a test that policylint made from a manifest, chart, workflow or rule"
    )
    if config.getoption("--policylint") or config.getini("policylint"):
        _collect_manifests(config)
    if config.getini("policylint_fixtures"):
        from policylint.pytest_fixtures import FixtureCollection

        config.pluginmanager.register(FixtureCollection(config), "policylint-fixtures")


def _collect_manifests(config: pytest.Config) -> None:
    from policylint.pytest_manifests import ManifestCollection
    from policylint.pytest_run import JudgingRun, unpack

    granularity = config.getini("policylint_granularity")
    if granularity not in _GRANULARITIES:
        raise pytest.UsageError(f"policylint_granularity is {granularity!r}: use one of {', '.join(_GRANULARITIES)}")
    collection = ManifestCollection(config)
    config.pluginmanager.register(collection, "policylint-manifests")
    if hasattr(config, "workerinput"):
        unpack(collection, config.workerinput)
    else:
        config.pluginmanager.register(JudgingRun(config, collection, granularity), "policylint-run")


@pytest.fixture(scope="session")
def policylint(pytestconfig: pytest.Config) -> "PolicylintSession":
    """policylint in Python tests: `policylint.check(path)`, `.documents(path)`, `.render_chart(path)`."""
    from policylint.pytest_session import PolicylintSession

    return PolicylintSession.of(pytestconfig)


@pytest.fixture
def manifest(policylint: "PolicylintSession") -> "Callable[[str | Path], Document]":
    """`manifest(path)`: the only document of the file at `path`, with positions."""
    return policylint.manifest


@pytest.fixture
def render_chart(policylint: "PolicylintSession") -> Callable[..., "list[Document]"]:
    """`render_chart(path, values=[...], set=[...])`: the documents that the chart renders to."""

    def render(path: "str | Path", **options: Any) -> "list[Document]":
        return policylint.render_chart(path, **options)

    return render
