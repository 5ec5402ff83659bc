"""Runs that do not ask for policylint do not notice it, and wrong settings end in one line."""

import pytest
from plugin_samples import DEPLOYMENT, UNPARSED, WIDGET, lay_out

_LOADED = (
    "import sys\n"
    "def test_loaded():\n"
    "    ours = sorted(name for name in sys.modules if name.partition('.')[0] == 'policylint')\n"
    "    assert ours == ['policylint', 'policylint.pytest_plugin']\n"
    "    assert 'yaml' not in sys.modules\n"
)


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of these tests are no workers, though the tests themselves may run in one."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


def test_nothing_is_loaded_or_said(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    lay_out(pytester, {"test_loaded.py": _LOADED})
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    own_lines = [line for line in result.outlines if not line.startswith("plugins:")]
    assert "policylint" not in "\n".join(own_lines)


def test_the_plugin_can_be_switched_off(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"test_a.py": "def test_a(): pass\n", "a.yaml": DEPLOYMENT})
    pytester.runpytest_subprocess("-p", "no:policylint").assert_outcomes(passed=1)
    assert pytester.runpytest_subprocess("-p", "no:policylint", "--policylint").ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        (
            {"policylint.yaml": "selekt: [IMG001]\n"},
            [],
            "policylint: policylint.yaml:1:1: unknown key 'selekt'; did you mean 'select'?",
        ),
        ({"policylint.yaml": "select: [IMG999]\n"}, [], "policylint: policylint.yaml:1:10: unknown rule 'IMG999'*"),
        ({}, ["--policylint-select=IMG999"], "policylint: --select: unknown rule 'IMG999'*"),
        ({}, ["--policylint-config=none.yaml"], "policylint: none.yaml:1:1: cannot read the configuration*"),
        ({}, ["-o", "policylint_config=none.yaml"], "policylint: none.yaml:1:1: cannot read the configuration*"),
        ({}, ["-o", "policylint_fail_on=always"], "policylint_fail_on is 'always': use one of error, warning, info"),
        ({}, ["-o", "policylint_granularity=all"], "policylint_granularity is 'all': use one of rule, resource, file"),
        ({"policylint.yaml": "baseline: none.json\n"}, [], "policylint: *none.json:1:1: the baseline cannot be read*"),
        (
            {"policylint.yaml": "rule-paths: [lint]\n", "lint/ACM001-a.py": "raise OSError\n"},
            [],
            "policylint: *lint/ACM001-a.py is a Python rule*set policylint_allow_python_rules = true*",
        ),
    ],
)
@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_wrong_settings_are_usage_errors(
    pytester: pytest.Pytester, files: dict[str, str], arguments: list[str], message: str, workers: list[str]
) -> None:
    lay_out(pytester, {"a.yaml": WIDGET, **files})
    result = pytester.runpytest_inprocess("--policylint", *arguments, *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}".replace("[", "[[]")])
    assert "INTERNALERROR" not in result.stdout.str()


def test_workers_collect_the_same_and_judge_nothing(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    judges = (
        "import os\n"
        "import policylint.lint.check as judging\n"
        "import policylint.pytest_run\n"
        "def check(request):\n"
        "    assert 'PYTEST_XDIST_WORKER' not in os.environ\n"
        "    return judging.check(request)\n"
        "policylint.pytest_run.check = check\n"
    )
    lay_out(pytester, {"conftest.py": judges})
    result = pytester.runpytest_subprocess("--policylint", "-n", "2", "--ignore=broken.yaml", "k8s", ".github", ".")
    result.assert_outcomes(failed=2, passed=len(_names(pytester)) - 3)
    result.stdout.fnmatch_lines(["With findings, but left out by pytest:", "broken.yaml"])
    pytester.runpytest_subprocess("--policylint", "-n", "2", UNPARSED).assert_outcomes(failed=1)


def _names(pytester: pytest.Pytester) -> list[str]:
    result = pytester.runpytest_subprocess("--policylint", "--collect-only", "-q")
    return [line for line in result.outlines if "::" in line and " " not in line]


def test_a_check_inside_a_worker_starts_no_processes(pytester: pytest.Pytester) -> None:
    test = (
        "import os\n"
        "def test_it(policylint):\n"
        "    assert policylint.spec.parallel is ('PYTEST_XDIST_WORKER' not in os.environ)\n"
    )
    lay_out(pytester, {"test_a.py": test})
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    pytester.runpytest_subprocess("-n", "1").assert_outcomes(passed=1)
