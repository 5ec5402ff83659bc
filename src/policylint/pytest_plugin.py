"""The pytest plugin's front: options, markers and fixtures. Nothing of ours is imported until a run asks for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from policylint.document.document import Document
    from policylint.evaluation import Evaluation
    from policylint.pytest_session import PolicylintSession

_GRANULARITIES = ("rule", "resource", "file")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("policylint", "Kubernetes policies, manifests, charts and workflows")
    group.addoption(
        "--policylint", action="store_true", help="judge the manifests, charts and workflows that are collected"
    )
    group.addoption("--policylint-select", default="", metavar="RULE,…", help="run only these rules, names or families")
    group.addoption("--policylint-config", default="", metavar="FILE", help="the policylint configuration file to use")
    group.addoption("--policy-cov", action="store_true", help="say what suites reached of the policies that they test")
    group.addoption(
        "--policy-cov-report",
        action="append",
        default=[],
        metavar="FORM",
        help="text (the default), json:FILE or html:FILE; may be given several times",
    )
    group.addoption("--policy-cov-fail-under", type=float, metavar="PERCENT", help="fail when less is reached")
    parser.addini("policylint", "judge manifests in every run, as --policylint does", type="bool", default=False)
    parser.addini("policylint_config", "the policylint configuration file (default: the nearest one)", default="")
    parser.addini("policylint_fail_on", "the least severity that fails a test: error, warning or info", default="")
    parser.addini(
        "policylint_granularity", "one test per rule, resource or file (default: rule)", default=_GRANULARITIES[0]
    )
    parser.addini(
        "policylint_compat", "kyverno: rows that upstream passes without checking them pass (default: they fail)"
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
    elif config.getoption("--policy-cov"):
        raise pytest.UsageError("--policy-cov measures suites, which are collected with --policylint")
    if config.getini("policylint_fixtures"):
        from policylint.pytest_fixtures import FixtureCollection

        config.pluginmanager.register(FixtureCollection(config), "policylint-fixtures")


def _collect_manifests(config: pytest.Config) -> None:
    from policylint.pytest_coverage import CoverageRun, is_measured
    from policylint.pytest_manifests import ManifestCollection
    from policylint.pytest_run import JudgingRun, unpack
    from policylint.pytest_suites import SuiteCollection, SuiteRun, unpack_suites

    granularity = config.getini("policylint_granularity")
    if granularity not in _GRANULARITIES:
        raise pytest.UsageError(f"policylint_granularity is {granularity!r}: use one of {', '.join(_GRANULARITIES)}")
    compat = config.getini("policylint_compat")
    if compat not in ("", "kyverno"):
        raise pytest.UsageError(f"policylint_compat is {compat!r}: use kyverno, or nothing")
    collection = ManifestCollection(config)
    suites = SuiteCollection(config)
    config.pluginmanager.register(collection, "policylint-manifests")
    config.pluginmanager.register(suites, "policylint-suites")
    if hasattr(config, "workerinput"):
        unpack(collection, config.workerinput)
        unpack_suites(suites, config.workerinput)
    else:
        config.pluginmanager.register(JudgingRun(config, collection, granularity), "policylint-run")
        measured = is_measured(config)
        config.pluginmanager.register(SuiteRun(config, suites, bool(compat), measured), "policylint-suite-run")
        if measured:
            config.pluginmanager.register(CoverageRun(config, lambda: suites.outcomes.values()), "policylint-coverage")


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
def evaluate() -> "Callable[..., Evaluation]":
    """`evaluate(policy, resource, operation=…, user=…)`: what a Kyverno policy makes of a request."""
    from policylint.evaluation import evaluate

    return evaluate


@pytest.fixture
def render_chart(policylint: "PolicylintSession") -> Callable[..., "list[Document]"]:
    """`render_chart(path, values=[...], set=[...])`: the documents that the chart renders to."""

    def render(path: "str | Path", **options: Any) -> "list[Document]":
        return policylint.render_chart(path, **options)

    return render
