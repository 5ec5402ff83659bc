"""Which tests `pytest --policylint` makes, and what they are called."""

import pytest
from plugin_samples import (
    ACTION,
    BROKEN,
    DEPLOYMENT,
    POLICY,
    TIMEOUT,
    UNPARSED,
    WEB_IMAGE,
    WEB_WIDGET,
    WIDGET,
    collected,
    lay_out,
    outcomes,
)

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: registry.example.com/web:1.2.3
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
  - port: 80
"""
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data: {color: blue}
"""
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "tag: latest\n",
    "chart/templates/web.yaml": DEPLOYMENT.replace(":latest", ":{{ .Values.tag }}"),
    "chart/templates/NOTES.txt": "hello\n",
}


def test_one_test_for_each_document_and_rule(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    found = outcomes(pytester)
    assert {name: outcome for name, outcome in found.items() if outcome == "failed"} == dict.fromkeys(
        [ACTION, UNPARSED, WEB_IMAGE], "failed"
    )
    assert found[TIMEOUT] == "passed"
    assert found[WEB_WIDGET] == "passed"


@pytest.mark.parametrize(
    ("manifest", "families"),
    [
        (DEPLOYMENT, {"IMG", "ROL"}),
        (POD, {"IMG"}),
        (SERVICE, {"structure"}),
        (CONFIG_MAP, {"structure"}),
        (WIDGET, {"structure"}),
    ],
    ids=["Deployment", "Pod", "Service", "ConfigMap", "Widget"],
)
def test_a_document_gets_no_test_of_rules_about_other_things(
    pytester: pytest.Pytester, manifest: str, families: set[str]
) -> None:
    lay_out(pytester, {"a.yaml": manifest})
    assert {name.rpartition("::")[2].rstrip("0123456789") for name in collected(pytester)} == families


def test_what_a_rule_is_about_may_be_a_label_or_a_name(pytester: pytest.Pytester) -> None:
    labelled = SERVICE.replace("name: web", "name: web\n  labels: {cleanup.kyverno.io/ttl: 2d}", 1)
    config = CONFIG_MAP.replace("name: settings", "name: config-policy-controller")
    lay_out(pytester, {"a.yaml": f"{labelled}---\n{config}"})
    names = ["ConfigMap/config-policy-controller::SIG115", "ConfigMap/config-policy-controller::SIG158"]
    assert collected(pytester) == ["a.yaml::Service/web::KYV124", *(f"a.yaml::{name}" for name in names)]


def test_ids_are_in_the_order_of_documents_then_of_rules(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"all.yaml": "---\n".join([WIDGET, DEPLOYMENT, POLICY])})
    names = collected(pytester)
    assert [name.split("::")[1] for name in names] == [
        "Widget/web",
        *["Deployment/shop/web"] * sum("Deployment" in name for name in names),
        *["ClusterPolicy/signatures"] * sum("ClusterPolicy" in name for name in names),
    ]
    for resource in ("Deployment/shop/web", "ClusterPolicy/signatures"):
        rules = [name.rpartition("::")[2] for name in names if resource in name]
        assert rules == sorted(rules)


def test_a_file_given_alone(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    assert {name.partition("::")[0] for name in collected(pytester, "k8s/policy.yaml")} == {"k8s/policy.yaml"}


def test_a_hidden_folder_given_alone(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    assert collected(pytester, ".github") == [ACTION, ".github/workflows/ci.yml::WFL002"]


def test_what_pytest_is_told_to_ignore_is_not_collected_and_said(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    result = pytester.runpytest_inprocess("--policylint", "--ignore=.github", "--ignore=broken.yaml")
    result.assert_outcomes(failed=1, passed=len(collected(pytester, "k8s")) - 1)
    result.stdout.fnmatch_lines(["With findings, but left out by pytest:", ".github/workflows/ci.yml", "broken.yaml"])


def test_folders_that_pytest_never_enters_are_said(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"build/web.yaml": DEPLOYMENT, "widget.yaml": WIDGET})
    result = pytester.runpytest_inprocess("--policylint")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["With findings, but left out by pytest:", "build/web.yaml"])


def test_findings_of_a_chart_belong_to_its_templates(pytester: pytest.Pytester) -> None:
    lay_out(pytester, CHART)
    found = outcomes(pytester)
    assert found["chart/templates/web.yaml::Deployment/shop/web::IMG001"] == "failed"
    assert {name.partition("::")[0] for name in found} == {"chart/templates/web.yaml"}


def test_a_template_given_alone_brings_no_test_of_its_neighbours(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {**CHART, "chart/templates/other.yaml": DEPLOYMENT.replace("name: web", "name: other", 1)})
    names = collected(pytester, "chart/templates/web.yaml")
    assert {name.split("::")[0] for name in names} == {"chart/templates/web.yaml"}


def test_two_documents_of_one_name_share_their_tests(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"twice.yaml": f"{DEPLOYMENT}---\n{DEPLOYMENT}"})
    names = collected(pytester)
    assert len(names) == len(set(names))
    result = pytester.runpytest_inprocess("--policylint")
    result.stdout.fnmatch_lines(["twice.yaml:13:16: error*", "twice.yaml:27:16: error*"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("system:node", "system:node"),
        ('"a::b"', "a:b"),
        ('"a[b]"', "a(b)"),
        (r'"a\u001bb\nc"', r"a\x1bb\nc"),
        ("名", "名"),
        ('""', ""),
    ],
)
def test_names_that_would_not_do_in_an_id(pytester: pytest.Pytester, name: str, shown: str) -> None:
    lay_out(pytester, {"a.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"})
    assert f"a.yaml::ConfigMap/{shown}::structure" in collected(pytester)
    assert outcomes(pytester, f"a.yaml::ConfigMap/{shown}::structure") == {
        f"a.yaml::ConfigMap/{shown}::structure": "passed"
    }


def test_a_resource_a_test(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    found = outcomes(pytester, "-o", "policylint_granularity=resource")
    assert found == {
        ".github/workflows/ci.yml::policylint": "failed",
        "broken.yaml::policylint": "failed",
        "k8s/policy.yaml::ClusterPolicy/signatures": "passed",
        "k8s/web.yaml::Deployment/shop/web": "failed",
        "k8s/web.yaml::Widget/web": "passed",
    }


def test_a_file_a_test(pytester: pytest.Pytester) -> None:
    lay_out(pytester)
    found = outcomes(pytester, "-o", "policylint_granularity=file")
    assert found == {
        ".github/workflows/ci.yml::policylint": "failed",
        "broken.yaml::policylint": "failed",
        "k8s/policy.yaml::policylint": "passed",
        "k8s/web.yaml::policylint": "failed",
    }


def test_a_finding_outside_the_folders_of_the_run_fails_it_as_well(pytester: pytest.Pytester) -> None:
    lay_out(
        pytester,
        {
            "policylint.yaml": "suppressions:\n- {rule: IMG001, reason: gone, path: k8s/gone.yaml}\n",
            "k8s/widget.yaml": WIDGET,
        },
    )
    assert outcomes(pytester, "k8s") == {
        "k8s/widget.yaml::Widget/web::structure": "passed",
        "policylint.yaml::SUP001": "failed",
    }


def test_rules_that_broke_fail_where_they_gave_no_verdict(pytester: pytest.Pytester) -> None:
    rule = (
        "'''A rule that breaks.'''\n"
        "from policylint.api import Document, Rule\n"
        "RULE = Rule(id='ACM001', name='breaks', severity='error', judges=Document, kinds=('Widget',))\n"
        "def check(document, context):\n    raise KeyError(document.name)\n"
    )
    lay_out(
        pytester,
        {
            "policylint.yaml": "rule-paths: [lint]\n",
            "lint/ACM001-breaks.py": rule,
            "a.yaml": f"{WIDGET}---\n{DEPLOYMENT}",
            "pytest.ini": "[pytest]\npolicylint = true\npolicylint_allow_python_rules = true\n",
        },
    )
    result = pytester.runpytest_inprocess("a.yaml::Widget/web::ACM001")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["this rule broke and gave no verdict:", "KeyError: 'web'*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_other_files_of_a_format_that_pytest_collects_stay_what_they_are(pytester: pytest.Pytester) -> None:
    lay_out(
        pytester, {"test_a.py": "def test_a(): pass\n", "a.yaml": WIDGET, "notes.yaml": "just: notes\n", "b.json": "{"}
    )
    result = pytester.runpytest_inprocess("--policylint")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["Seen: 4 files, 2 documents (1 judged, 1 unmatched); 1 unparsed*"])


def test_nothing_to_judge(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"notes.txt": "hello"})
    result = pytester.runpytest_inprocess("--policylint")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["No findings: nothing was judged."])


def test_broken_input_next_to_good(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"a.yaml": f"{WIDGET}---\n{BROKEN}"})
    assert outcomes(pytester) == {"a.yaml::Widget/web::structure": "passed", "a.yaml::PRJ001": "failed"}
