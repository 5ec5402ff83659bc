"""What the user names, and what is loaded for it: files, charts, kustomizations; ignored, excluded, linked or odd."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policylint.config import ChartRender, Config
from policylint.sources.discover import Discovery, discover, show
from policylint.sources.unit import Target

Write = Callable[[Mapping[str, str]], Path]
CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
KUSTOMIZATION = "resources: [deployment.yaml]\npatches:\n- path: patch.yaml\n"


def found(*paths: str, **settings: object) -> Discovery:
    return discover(paths or (".",), Config()._replace(**settings))  # type: ignore[arg-type]


def shown(discovery: Discovery) -> list[str]:
    """The targets, files by their path and others with their kind."""
    return [target.shown if target.kind == "file" else f"{target.kind} {target.shown}" for target in discovery.targets]


def not_judged(discovery: Discovery) -> list[tuple[str, str]]:
    return [(item.path, item.what) for item in discovery.not_judged]


def only(discovery: Discovery) -> Target:
    (target,) = discovery.targets
    return target


def test_a_folder_is_walked_in_order_and_what_has_no_reader_is_listed(write: Write) -> None:
    write(dict.fromkeys(("b/z.yml", "b/a.json", "c.yaml", "b/Dockerfile", "README.md", "b/Makefile", ".x.yaml"), ""))
    discovery = found()
    assert shown(discovery) == [".x.yaml", "b/a.json", "b/z.yml", "c.yaml"]
    assert not_judged(discovery) == [
        ("README.md", ".md file"),
        ("b/Dockerfile", "Dockerfile"),
        ("b/Makefile", "Makefile file"),
    ]
    assert (discovery.whole, discovery.passed, discovery.failures) == (True, 0, [])


def test_folders_that_hold_no_ones_own_files_are_left_out(write: Write) -> None:
    write({f"{name}/a.yaml": "" for name in (".git", "node_modules", ".venv", "__pycache__", ".github/workflows")})
    assert shown(found()) == [".github/workflows/a.yaml"]
    assert shown(found("node_modules")) == ["node_modules/a.yaml"]


def test_a_named_file_is_taken_whatever_it_is_and_once(write: Write) -> None:
    project = write({"a.yaml": "", "b/c.yaml": "", "d.txt": ""})
    discovery = found("b/c.yaml", "./a.yaml", "b/../a.yaml", str(project / "a.yaml"), "d.txt")
    assert shown(discovery) == ["a.yaml", "b/c.yaml"]
    assert not_judged(discovery) == [("d.txt", ".txt file")]
    assert not discovery.whole


def test_files_and_folders_that_overlap_are_taken_once(write: Write) -> None:
    write({"a/b.yaml": "", "a/c/d.yaml": ""})
    assert shown(found("a", "a/c", "a/b.yaml")) == ["a/b.yaml", "a/c/d.yaml"]
    assert found("a", "a/c").whole
    assert not found("a", "a/b.yaml").whole


def test_stdin_has_the_name_that_it_is_given(write: Write) -> None:
    write({})
    discovery = discover(["-"], Config(), "x/y.yaml")
    assert (only(discovery).kind, only(discovery).shown, discovery.whole) == ("stdin", "x/y.yaml", False)


def test_what_is_not_there_is_a_failure_and_the_rest_is_taken(write: Write) -> None:
    write({"a.yaml": ""})
    discovery = found("nowhere.yaml", "a.yaml", "no/where")
    assert shown(discovery) == ["a.yaml"]
    assert [(each.rule, each.location.path, each.message) for each in discovery.failures] == [
        ("PRJ001", "nowhere.yaml", "no such file or folder"),
        ("PRJ001", "no/where", "no such file or folder"),
    ]


def test_paths_are_shown_from_where_the_command_runs(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write({"a/b.yaml": "", "c.yaml": ""})
    monkeypatch.chdir(project / "a")
    assert shown(found(str(project / "a"))) == ["b.yaml"]
    assert shown(found("..")) == ["../a/b.yaml", "../c.yaml"]
    assert shown(found(str(project))) == [(project / "a/b.yaml").as_posix(), (project / "c.yaml").as_posix()]
    assert show("./a//b/../c.yaml") == "a/c.yaml"


# ---------------------------------------------------------------------------------------------------- left out


def test_ignore_files_hold_below_their_folder_and_the_nearer_one_wins(write: Write) -> None:
    write(
        {
            ".git/HEAD": "",
            ".gitignore": "*.tmp.yaml\n/build/\n!keep.tmp.yaml\n",
            "a/.gitignore": "!again.tmp.yaml\nlocal.yaml\n",
            **dict.fromkeys(
                (
                    "x.tmp.yaml",
                    "keep.tmp.yaml",
                    "build/a.yaml",
                    "a/build/b.yaml",
                    "a/again.tmp.yaml",
                    "a/b/again.tmp.yaml",
                    "a/other.tmp.yaml",
                    "a/local.yaml",
                    "local.yaml",
                ),
                "",
            ),
        }
    )
    expected = ["a/again.tmp.yaml", "a/b/again.tmp.yaml", "a/build/b.yaml", "keep.tmp.yaml", "local.yaml"]
    assert shown(found()) == expected
    assert shown(found("a")) == expected[:3]


def test_git_info_exclude_holds_everywhere_and_an_ignore_file_can_take_back(write: Write) -> None:
    write(
        {
            ".git/info/exclude": "secret*.yaml\n",
            "a/.gitignore": "!secret-not.yaml\n",
            "a/secret.yaml": "",
            "a/secret-not.yaml": "",
            "secret.yaml": "",
            "b.yaml": "",
        }
    )
    assert shown(found()) == ["a/secret-not.yaml", "b.yaml"]
    assert shown(found("a")) == ["a/secret-not.yaml"]


def test_what_lies_in_an_ignored_folder_cannot_be_taken_back(write: Write) -> None:
    write({".git/HEAD": "", ".gitignore": "out/\n!out/a.yaml\n", "out/a.yaml": "", "b.yaml": ""})
    assert shown(found()) == ["b.yaml"]


def test_ignore_files_above_the_repository_do_not_hold(write: Write) -> None:
    write({".gitignore": "*.yaml\n", "repository/.git/HEAD": "", "repository/a.yaml": ""})
    assert shown(found("repository")) == ["repository/a.yaml"]


def test_an_ignored_file_or_folder_that_is_named_is_taken(write: Write) -> None:
    write({".git/HEAD": "", ".gitignore": "a.yaml\nout/\n", "a.yaml": "", "out/b.yaml": ""})
    assert shown(found("a.yaml", "out")) == ["a.yaml", "out/b.yaml"]


def test_exclude_patterns_count_from_the_configuration(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write(dict.fromkeys(("vendor/a.yaml", "b/vendor/c.yaml", "b/x.gen.yaml", "b/y.yaml"), ""))
    settings = {"root": str(project), "exclude": ("/vendor/", "*.gen.yaml")}
    assert shown(found(**settings)) == ["b/vendor/c.yaml", "b/y.yaml"]
    monkeypatch.chdir(project / "b")
    assert shown(found(**settings)) == ["vendor/c.yaml", "y.yaml"]


def test_an_ignore_file_of_any_bytes_is_taken_as_it_is(write: Write) -> None:
    project = write({".git/HEAD": "", "a.yaml": "", "b.yaml": ""})
    odd = os.fsdecode(b"\xff.yaml")
    (project / odd).write_text("")
    (project / ".gitignore").write_bytes(b"\xfe\xfe\n!\n[z-a]\n[[:x:]]\nb.yaml\r\n[\n")
    assert shown(found()) == ["a.yaml", odd]
    (project / ".gitignore").write_bytes(b"\xff.yaml\n")
    assert shown(found()) == ["a.yaml", "b.yaml"]


def test_our_own_configuration_is_passed_over_and_counted(write: Write) -> None:
    write({"policylint.yaml": "", "a/.policylint.yaml": "", "a/b.yaml": ""})
    discovery = found()
    assert (shown(discovery), discovery.passed) == (["a/b.yaml"], 2)


# ---------------------------------------------------------------------------------------------------- links, odd files


def test_links_to_files_are_followed_and_links_to_folders_are_said_not_to_be(write: Write) -> None:
    project = write({"a/b.yaml": "", "c.yaml": ""})
    (project / "link.yaml").symlink_to("c.yaml")
    (project / "folder").symlink_to("a")
    (project / "a" / "up").symlink_to("..")
    (project / "dangling.yaml").symlink_to("nowhere")
    (project / "loop.yaml").symlink_to("loop.yaml")
    discovery = found()
    assert shown(discovery) == ["a/b.yaml", "c.yaml", "dangling.yaml", "link.yaml", "loop.yaml"]
    assert [tuple(item) for item in discovery.not_judged] == [
        ("a/up", 0, "symbolic link", "links to folders are not followed"),
        ("folder", 0, "symbolic link", "links to folders are not followed"),
    ]


def test_a_named_link_to_a_folder_is_walked(write: Write) -> None:
    project = write({"a/b.yaml": ""})
    (project / "folder").symlink_to("a")
    assert shown(found("folder")) == ["folder/b.yaml"]


def test_a_folder_named_like_a_manifest_is_a_folder(write: Write) -> None:
    write({"x.yaml/y.yaml": ""})
    assert shown(found()) == ["x.yaml/y.yaml"]
    assert shown(found("x.yaml")) == ["x.yaml/y.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_a_failure(write: Write) -> None:
    project = write({"a/b.yaml": "", "c.yaml": ""})
    (project / "a").chmod(0)
    discovery = found()
    (project / "a").chmod(0o700)
    assert shown(discovery) == ["c.yaml"]
    assert [(each.location.path, each.message) for each in discovery.failures] == [
        ("a", "the folder cannot be listed: permission denied")
    ]


def test_a_folder_that_cannot_be_listed_is_a_failure(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"a/b.yaml": "", "c.yaml": ""})
    scan = os.scandir

    def refuse(path: str | Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    discovery = found()
    assert shown(discovery) == ["c.yaml"]
    assert [(each.rule, each.location.path, each.message) for each in discovery.failures] == [
        ("PRJ001", "a", "the folder cannot be listed: permission denied")
    ]


# ---------------------------------------------------------------------------------------------------- charts


def chart(prefix: str = "") -> dict[str, str]:
    names = ("values.yaml", "templates/a.yaml", "templates/_helpers.tpl", "templates/b/c.tpl", "ci/values.yaml")
    return {f"{prefix}Chart.yaml": CHART, **{prefix + name: "" for name in names}}


def test_a_charts_parts_are_judged_through_the_chart(write: Write) -> None:
    write({**chart("charts/web/"), "charts/web/values-prod.yaml": "", "charts/web/extra/b.yaml": "", "c.yaml": ""})
    discovery = found()
    assert shown(discovery) == ["c.yaml", "chart charts/web", "charts/web/extra/b.yaml"]
    assert discovery.passed == 7


def test_a_chart_may_be_the_repository_itself(write: Write) -> None:
    project = write({**chart(), "deploy/a.yaml": "", ".github/workflows/w.yml": ""})
    assert shown(found()) == ["chart .", ".github/workflows/w.yml", "deploy/a.yaml"]
    assert found().targets[0].path == str(project)


def test_a_subchart_stands_for_its_parent(write: Write) -> None:
    write({**chart("web/"), **chart("web/charts/db/")})
    assert shown(found()) == ["chart web"]
    assert shown(found("web/charts/db")) == ["chart web"]
    target = only(found("web/charts/db/templates/a.yaml"))
    assert (target.kind, target.shown, target.only) == ("chart", "web", ("web/charts/db/templates/a.yaml",))


def test_charts_beside_each_other_in_a_folder_named_charts_are_charts(write: Write) -> None:
    write({**chart("charts/a/"), **chart("charts/b/")})
    assert shown(found()) == ["chart charts/a", "chart charts/b"]


def test_a_template_stands_for_its_chart_and_limits_the_findings_to_itself(write: Write) -> None:
    write(chart("charts/web/"))
    target = only(found("charts/web/templates/a.yaml"))
    assert (target.kind, target.shown, target.only) == ("chart", "charts/web", ("charts/web/templates/a.yaml",))
    both = only(found("charts/web/templates/a.yaml", "charts/web/templates/b/c.tpl"))
    assert both.only == ("charts/web/templates/a.yaml", "charts/web/templates/b/c.tpl")
    assert not found("charts/web/templates/a.yaml").whole


@pytest.mark.parametrize("part", ["values.yaml", "Chart.yaml", "templates/_helpers.tpl", "ci/values.yaml"])
def test_any_other_part_stands_for_the_whole_chart(write: Write, part: str) -> None:
    write(chart("charts/web/"))
    target = only(found(f"charts/web/{part}"))
    assert (target.kind, target.shown, target.only) == ("chart", "charts/web", ())
    assert only(found("charts/web/templates/a.yaml", f"charts/web/{part}")).only == ()
    assert only(found(f"charts/web/{part}", "charts/web/templates/a.yaml")).only == ()


def test_a_part_is_found_to_be_one_from_within_the_chart(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write(chart("web/"))
    monkeypatch.chdir(project / "web")
    assert [(each.shown, each.only) for each in found("templates/a.yaml").targets] == [(".", ("templates/a.yaml",))]
    monkeypatch.chdir(project / "web" / "templates")
    assert [(each.shown, each.only) for each in found("a.yaml").targets] == [("..", ("../templates/a.yaml",))]
    assert shown(found(".")) == ["chart .."]


def test_a_file_beside_a_charts_parts_is_a_file(write: Write) -> None:
    write({**chart("web/"), "web/extra/values.yaml": "", "web/policy.yaml": ""})
    assert shown(found("web/extra/values.yaml", "web/policy.yaml")) == ["web/extra/values.yaml", "web/policy.yaml"]


def test_each_configured_render_is_a_target(write: Write) -> None:
    project = write({**chart("charts/web/"), **chart("charts/db/")})
    renders = (ChartRender("charts/web"), ChartRender("charts/db"), ChartRender("charts/web", ("prod.yaml",)))
    discovery = found(root=str(project), charts=renders)
    assert [(each.shown, each.render) for each in discovery.targets] == [
        ("charts/db", 1),
        ("charts/web", 0),
        ("charts/web", 2),
    ]
    named = found("charts/web/templates/a.yaml", root=str(project), charts=renders)
    assert [(each.render, each.only) for each in named.targets] == [
        (0, ("charts/web/templates/a.yaml",)),
        (2, ("charts/web/templates/a.yaml",)),
    ]


def test_configured_charts_elsewhere_are_part_of_a_whole_run_only(write: Write) -> None:
    project = write({**chart("charts/web/"), "a/b.yaml": ""})
    settings = {"root": str(project), "charts": (ChartRender("charts/web"),)}
    assert shown(found("a", **settings)) == ["a/b.yaml", "chart charts/web"]
    assert shown(found("a/b.yaml", **settings)) == ["a/b.yaml"]


def test_a_configured_chart_that_is_none_is_a_failure_at_the_configuration(write: Write) -> None:
    project = write({"a.yaml": ""})
    settings = {"root": str(project), "file": "policylint.yaml", "charts": (ChartRender("charts/gone"),)}
    (failure,) = found(**settings).failures
    assert (failure.rule, failure.location.path) == ("PRJ003", "policylint.yaml")
    assert failure.message == "charts: 'charts/gone' is not a chart: charts/gone/Chart.yaml does not exist"
    assert found("a.yaml", **settings).failures == []


def test_an_excluded_chart_is_not_walked_into(write: Write) -> None:
    project = write({**chart("charts/web/"), "a.yaml": ""})
    assert shown(found(root=str(project), exclude=("charts/",))) == ["a.yaml"]


# ---------------------------------------------------------------------------------------------------- kustomizations


def kustomization(prefix: str) -> dict[str, str]:
    return {
        f"{prefix}kustomization.yaml": KUSTOMIZATION,
        f"{prefix}deployment.yaml": "",
        f"{prefix}patch.yaml": "",
        f"{prefix}other.yaml": "",
    }


def test_what_a_kustomization_names_is_judged_through_it(write: Write) -> None:
    write(kustomization("app/"))
    discovery = found()
    assert shown(discovery) == ["kustomization app", "app/other.yaml"]
    assert discovery.passed == 2


def test_a_kustomization_that_another_builds_on_is_judged_through_that_one(write: Write) -> None:
    write({**kustomization("base/"), "overlays/prod/kustomization.yml": "resources: [../../base]\n"})
    assert shown(found()) == ["base/other.yaml", "kustomization overlays/prod"]


@pytest.mark.parametrize("name", ["app/kustomization.yaml", "app/patch.yaml", "app/deployment.yaml"])
def test_a_named_part_stands_for_its_kustomization(write: Write, name: str) -> None:
    write(kustomization("app/"))
    assert shown(found(name)) == ["kustomization app"]
    assert shown(found("app/other.yaml")) == ["app/other.yaml"]


def test_a_broken_kustomization_is_a_target_that_will_say_so(write: Write) -> None:
    write({"app/kustomization.yaml": "resources: [", "app/a.yaml": ""})
    assert shown(found()) == ["kustomization app", "app/a.yaml"]


def test_a_kustomization_in_the_working_directory(write: Write) -> None:
    write(kustomization(""))
    assert shown(found()) == ["kustomization .", "other.yaml"]
    assert shown(found("patch.yaml")) == ["kustomization ."]


def test_what_a_suite_is_tested_with_is_not_judged_unless_it_is_named(write: Write) -> None:
    suite = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\npolicies: [../policy.yaml]\n"
    suite += "resources: [bad.yaml, 'more/*.yaml']\n"
    suite += "results:\n- {policy: p, patchedResources: patched.yaml, result: pass}\n"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
    names = ["policy.yaml", "t/bad.yaml", "t/more/a.yaml", "t/patched.yaml", "t/other.yaml"]
    write({"t/kyverno-test.yaml": suite, **dict.fromkeys(names, pod)})
    found = discover(["."], Config())
    assert [target.shown for target in found.targets] == ["policy.yaml", "t/kyverno-test.yaml", "t/other.yaml"]
    assert [item.path for item in found.not_judged if item.what == "test data"] == [
        "t/bad.yaml",
        "t/more/a.yaml",
        "t/patched.yaml",
    ]
    assert [target.shown for target in discover(["t/bad.yaml"], Config()).targets] == ["t/bad.yaml"]
