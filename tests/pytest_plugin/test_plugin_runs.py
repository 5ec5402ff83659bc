"""How the tests run: what is printed, what fails, and who else is heard."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from plugin_samples import (
    ACTION,
    POLICY,
    PROJECT,
    TIMEOUT,
    UNPARSED,
    WEB_IMAGE,
    WEB_WIDGET,
    WIDGET,
    lay_out,
    outcomes,
)

IMAGE_MOVES = "the image registry.example.com/web:latest of container web has the tag latest, which moves by convention"
GOLDEN = Path(__file__).parent / "golden"


def test_a_failing_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for variable in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(variable, raising=False)
    lay_out(pytester, {f"project/{name}": text for name, text in PROJECT.items()})
    result = pytester.runpytest_subprocess("--policylint", "project")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    text = "\n".join(result.outlines) + "\n"
    text = re.sub(r"^(platform|plugins:|cachedir:|rootdir:) .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r" in [\d.]+s =+", "", text)
    assert text == (GOLDEN / "failing_run.txt").read_text(encoding="utf-8")


def test_colours_are_for_terminals_only(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    colored = pytester.runpytest_inprocess("--policylint", "--color=yes", "--junitxml=report.xml", WEB_IMAGE)
    assert "\x1b[1;31merror[IMG001]\x1b[0m" in colored.stdout.str()
    assert "x1B" not in (pytester.path / "report.xml").read_text()
    assert "\x1b" not in pytester.runpytest_inprocess("--policylint", "--color=no", WEB_IMAGE).stdout.str()


@pytest.mark.parametrize("style", ["auto", "long", "short", "line", "native", "no"])
def test_every_traceback_style(pytester: pytest.Pytester, style: str) -> None:
    lay_out(pytester)
    result = pytester.runpytest_inprocess("--policylint", f"--tb={style}", WEB_IMAGE)
    result.assert_outcomes(failed=1)
    shown = "registry.example.com/web:latest" in "\n".join(line for line in result.outlines if "FAILED" not in line)
    assert shown == (style != "no")


def test_verbose_names_every_test_once(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"web.v1.yaml": WIDGET.replace("name: web", "name: web.v1")})
    result = pytester.runpytest_inprocess("--policylint", "-v")
    result.stdout.fnmatch_lines(["web.v1.yaml::Widget/web.v1::structure PASSED *100%*"])


def test_findings_below_the_bar_pass_and_are_listed(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"policy.yaml": POLICY})
    result = pytester.runpytest_inprocess("--policylint")
    result.assert_outcomes(passed=len(outcomes(pytester)))
    result.stdout.fnmatch_lines(
        ["Less severe, so that no test fails:", "policy.yaml:5:1: warning[[]KYV002[]] this policy calls a registry*"]
    )


def test_the_bar_can_be_lowered(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    assert outcomes(pytester, "-o", "policylint_fail_on=warning", TIMEOUT) == {TIMEOUT: "failed"}
    lay_out(pytester, {"policylint.yaml": "fail-on: warning\n"})
    assert outcomes(pytester, TIMEOUT) == {TIMEOUT: "failed"}


def test_a_baseline_and_suppressions_hold_here_too(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    lay_out(pytester, {"policylint.yaml": "suppressions:\n- {rule: IMG001, path: k8s/web.yaml, reason: known}\n"})
    assert outcomes(pytester)[WEB_IMAGE] == "passed"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_junit_report(pytester: pytest.Pytester, workers: list[str]) -> None:
    lay_out(pytester)
    pytester.runpytest_subprocess("--policylint", "--junitxml=report.xml", *workers)
    suite = ElementTree.parse(pytester.path / "report.xml").getroot()[0]  # noqa: S314 -- our own run wrote it
    cases = {case.get("classname", "") + "::" + case.get("name", ""): case for case in suite}
    assert suite.get("tests") == str(len(cases))
    assert suite.get("failures") == "3"
    web = cases["k8s.web.yaml.Deployment/shop/web::IMG001"]
    assert {each.get("name"): each.get("value") for each in web.findall("properties/property")} == {
        "policylint_rule": "IMG001",
        "policylint_severity": "error",
        "policylint_line": "13",
        "policylint_finding": "k8s/web.yaml:13:16: error[IMG001] " + IMAGE_MOVES,
    }
    failure = web.find("failure")
    assert failure is not None
    assert "13 |         image: registry.example.com/web:latest" in (failure.text or "")
    timeout = cases["k8s.policy.yaml.ClusterPolicy/signatures::KYV002"]
    assert timeout.find("failure") is None
    assert timeout.findall("properties/property")[1].get("value") == "warning"


def test_marks_that_the_project_adds_are_respected(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    lay_out(
        pytester,
        {
            "conftest.py": (
                "import pytest\n"
                "def pytest_collection_modifyitems(items):\n"
                "    for item in items:\n"
                "        if 'IMG001' in item.keywords or item.name == 'IMG001':\n"
                "            item.add_marker(pytest.mark.xfail(reason='known', strict=True))\n"
                "        if item.name == 'WFL001':\n"
                "            item.add_marker(pytest.mark.skip(reason='later'))\n"
            )
        },
    )
    assert outcomes(pytester)[UNPARSED] == "failed"
    result = pytester.runpytest_inprocess("--policylint", "-rsx", WEB_IMAGE, ACTION, WEB_WIDGET)
    result.assert_outcomes(passed=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["SKIPPED * later", "XFAIL *IMG001 - known*"])


def test_hooks_of_the_project_are_called(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    lay_out(
        pytester,
        {
            "conftest.py": (
                "import pytest\n"
                "def pytest_runtest_setup(item):\n"
                "    if item.name == 'IMG001':\n"
                "        pytest.skip('not today')\n"
            )
        },
    )
    pytester.runpytest_inprocess("--policylint", WEB_IMAGE, WEB_WIDGET).assert_outcomes(passed=1, skipped=1)


def test_fixtures_of_python_tests_end_when_they_should(pytester: pytest.Pytester) -> None:
    test = (
        "import pytest\n"
        "@pytest.fixture(scope='{scope}', autouse=True)\n"
        "def _said():\n    yield\n    print('end of {name}')\n"
        "def test_it(): pass\n"
    )
    lay_out(
        pytester,
        {
            "a/conftest.py": "import pytest\n@pytest.fixture(scope='package', autouse=True)\n"
            "def _package():\n    yield\n    print('end of package')\n",
            "a/__init__.py": "",
            "a/test_one.py": test.format(scope="module", name="a"),
            "a/web.yaml": WIDGET,
            "a/zoo.yaml": WIDGET,
            "b/test_two.py": test.format(scope="session", name="b"),
            "b/web.yaml": WIDGET,
            "c/web.yaml": WIDGET,
            "c/zoo.yaml": WIDGET,
        },
    )
    result = pytester.runpytest_inprocess("--policylint", "-s", "-v")
    result.assert_outcomes(passed=7)
    told = re.findall(r"(?<=/)\w+\.(?:py|yaml)(?=::)|end of \w+", result.stdout.str())
    assert told == [
        *["test_one.py", "end of a", "web.yaml", "zoo.yaml", "end of package"],
        *["test_two.py", "web.yaml", "web.yaml", "zoo.yaml", "end of b"],
    ]


def test_a_fixture_that_breaks_at_its_end_is_an_error(pytester: pytest.Pytester) -> None:
    test = (
        "import pytest\n"
        "@pytest.fixture(scope='session')\n"
        "def broken():\n    yield\n    raise OSError('disk')\n"
        "def test_it(broken): pass\n"
    )
    lay_out(pytester, {"a.yaml": WIDGET, "test_a.py": test, "z/b.yaml": WIDGET, "z/c.yaml": WIDGET})
    pytester.runpytest_inprocess("--policylint").assert_outcomes(passed=4, errors=1)


@pytest.mark.parametrize("option", ["--setup-show", "--setup-plan", "--durations=3", "-s", "--tb=short"])
def test_options_that_look_into_tests(pytester: pytest.Pytester, option: str) -> None:
    lay_out(pytester, {"a.yaml": f"{WIDGET}---\n{POLICY}"})
    assert pytester.runpytest_inprocess("--policylint", option).ret == pytest.ExitCode.OK


_HEARD = """
def pytest_runtest_makereport(item, call):
    print('heard', call.when, item.nodeid)
"""
_REPORTED = """
def pytest_runtest_logreport(report):
    print('heard', report.when, report.nodeid)
"""
_WRAPPED = """
import pytest
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    print('heard setup', item.nodeid)
    print('heard call', item.nodeid)
    result = yield
    print('heard teardown', item.nodeid)
    return result
"""


@pytest.mark.parametrize("plugin", [_HEARD, _REPORTED, _WRAPPED], ids=["makereport", "logreport", "call"])
def test_plugins_that_listen_hear_all_there_is(pytester: pytest.Pytester, plugin: str) -> None:
    lay_out(pytester, {"k8s/web.yaml": WIDGET, "k8s/zoo.yaml": WIDGET, "listener.py": plugin})
    result = pytester.runpytest_subprocess("--policylint", "-s", "-p", "listener")
    names = ("k8s/web.yaml::Widget/web::structure", "k8s/zoo.yaml::Widget/web::structure")
    heard = re.findall(r"heard (\w+) (\S+::structure)", result.stdout.str())
    assert heard == [(when, name) for name in names for when in ("setup", "call", "teardown")]
