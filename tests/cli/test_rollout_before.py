"""`policylint rollout --before`: only what changed rolls, held against a git revision or a folder."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import Write
from policylint.cli import main

IN_PLACE = "rollingUpdate: {maxSurge: 0, maxUnavailable: 1}"
NONE = "there is nothing of it in HEAD"


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def cluster(slots: int, more: str = "") -> str:
    return f"cluster: {{node-pools: [{{name: default, count: 1, max-pods: {slots}{more}}}]}}\n"


def deployment(name: str, image: str = "i:1", replicas: int = 1, strategy: str = "", pod: str = "") -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n"
        f"  strategy: {{{strategy}}}\n  selector: {{matchLabels: {{app: {name}}}}}\n"
        f"  template: {{metadata: {{labels: {{app: {name}}}}}, "
        f"spec: {{containers: [{{name: c, image: '{image}'{pod}}}]}}}}\n---\n"
    )


HOOK = (
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: PHASE}}\n"
    "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}\n---\n"
)


def commit(folder: Path) -> None:
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "one"]):
        name = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *name, *arguments], cwd=folder, check=True)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["rollout", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(run(capsys, *arguments, "--output-format", "json")[1])


def only(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    [release] = report(capsys, *arguments)["releases"]
    return release


def changes(release: Any) -> dict[str, tuple[str, bool, str]]:
    return {
        each["resource"]["name"]: (each["change"]["sort"], each["rolls"], each["verdict"])
        for each in release["workloads"]
    }


def test_only_what_changed_rolls(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    before = deployment("web") + deployment("api") + deployment("old")
    folder = write({"policylint.yaml": cluster(3), "k/all.yaml": before})
    commit(folder)
    assert only(capsys, "k")["verdict"] == "deadlock"
    assert changes(only(capsys, "k", "--before", "HEAD")) == {
        "web": ("same", False, "completes"),
        "api": ("same", False, "completes"),
        "old": ("same", False, "completes"),
    }
    assert run(capsys, "k", "--before", "HEAD")[0] == 0
    write({"k/all.yaml": before.replace("name: api}", "name: api, labels: {a: b}}").replace("name: old", "name: new")})
    write({"k/all.yaml": (folder / "k/all.yaml").read_text().replace("'i:1'", "'i:2'", 1)})
    release = only(capsys, "k", "--before", "main")
    assert changes(release) == {
        "web": ("changed", True, "likely"),
        "api": ("same", False, "completes"),
        "new": ("new", False, "completes"),
    }
    assert release["workloads"][0]["change"]["differences"] == ["containers[c].image i:1 → i:2"]
    assert release["removed"] == [{"name": "Deployment/old", "pods": 1, "most": 1, "per_node": False}]
    out = run(capsys, "k", "--before", "main")[1]
    assert "manifests of k, compared with main: likely\n" in out
    assert "    rolls for: containers[c].image i:1 → i:2\n" in out
    assert "    its pods stay: their template is unchanged\n" in out
    assert "    it is new: 1 pod to start, none to replace\n" in out
    assert "  Deployment/old 1: no longer in the release; its pods end with it\n" in out


def test_what_stays_holds_its_place_for_certain(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    both = deployment("web", strategy=IN_PLACE) + deployment("api")
    folder = write({"policylint.yaml": cluster(2), "k/all.yaml": both})
    commit(folder)
    write({"k/all.yaml": deployment("web", strategy=IN_PLACE) + deployment("api", "i:2")})
    alone = {each["resource"]["name"]: each["verdict"] for each in only(capsys, "k")["workloads"]}
    assert alone["api"] == "race"
    assert changes(only(capsys, "k", "--before", "HEAD"))["api"] == ("changed", True, "deadlock")


def test_more_pods_than_before(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write({"policylint.yaml": cluster(4), "k/all.yaml": deployment("web") + deployment("api")})
    commit(folder)
    write({"k/all.yaml": deployment("web", replicas=2) + deployment("api", "i:2")})
    release = only(capsys, "k", "--before", "HEAD")
    assert changes(release) == {"web": ("scaled", False, "completes"), "api": ("changed", True, "completes")}
    assert release["workloads"][0]["change"]["replicas"] == 1
    assert "    its pods stay, their number changes from 1 to 2\n" in run(capsys, "k", "--before", "HEAD")[1]
    # the pod that is to come may get the last slot, or the one that replaces another: neither is certain
    write({"policylint.yaml": cluster(3)})
    assert changes(only(capsys, "k", "--before", "HEAD"))["api"] == ("changed", True, "likely")
    write({"k/all.yaml": deployment("web", replicas=5) + deployment("api")})
    assert changes(only(capsys, "k", "--before", "HEAD"))["web"] == ("scaled", False, "overflow")
    assert run(capsys, "k", "--before", "HEAD")[0] == 1


def test_old_pods_of_another_size_leave_nothing_certain(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    def asks(cpu: str) -> str:
        return f", resources: {{requests: {{cpu: {cpu}}}}}"

    settings = cluster(9, ", allocatable: {cpu: '1'}")
    folder = write({"policylint.yaml": settings, "web.yaml": deployment("web", pod=asks("400m"))})
    commit(folder)
    write({"web.yaml": deployment("web", pod=asks("600m"))})
    assert only(capsys, "web.yaml")["verdict"] == "deadlock"
    release = only(capsys, "web.yaml", "--before", "HEAD")
    assert changes(release) == {"web": ("changed", True, "likely")}
    assert release["workloads"][0]["limit"]["text"].endswith(
        "old and new pods ask for different amounts of cpu; the sum takes all for new ones"
    )


@pytest.mark.parametrize(
    ("phase", "verdict"), [("pre-upgrade", "deadlock"), ("post-upgrade", "completes"), ("pre-install", "completes")]
)
def test_a_hook_before_the_upgrade_meets_the_old_pods(
    write: Write, capsys: pytest.CaptureFixture[str], phase: str, verdict: str
) -> None:
    folder = write({"policylint.yaml": cluster(3), "k/all.yaml": deployment("web", replicas=3, strategy=IN_PLACE)})
    commit(folder)
    write({"k/all.yaml": deployment("web", "i:2", 1, IN_PLACE) + HOOK.replace("PHASE", phase)})
    [hook] = only(capsys, "k", "--before", "HEAD")["hooks"]
    assert hook["verdict"] == verdict


def test_what_is_new_and_what_is_gone(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write({"policylint.yaml": cluster(9), "a/web.yaml": deployment("web"), "z/one.yaml": "a: b\n"})
    commit(folder)
    write({"b/api.yaml": deployment("api")})
    found = report(capsys, "b", "--before", "HEAD")
    assert changes(found["releases"][0]) == {"api": ("new", False, "completes")}
    assert (found["before"], found["releases"][0]["notes"]) == ("HEAD", [NONE])
    assert found["releases"][0]["workloads"][0]["steps"] == [
        {"text": "1 new pod to start", "serving": 0, "wanted": 1, "stuck": False}
    ]
    (folder / "a/web.yaml").unlink()
    (folder / "a/other.yaml").write_text(deployment("other"))
    release = only(capsys, "a", "--before", "HEAD")
    assert changes(release) == {"other": ("new", False, "completes")}
    assert release["removed"][0]["name"] == "Deployment/web"


def test_an_old_state_that_cannot_be_read_counts_for_nothing(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write({"policylint.yaml": cluster(1), "k/web.yaml": deployment("web"), "k/bad.yaml": "a: [\n"})
    commit(folder)
    write({"k/bad.yaml": "a: b\n"})
    code, out, _ = run(capsys, "k", "--before", "HEAD")
    assert code == 1
    assert "note: it could not be read as of HEAD, so that everything is taken to roll: k/bad.yaml:2: cannot be " in out
    assert "deadlock (certain)" in out
    assert "policylint-" not in out


def test_an_older_copy_of_the_folder(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write({"policylint.yaml": cluster(2), "k/web.yaml": deployment("web"), "m/api.yaml": deployment("api")})
    shutil.copytree(folder, folder.parent / "copy", dirs_exist_ok=True)
    write({"k/web.yaml": deployment("web", "i:2")})
    found = report(capsys, "k", "m", "--before", "../copy")
    assert found["before"] == "../copy"
    assert [changes(release) for release in found["releases"]] == [
        {"web": ("changed", True, "completes")},
        {"api": ("same", False, "completes")},
    ]
    shutil.rmtree(folder.parent / "copy")


def test_a_folder_or_a_file_that_stands_for_the_path(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policylint.yaml": cluster(2), "new/web.yaml": deployment("web", "i:2"), "old/w.yaml": deployment("web")})
    assert changes(only(capsys, "new", "--before", "old")) == {"web": ("changed", True, "completes")}
    assert changes(only(capsys, "new/web.yaml", "--before", "old/w.yaml")) == {"web": ("changed", True, "completes")}
    code, out, err = run(capsys, "new", "policylint.yaml", "--before", "old")
    assert (code, out) == (2, "")
    assert err == "policylint: --before old: old/new does not exist; compare one PATH at a time\n"


def test_what_is_neither_a_revision_nor_a_folder(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write({"policylint.yaml": cluster(2), "web.yaml": deployment("web")})
    code, out, err = run(capsys, "web.yaml", "--before", "main")
    assert (code, out) == (2, "")
    assert err.startswith(f"policylint: {folder} is in no git repository: ")
    commit(folder)
    assert run(capsys, "web.yaml", "--before", "nain")[2] == (
        "policylint: the repository has no revision 'nain'; did you mean 'main'?\n"
    )
    assert run(capsys, "web.yaml", "--before=--all")[0] == 2


def test_a_chart_with_the_values_of_its_time(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("helm") is None:
        pytest.skip("needs helm")
    template = deployment("web", "i:{{ .Values.tag }}", strategy=IN_PLACE).replace(
        "labels: {app: web}}, spec", 'labels: {app: web, helm.sh/chart: "c-{{ .Chart.Version }}"}}, spec'
    )
    settings = cluster(2) + "charts: [{path: c, values: [env/prod.yaml]}]\n"
    folder = write(
        {
            "policylint.yaml": settings,
            "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.2.0\n",
            "c/templates/web.yaml": template.removesuffix("---\n"),
            "env/prod.yaml": "tag: 1\n",
        }
    )
    commit(folder)
    assert changes(only(capsys, "c", "--before", "HEAD")) == {"web": ("same", False, "completes")}
    write({"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.3.0\n", "env/prod.yaml": "tag: 2\n"})
    release = only(capsys, "c", "--before", "HEAD")
    assert release["workloads"][0]["change"]["differences"] == [
        "label helm.sh/chart c-1.2.0 → c-1.3.0",
        "containers[c].image i:1 → i:2",
    ]
    rendered = deployment("web", "i:2", strategy=IN_PLACE)
    write(
        {
            "live.yaml": rendered.replace(
                "labels: {app: web}}, spec", "labels: {app: web, helm.sh/chart: c-1.3.0}}, spec"
            )
        }
    )
    assert changes(only(capsys, "c", "--before", "live.yaml")) == {"web": ("same", False, "completes")}


def test_a_kustomization_with_its_base(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("kustomize") is None and shutil.which("kubectl") is None:
        pytest.skip("needs kustomize or kubectl")
    folder = write(
        {
            "policylint.yaml": cluster(9),
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": deployment("web").removesuffix("---\n"),
            "prod/kustomization.yaml": "resources: [../base]\n",
        }
    )
    commit(folder)
    assert changes(only(capsys, "prod", "--before", "HEAD")) == {"web": ("same", False, "completes")}
    write({"base/web.yaml": deployment("web", "i:2").removesuffix("---\n")})
    assert changes(only(capsys, "prod", "--before", "HEAD")) == {"web": ("changed", True, "completes")}
