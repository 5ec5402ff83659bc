"""`policylint rollout` from the command line: what it says of a release, and how it ends."""

import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import Write
from policylint.cli import main
from policylint.lint.load_rules import load_rules
from policylint.lint.rollout_report import SEVERITY


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def cluster(slots: int, more: str = "") -> str:
    return f"cluster:\n  node-pools:\n  - {{name: default, count: 1, max-pods: {slots}{more}}}\n"


def deployment(name: str, replicas: int = 1, strategy: str = "", pod: str = "") -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n"
        f"  strategy: {{{strategy}}}\n  selector: {{matchLabels: {{app: {name}}}}}\n"
        f"  template: {{metadata: {{labels: {{app: {name}}}}}, "
        f"spec: {{{pod or 'containers: [{name: c, image: i}]'}}}}}\n"
        "---\n"
    )


IN_PLACE = "rollingUpdate: {maxSurge: 0, maxUnavailable: 1}"
SCALER = (
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n"
    "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 1\n  maxReplicas: 3\n---\n"
)
HOOK = (
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}\n"
    "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}\n---\n"
)
QUOTA = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {count/deployments.apps: 1}}\n---\n"
JOB = (
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\n"
    "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}\n---\n"
)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["rollout", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def releases(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Any]:
    _, out, _ = run(capsys, *arguments, "--output-format", "json")
    found: list[Any] = json.loads(out)["releases"]
    return found


def verdicts(found: Sequence[Any]) -> dict[str, str]:
    return {each["resource"]["name"]: each["verdict"] for release in found for each in release["workloads"]}


def test_a_deadlock_with_its_sum_its_steps_and_its_fixes(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    write({"policylint.yaml": cluster(3), "web.yaml": deployment("web", 3)})
    code, out, err = run(capsys, "web.yaml")
    assert (code, err) == (1, "")
    assert (
        out
        == """\
manifests of web.yaml: deadlock

  pool default
      3  slots: 1 node, each 3 pods (max-pods)
    \N{MINUS SIGN} 3  this release: Deployment/web 3
    = 0  free

  Deployment/web  web.yaml:1:1
    RollingUpdate of 3 pods: maxSurge 25% of 3 → 1, maxUnavailable 25% of 3 → 0
         step                                                                serving  slots
       1 3 old pods running                                                        3    3/3
       2 1 new pod created before an old one may stop                              3    4/3
    >  3 a new pod stays Pending for want of room, so that no old pod stops        3    4/3  stuck
    peak 4 of 3 pods
    deadlock (certain): it can never finish
      pods: pool default: 1 node, 3 pods (max-pods); 3 of this Deployment = 3; maxSurge 25% of 3 →
        1, maxUnavailable 25% of 3 → 0; 4 > 3
    fixes, the cheapest first:
      1. set maxSurge: 0 and maxUnavailable: 1
         price: one of 3 pods stops before its successor starts, which serves with 2 meanwhile
      2. keep one pod slot free, with a larger node or one more
         price: what the node costs

1 release, 1 workload: 1 deadlock.
"""
    )


def test_what_completes_says_what_it_costs(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(1), "web.yaml": deployment("web", 1, IN_PLACE)})
    code, out, _ = run(capsys, "web.yaml")
    assert code == 0
    assert "    completes (certain): it finishes\n" in out
    assert "    cost: downtime on every rollout: the one pod stops before its successor is ready\n" in out
    assert out.endswith("\n1 release, 1 workload: 1 completes.\n")


def test_an_autoscaler_s_range(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(1), "web.yaml": deployment("web", 1, IN_PLACE) + SCALER})
    code, out, _ = run(capsys, "web.yaml")
    assert code == 0
    assert "    under its autoscaler: completes at 1, overflow at 2 to 3\n" in out
    assert run(capsys, "web.yaml", "--fail-on", "warning")[0] == 1
    assert releases(capsys, "web.yaml")[0]["severity"] == "warning"


def test_hooks_quotas_and_what_is_not_counted(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    both = deployment("web", 1, IN_PLACE) + deployment("api", 1, IN_PLACE)
    write({"policylint.yaml": cluster(2), "all.yaml": both + HOOK + QUOTA + JOB})
    code, out, _ = run(capsys, "all.yaml")
    assert code == 1
    assert "  Job/migrate  all.yaml:19:1\n    hook pre-upgrade: without room (certain)\n" in out
    assert "    overflow (certain): the release has more objects than its quota allows\n" in out
    assert "  not counted, as their pods come and go or are not modelled: Job/once\n" in out
    assert out.endswith(": 2 completes, 1 hook without room (certain), 1 quota exceeded.\n")


@pytest.mark.parametrize("name", ["ROL001", "ROL002", "ROL003", "ROL017", "ROL018"])
def test_verdicts_are_as_bad_as_the_rules_that_report_them(name: str) -> None:
    verdict = {"ROL001": "deadlock", "ROL002": "overflow", "ROL003": "race", "ROL017": "likely", "ROL018": "unknown"}
    [rule] = [loaded.rule for loaded in load_rules([], False) if loaded.rule.id == name]
    assert SEVERITY[verdict[name]] == rule.severity  # type: ignore[index]


def test_fail_on_comes_from_the_configuration(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    race = deployment("web") + deployment("api", 2, IN_PLACE)
    write({"policylint.yaml": cluster(3), "all.yaml": race})
    assert verdicts(releases(capsys, "all.yaml"))["web"] == "race"
    assert run(capsys, "all.yaml")[0] == 0
    write({"policylint.yaml": f"fail-on: warning\n{cluster(3)}"})
    assert run(capsys, "all.yaml")[0] == 1
    assert run(capsys, "all.yaml", "--fail-on", "error")[0] == 0


def test_without_a_cluster_it_shows_what_to_write(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"web.yaml": deployment("web")})
    code, out, err = run(capsys, "web.yaml")
    assert (code, out) == (2, "")
    first, _, shown = err.partition("\n\n")
    assert first == (
        "policylint: no cluster is configured, so there is nothing to count with; write what it has to policylint.yaml:"
    )
    write({"policylint.yaml": shown})
    assert run(capsys, "web.yaml")[0] == 0


def test_a_pool_that_cannot_be_known(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    pool = "cluster: {node-pools: [{name: p, count: 1, instance-type: t3.smal}]}\n"
    write({"policylint.yaml": pool, "web.yaml": deployment("web")})
    code, out, err = run(capsys, "web.yaml")
    assert (code, out) == (2, "")
    assert "pool p: 't3.smal' is not an EC2 instance type" in err


def test_nothing_to_roll_out(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(3), "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"})
    assert run(capsys) == (4, "0 releases, 0 workloads.\n", "policylint: there is no workload to roll out\n")
    assert json.loads(run(capsys, "--output-format", "json")[1])["releases"] == []
    assert "<h1>Rollouts</h1>" in run(capsys, "--output-format", "html")[1]


def test_what_cannot_be_read_fails(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(9), "k/web.yaml": deployment("web"), "k/bad.yaml": "a: [\n"})
    code, out, _ = run(capsys, "k")
    assert code == 1
    assert "k/bad.yaml:2:1: error: cannot be parsed: " in out
    assert out.endswith("1 release, 1 workload: 1 completes. 1 input could not be read.\n")
    [unread] = json.loads(run(capsys, "k", "--output-format", "json")[1])["unparsed"]
    assert (unread["rule"], unread["path"], unread["line"]) == ("PRJ001", "k/bad.yaml", 2)
    code, out, _ = run(capsys, "gone.yaml")
    assert code == 1
    assert "gone.yaml:1:1: error: no such file or folder\n" in out


@pytest.mark.parametrize(
    "spec",
    [
        "replicas: -1, strategy: 3, template: []",
        "replicas: '3', template: {spec: {containers: [{resources: {requests: {cpu: x}}}]}}",
        "strategy: {rollingUpdate: {maxSurge: 101%, maxUnavailable: 200%}}",
        "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}",
        "replicas: 0",
    ],
)
@pytest.mark.parametrize("format_name", ["text", "json", "html"])
def test_bad_values_have_a_verdict_all_the_same(
    write: Write, capsys: pytest.CaptureFixture[str], spec: str, format_name: str
) -> None:
    head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: "
    write({"policylint.yaml": cluster(9), "web.yaml": f"{head}{{{spec}}}\n"})
    code, out, err = run(capsys, "web.yaml", "--output-format", format_name)
    assert (code, err) == (0, "")
    assert "Deployment/web" in out or '"web"' in out


def test_a_folder_is_one_release_and_files_are_another(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        {
            "policylint.yaml": cluster(9),
            "a/web.yaml": deployment("web"),
            "a/b/api.yaml": deployment("api"),
            "c/one.yaml": deployment("one"),
            "d/two.yaml": deployment("two"),
        }
    )
    found = releases(capsys, "a", "c/one.yaml", "d/two.yaml")
    assert [(each["label"], len(each["workloads"])) for each in found] == [
        ("manifests of a", 2),
        ("manifests of c/one.yaml d/two.yaml", 2),
    ]
    note = "Note: each release is held against the cluster on its own: list under other-pods what runs besides it\n"
    assert note in run(capsys, "a", "c/one.yaml")[1]
    assert note not in run(capsys, "a")[1]


def test_the_same_object_in_two_files_counts_once(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(3), "k/a.yaml": deployment("web", 9), "k/b.yaml": deployment("web", 2)})
    [release] = releases(capsys, "k")
    assert [workload["least"] for workload in release["workloads"]] == [2]
    assert release["notes"] == ["Deployment/web is in k/a.yaml and k/b.yaml: the later one counts"]


def test_stdin(write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(1)})

    class Stdin:
        buffer = io.BytesIO(deployment("web").encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    [release] = releases(capsys, "-")
    assert (release["label"], release["verdict"]) == ("manifests of stdin", "deadlock")


def test_many_that_complete_take_one_line_each(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    many = "".join(deployment(f"w{number}") for number in range(12))
    write({"policylint.yaml": cluster(20), "all.yaml": many})
    code, out, _ = run(capsys, "all.yaml")
    assert code == 0
    assert "  Deployment/w3  all.yaml:28:1: completes, peak 13 of 20 pods\n" in out
    assert "    \N{MINUS SIGN} 12  this release: Deployment/w0 1, Deployment/w1 1," in out
    assert "4 more with 4" in out
    assert "1 old pod running" not in out
    verbose = run(capsys, "all.yaml", "--verbose")[1]
    assert verbose.count("1 old pod running") == 12
    assert "Deployment/w11 1\n" in verbose


def test_colours_only_where_they_are_wanted(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(1), "web.yaml": deployment("web")})
    assert "\x1b[" not in run(capsys, "web.yaml")[1]
    out = run(capsys, "web.yaml", "--color", "always")[1]
    assert "\x1b[1;31mdeadlock (certain): it can never finish\x1b[0m" in out


def test_a_file_for_the_report(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write({"policylint.yaml": cluster(1), "web.yaml": deployment("web")})
    assert run(capsys, "web.yaml", "--output-format", "html", "--output-file", "out.html") == (1, "", "")
    assert (folder / "out.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    code, _, err = run(capsys, "web.yaml", "--output-file", "no/out.txt")
    assert code == 2
    assert err.startswith("policylint: no/out.txt cannot be written: ")


def test_what_is_passed_over_is_listed(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    names = {f"notes{number}.md": "" for number in range(5)}
    write({"policylint.yaml": cluster(9), "web.yaml": deployment("web"), **names})
    out = run(capsys)[1]
    assert out.count("Not judged: notes") == 3
    assert "Not judged: 2 more, --verbose lists them\n" in out
    assert run(capsys, "--verbose")[1].count("Not judged: notes") == 5


def test_the_incident(repository: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("helm") is None:
        pytest.skip("needs helm")
    folder = write({})
    shutil.copytree(repository / "fixtures/projects/incident", folder / "incident")
    first, final = "incident/before/charts", "incident/after/charts"
    [release] = releases(capsys, first)
    assert release["label"] == "chart persons-finder, release persons-finder"
    [workload] = release["workloads"]
    assert (workload["verdict"], workload["certain"]) == ("deadlock", True)
    assert (workload["peak"], workload["capacity"], workload["limit"]["dimension"]) == (12, 11, "pods")
    assert workload["fixes"][0]["changes"] == [
        {"set": "spec.strategy.rollingUpdate.maxSurge", "value": 0},
        {"set": "spec.strategy.rollingUpdate.maxUnavailable", "value": 1},
    ]
    assert run(capsys, first)[0] == 1
    [workload] = releases(capsys, final)[0]["workloads"]
    assert (workload["verdict"], workload["certain"]) == ("completes", True)
    assert workload["downtime"].startswith("downtime on every rollout: ")
    assert run(capsys, final)[0] == 0


def test_a_chart_that_cannot_be_rendered(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("helm") is None:
        pytest.skip("needs helm")
    write(
        {
            "policylint.yaml": cluster(9),
            "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
            "c/templates/a.yaml": '{{ fail "no" }}\n',
        }
    )
    code, out, _ = run(capsys, "c")
    assert code == 1
    assert "c/templates/a.yaml:1:" in out
    assert out.endswith("0 releases, 0 workloads. 1 input could not be read.\n")
