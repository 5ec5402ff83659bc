"""Charts from the command line: several renders as one report, values keys, and charts that are made to harm."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import large_chart
import pytest

from policylint.cli import main
from policylint.sources import limits
from policylint.sources.helm_backends import sdk_folder

Write = Callable[[Mapping[str, str]], Path]
Check = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.skipif(shutil.which("helm") is None, reason="needs the helm program on PATH")

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  strategy:
    rollingUpdate:
      maxSurge: {{ .Values.rollout.maxSurge }}
      maxUnavailable: {{ .Values.rollout.maxUnavailable }}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: {{ .Values.image }}
"""
VALUES = "replicas: 1\nimage: registry.example.com/web:1.2\nrollout:\n  maxSurge: 1\n  maxUnavailable: 0\n"
CLUSTER = "cluster: {node-pools: [{name: default, count: 1, max-pods: 11}], other-pods: [{name: rest, pods: 10}]}\n"
WEB = {"web/Chart.yaml": CHART, "web/values.yaml": VALUES, "web/templates/d.yaml": DEPLOYMENT}


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """What `policylint check --output-format json` says with these words besides."""

    def run(*words: str) -> dict[str, Any]:
        main(["check", "--output-format", "json", "--exit-zero", *words])
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


def said(answer: dict[str, Any], rule: str) -> list[tuple[int, str, list[str], int]]:
    found = [each for each in answer["findings"] if each["rule"] == rule]
    return [(each["line"], each["message"], each["renders"]["in"], each["renders"]["of"]) for each in found]


def test_what_all_renders_say_is_said_once_and_plainly(write: Write, check: Check) -> None:
    write({**WEB, "web/ci/a-values.yaml": "x: 1\n", "policylint.yaml": CLUSTER})
    ((line, message, names, total),) = said(check("web"), "ROL001")
    assert (line, names, total) == (8, ["default values", "ci/a-values.yaml"], 2)
    assert message.startswith("the rolling update cannot finish: it starts pod 12 of 11")
    assert "renders" not in message


def test_what_some_renders_say_names_them_and_keeps_its_fingerprint(write: Write, check: Check) -> None:
    write({**WEB, "policylint.yaml": CLUSTER})
    alone = check("web")["findings"]
    write({"web/ci/a-values.yaml": "x: 1\n", "web/ci/b-values.yaml": "rollout: {maxSurge: 0, maxUnavailable: 1}\n"})
    answer = check("web")
    ((_, message, names, total),) = said(answer, "ROL001")
    assert message.endswith(" (in 2 of 3 renders: default values, ci/a-values.yaml)")
    assert (names, total) == (["default values", "ci/a-values.yaml"], 3)
    by_rule = {each["rule"]: each["fingerprint"] for each in answer["findings"]}
    assert by_rule["ROL001"] == next(each["fingerprint"] for each in alone if each["rule"] == "ROL001")


def test_verdicts_that_differ_by_render_are_findings_of_their_own(write: Write, check: Check) -> None:
    renders = "charts:\n- path: web\n  renders: [{name: one}, {name: two, set: {replicas: 2}}]\n"
    write({**WEB, "policylint.yaml": CLUSTER + renders})
    answer = check("web")
    assert [(names, total) for _, _, names, total in said(answer, "ROL001")] == [(["one"], 2)]
    ((_, message, names, _),) = said(answer, "ROL002")
    assert names == ["two"]
    assert "12 of 11 pods" in message
    assert message.endswith("(in 1 of 2 renders: two)")


def test_a_fix_says_which_values_key_to_set(write: Write, check: Check) -> None:
    write({**WEB, "policylint.yaml": CLUSTER})
    (finding,) = (each for each in check("web")["findings"] if each["rule"] == "ROL001")
    assert finding["help"].endswith(
        "in the chart: set `rollout.maxSurge: 0` in web/values.yaml:4; "
        "set `rollout.maxUnavailable: 1` in web/values.yaml:5"
    )
    assert [(each["path"], each["line"], each["message"]) for each in finding["related"][-2:]] == [
        ("web/values.yaml", 4, "rollout.maxSurge is given here"),
        ("web/values.yaml", 5, "rollout.maxUnavailable is given here"),
    ]


def test_a_chart_that_asks_for_values_is_judged_with_those_that_it_is_tested_with(write: Write, check: Check) -> None:
    template = "kind: A\napiVersion: v1\nmetadata: {name: {{ required `give a name` .Values.name }}}\n"
    files = {"web/Chart.yaml": CHART, "web/templates/a.yaml": template}
    write(files)
    assert [each["rule"] for each in check("web")["findings"]] == ["PRJ003"]
    write({"web/ci/a-values.yaml": "name: a\n"})
    answer = check("web")
    assert [each for each in answer["findings"] if each["rule"] == "PRJ003"] == []
    assert [(each["path"], each["what"], each["reason"]) for each in answer["not_judged"]] == [
        (
            "web",
            "chart",
            "by itself it asks for values, which its ci values give: the chart stops here: give a name",
        )
    ]


def test_nothing_that_a_render_says_is_lost(write: Write, check: Check) -> None:
    """A template that only one set of values brings out is judged, and a broken render does not hide the others."""
    extra = "{{ if .Values.extra }}apiVersion: v1\nmetadata: {name: x}\n{{ end }}"
    files = {"web/templates/e.yaml": extra, "web/ci/a-values.yaml": "extra: true\n", "web/ci/b-values.yaml": "a: [\n"}
    write({**WEB, **files})
    answer = check("web")
    assert [(names, total) for _, _, names, total in said(answer, "PRJ005")] == [(["ci/a-values.yaml"], 3)]
    assert [(names, total) for _, _, names, total in said(answer, "PRJ003")] == [(["ci/b-values.yaml"], 3)]


def test_the_program_and_the_sdk_give_the_same_findings(
    tmp_path: Path, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sdk_folder() is None:
        pytest.skip("needs helm-python-sdk (the extra `helm`)")
    large_chart.write_chart(tmp_path / "platform")
    pools = "[{name: default, count: 2, max-pods: 16}], other-pods: [{name: rest, pods: 18}]"
    (tmp_path / "policylint.yaml").write_text(f"cluster: {{node-pools: {pools}}}\n")
    monkeypatch.chdir(tmp_path)
    by_program = check("platform")
    monkeypatch.setenv("PATH", str(tmp_path))
    by_sdk = check("platform")
    assert by_sdk == by_program
    rules = [each["rule"] for each in by_program["findings"]]
    assert {"ROL002", "ROL004"} <= set(rules)
    assert all(each["rendered"]["exact"] for each in by_program["findings"] if each["rule"].startswith("ROL"))


def test_a_large_chart_that_fits_has_no_certain_verdict_against_it(
    tmp_path: Path, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    large_chart.write_chart(tmp_path / "platform")
    (tmp_path / "policylint.yaml").write_text("cluster: {node-pools: [{name: default, count: 6, max-pods: 110}]}\n")
    monkeypatch.chdir(tmp_path)
    answer = check("platform", "--select", "ROL001,ROL002,ROL004")
    assert [each["rule"] for each in answer["findings"] if each["rule"].startswith("ROL")] == []
    assert answer["summary"]["documents"] > 200


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
            "the template a includes itself without end",
        ),
        ("{{ range $i := until 2000000000 }}x{{ end }}", "rendering this chart "),
        (
            "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
            "rendering this chart took longer than 2 ",
        ),
    ],
)
def test_a_chart_without_end_is_stopped_and_the_rest_goes_on(
    write: Write, check: Check, monkeypatch: pytest.MonkeyPatch, template: str, message: str
) -> None:
    run_limited = limits.run_limited

    def soon(*given: Any, **named: Any) -> limits.Ran:
        return run_limited(*given, **named | {"time_limit": 2.0})

    monkeypatch.setattr("policylint.sources.helm_backends.run_limited", soon)
    write({**WEB, "bad/Chart.yaml": CHART, "bad/templates/a.yaml": template})
    answer = check(".")
    failures = [each for each in answer["findings"] if each["rule"] == "PRJ003"]
    assert [each["path"].split("/")[0] for each in failures] == ["bad"]
    assert failures[0]["message"].startswith(message)
    assert answer["summary"]["documents"] == 1


def test_hostile_charts_do_nothing_but_fail(write: Write, check: Check, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.yaml"
    outside.write_text("secret: 1\n")
    write(
        {
            "peek/Chart.yaml": CHART,
            "peek/templates/a.yaml": "kind: A\napiVersion: v1\nmetadata: {name: a}\n"
            "{{ if or (.Files.Get `../../outside.yaml`) (getHostByName `localhost`) (lookup `v1` `Secret` `` ``) }}"
            "{{ fail `it was let out` }}{{ end }}\n",
            "remote/Chart.yaml": CHART
            + "dependencies:\n- {name: d, version: 1.0.0, repository: https://example.com/}\n",
            "pipe/Chart.yaml": CHART,
            "link/Chart.yaml": CHART,
        }
    )
    os.mkfifo(tmp_path / "pipe" / "values.yaml")
    (tmp_path / "link" / "templates").symlink_to(tmp_path.parent)
    answer = check(".")
    failures = {each["path"]: each["message"] for each in answer["findings"] if each["rule"] == "PRJ003"}
    assert failures == {
        "remote/Chart.yaml": "the dependency d is not in charts/, so the chart cannot be rendered",
        "pipe/values.yaml": "this is neither a file nor a folder, so the chart is not rendered",
        "link/templates": "this link leads out of the chart and of the project, so the chart is not rendered",
    }
    assert answer["summary"]["documents"] == 1


def test_the_rollouts_report_says_which_values_key_to_set(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({**WEB, "policylint.yaml": CLUSTER, "web/ci/a-values.yaml": "rollout: {maxSurge: 2}\n"})
    main(["rollout", "--output-format", "json", "web"])
    releases = json.loads(capsys.readouterr().out)["releases"]
    fixes = [release["workloads"][0]["fixes"][0]["in_chart"] for release in releases]
    assert fixes == [
        "set `rollout.maxSurge: 0` in web/values.yaml:4; set `rollout.maxUnavailable: 1` in web/values.yaml:5",
        "set `rollout.maxSurge: 0` in web/ci/a-values.yaml:1; set `rollout.maxUnavailable: 1` in web/values.yaml:5",
    ]


def test_what_changed_is_held_against_the_same_render(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    ci = {"web/ci/a-values.yaml": "replicas: 2\n"}
    write({f"old/{name}": text for name, text in {**WEB, **ci}.items()})
    write({**WEB, **ci, "policylint.yaml": CLUSTER})
    main(["rollout", "--output-format", "json", "--before", "old", "web"])
    releases = json.loads(capsys.readouterr().out)["releases"]
    assert [release["workloads"][0]["change"]["sort"] for release in releases] == ["same", "same"]
