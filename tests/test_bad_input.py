"""Broken and hostile input: each ends as one clear message with its place, and everything else is still judged."""

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from policylint.cli import main
from policylint.document.compose import MAX_DEPTH
from policylint.sources import helm_backends
from policylint.sources.discover import discover
from policylint.sources.helm_backends import sdk_folder
from policylint.sources.limits import run_limited

Write = Callable[[Mapping[str, str]], Path]

HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
BAD = HEAD + "spec: {containers: [{name: a, image: nginx:latest}]}\n"
KNOWN = ("IMG001", "known.yaml", 4, 38)
MEBIBYTE = 1024 * 1024


class Ran(NamedTuple):
    code: int
    report: Any
    err: str

    @property
    def messages(self) -> list[str]:
        return [finding["message"] for finding in self.report["findings"]]

    @property
    def places(self) -> list[tuple[str, str, int, int]]:
        return [tuple(each[key] for key in ("rule", "path", "line", "column")) for each in self.report["findings"]]

    @property
    def text(self) -> str:
        """The one finding besides that in known.yaml, as `path:line:column: rule message`."""
        (each,) = [each for each in self.report["findings"] if each["path"] != "known.yaml"]
        return f"{each['path']}:{each['line']}:{each['column']}: {each['rule']} {each['message']}"


Check = Callable[..., Ran]
SOON = {"time_limit": 2}


@pytest.fixture
def project(write: Write) -> Path:
    """A project whose known.yaml has one finding, so that every test sees whether the rest is still judged."""
    return write({"known.yaml": BAD, "policylint.yaml": "ignore: [IMG002]\n"})


@pytest.fixture
def check(project: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    def run(*words: str, known: bool = True) -> Ran:
        code = main(["check", "--output-format", "json", *words])
        out, err = capsys.readouterr()
        ran = Ran(code, json.loads(out), err)
        assert (KNOWN in ran.places) == known
        assert (ran.code, ran.err) == (1, "")
        return ran

    return run


@pytest.fixture
def told(project: Path, check: Check) -> Callable[[str | bytes], str]:
    """What is said about one more file of this content."""

    def say(content: str | bytes) -> str:
        (project / "a.yaml").write_bytes(content.encode() if isinstance(content, str) else content)
        return check().text

    return say


# ---------------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [1, 2\n", "2:1: PRJ001 cannot be parsed: did not find expected ',' or ']'"),
        ("a: 'x\n\nb: 1\n", "4:1: PRJ001 cannot be parsed: found unexpected end of stream"),
        ("a: b: c\n", "1:5: PRJ001 cannot be parsed: mapping values are not allowed in this context"),
        ("a: *nowhere\n", "1:4: PRJ001 cannot be parsed: found undefined alias"),
        ("%YAML 3.0\n---\na: 1\n", "1:1: PRJ001 cannot be parsed: found incompatible YAML document"),
        ("{a: 1}}\n", "1:7: PRJ001 cannot be parsed: did not find expected <document start>"),
        ("a:\n\tb: 1\n", "2:1: PRJ001 cannot be parsed: a tab indents this line; YAML allows only spaces there"),
        (HEAD + "x: \x01\n", "4:4: PRJ001 cannot be parsed: character U+0001 is not allowed in YAML"),
        (HEAD + "x: '\x7f'\n", "4:5: PRJ001 cannot be parsed: character U+007F is not allowed in YAML"),
        (HEAD + "x: \ufffe\n", "4:4: PRJ001 cannot be parsed: character U+FFFE is not allowed in YAML"),
        (HEAD.encode() + b"x: \xff\n", "4:4: PRJ001 cannot be read: byte 0xff is not valid UTF-8 text"),
        (b"\xff\xfe" + HEAD.encode("utf-16-le") + b"\x00\xd8x\x00", "4:1: PRJ001 cannot be read: byte 0x00 is not"),
        (b"\x7fELF\x02\x01\x01\x00\xf0", "1:9: PRJ001 cannot be read: this is a binary file, not text"),
        (HEAD.encode("utf-16-le"), "1:2: PRJ001 cannot be parsed: character U+0000 is not allowed in YAML"),
    ],
)
def test_what_is_no_yaml_is_told_at_the_character(
    told: Callable[[str | bytes], str], content: str | bytes, message: str
) -> None:
    said = told(content)
    assert said.startswith(f"a.yaml:{message}")
    assert "\n" not in said


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    ],
    ids=["utf-8 mark", "utf-16", "utf-16 big-endian", "crlf", "crlf and mark"],
)
def test_marks_and_line_ends_change_nothing(project: Path, check: Check, encode: Callable[[str], bytes]) -> None:
    (project / "a.yaml").write_bytes(encode(f"# é 😀\n{BAD}---\n{BAD}"))
    assert check().places == [("IMG001", "a.yaml", 5, 38), ("IMG001", "a.yaml", 10, 38), KNOWN]


@pytest.mark.parametrize("content", ["", "\n\n\n", "# nothing here\n", "---\n", "---\n# a\n---\n---\n", "\ufeff"])
def test_files_without_content_hold_nothing(project: Path, check: Check, content: str) -> None:
    (project / "a.yaml").write_text(content)
    ran = check()
    assert ran.places == [KNOWN]
    assert (ran.report["summary"]["documents"], ran.report["summary"]["unparsed"]) == (1, 0)


def test_one_broken_document_hides_no_other(project: Path, check: Check) -> None:
    (project / "a.yaml").write_text(f"{BAD}---\na: [\n---\n{BAD}---\n\tx\n---\n{BAD}")
    ran = check()
    assert [place[0] for place in ran.places] == ["IMG001", "PRJ001", "IMG001", "PRJ001", "IMG001", "IMG001"]
    assert ran.report["summary"]["unparsed"] == 2


# ---------------------------------------------------------------------------------------------------- size


def test_a_file_of_100_megabytes_is_refused(project: Path, check: Check) -> None:
    with (project / "a.yaml").open("wb") as stream:
        stream.write(HEAD.encode())
        stream.truncate(100 * MEBIBYTE)
    assert check().text == "a.yaml:1:1: PRJ001 cannot be read: the file is too large: at most 64 MiB are read"


def test_a_document_that_is_too_long_hides_no_other(project: Path, check: Check) -> None:
    (project / "a.yaml").write_text(f"---\n{BAD}---\n{HEAD}# {'x' * (17 * MEBIBYTE)}\n")
    ran = check()
    assert ran.places == [("IMG001", "a.yaml", 5, 38), ("PRJ001", "a.yaml", 6, 1), KNOWN]
    assert ran.messages[1] == "cannot be parsed: this document is too long: 17 MiB, and at most 16 MiB are read"


def test_ten_thousand_documents(project: Path, check: Check) -> None:
    documents = [HEAD] * 10_000
    documents[5_000] = "a: [\n"
    documents[9_999] = BAD
    (project / "a.yaml").write_text("---\n".join(documents))
    ran = check()
    assert ran.places == [("PRJ001", "a.yaml", 20_002, 1), ("IMG001", "a.yaml", 39_998, 38), KNOWN]
    assert (ran.report["summary"]["documents"], ran.report["summary"]["unparsed"]) == (10_000, 1)


def test_as_many_suppressions_as_findings(project: Path, check: Check) -> None:
    document = BAD.replace("spec:", "# policylint: ignore[IMG001] known\nspec:")
    (project / "a.yaml").write_text("---\n".join([document] * 5_000))
    ran = check()
    assert (ran.places, ran.report["summary"]["suppressed"]) == ([KNOWN], 5_000)


def test_as_many_suppressions_as_lines(project: Path, check: Check) -> None:
    (project / "a.yaml").write_text("# policylint: ignore[IMG001] known\n" * 20_000 + HEAD)
    ran = check()
    assert {place[0] for place in ran.places} == {"SUP001", "IMG001"}
    assert len(ran.places) == 20_001


@pytest.mark.parametrize(
    "rest", ["x" + " " * 300_000 + "y", "ignore[KYV001" + " " * 300_000 + "x", "x" + "#policylint:" * 30_000]
)
def test_a_long_comment_is_read_in_one_go(told: Callable[[str | bytes], str], rest: str) -> None:
    assert told(f"# policylint: {rest}\n{HEAD}").startswith("a.yaml:1:1: SUP004 ")


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ("".join(f"k{number}: 1\n" for number in range(10_000)) * 2, 10_000),
        ("k: 1\n" * 20_000, 1),
        ("l:\n" + "- {a: 1, a: 2}\n" * 10_000, 10_000),
    ],
    ids=["many keys twice", "one key often", "many mappings"],
)
def test_any_number_of_duplicate_keys(project: Path, check: Check, content: str, count: int) -> None:
    (project / "a.yaml").write_text(HEAD + content)
    assert sum(place[0] == "PRJ002" for place in check().places) == count


def test_a_long_image_reference(told: Callable[[str | bytes], str]) -> None:
    said = told(BAD.replace("nginx:latest", "a/" * 100_000))
    assert said.startswith("a.yaml:4:38: IMG003 ")
    assert len(said) < 2_100


# ---------------------------------------------------------------------------------------------------- depth, aliases

TOO_DEEP = f"PRJ001 cannot be parsed: collections nest deeper than {MAX_DEPTH} levels"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("spec: " + "[" * 10_000 + "]" * 10_000, "4:306"),
        ("spec: " + "{a: " * 10_000 + "}" * 10_000, "4:1203"),
        ("spec: " + "[" * 10_000, "4:306"),
        ("spec:\n" + "- " * 10_000 + "a", "5:599"),
        ("spec:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 5_000)), "304:301"),
        ("spec:\n" + "".join(" " * depth + "- a:\n" for depth in range(1, 5_000, 2)), "154:302"),
    ],
    ids=["lists", "mappings", "left open", "block lists", "block mappings", "both"],
)
def test_nesting_without_end(told: Callable[[str | bytes], str], content: str, place: str) -> None:
    assert told(f"{HEAD}{content}\n") == f"a.yaml:{place}: {TOO_DEEP}"


def test_nesting_without_end_in_json(project: Path, check: Check) -> None:
    text = '{"apiVersion": "v1", "kind": "Pod", "spec": ' + '{"a": [' * 5_000 + "]}" * 5_000 + "}"
    (project / "a.json").write_text(text)
    assert check().text == f"a.json:1:1094: {TOO_DEEP}"


@pytest.mark.parametrize("kind", ["Pod", "ConfigMap", "Service"])
def test_nesting_that_is_just_allowed(project: Path, check: Check, kind: str) -> None:
    depth = MAX_DEPTH - 2
    (project / "a.yaml").write_text(
        f"{HEAD.replace('Pod', kind)}spec: {'{a: ' * depth}1{'}' * depth}\n# policylint: x\n"
    )
    assert {place[0] for place in check().places} == {"IMG001", "SUP004"}


def bomb(levels: int, width: int = 9) -> str:
    rows = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]\n" for level in range(1, levels)]
    return "a0: &a0 [x]\n" + "".join(rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bomb(30), "PRJ001 cannot be parsed: aliases repeat more than 100,000 values (an alias bomb?)"),
        (bomb(100_000, 1), "PRJ001 cannot be parsed: aliases repeat more than 100,000 values (an alias bomb?)"),
        ("x: &x\n  y: *x\n", "PRJ001 cannot be parsed: an anchor's value contains an alias to itself"),
        ("x: &x [[*x]]\n", "PRJ001 cannot be parsed: an anchor's value contains an alias to itself"),
        ("x: &x\n  <<: *x\n", "PRJ001 cannot be parsed: an anchor's value contains an alias to itself"),
        ("x: &x {? *x : 1}\n", "PRJ001 cannot be parsed: a list or mapping cannot be a key"),
    ],
    ids=["bomb", "chain", "cycle", "cycle of lists", "merge cycle", "key"],
)
def test_anchors_that_never_end(told: Callable[[str | bytes], str], content: str, message: str) -> None:
    said = told(HEAD + content)
    assert said.endswith(message)
    assert said.startswith("a.yaml:")


def test_a_chain_of_merges_that_is_just_allowed(project: Path, check: Check) -> None:
    rows = ["m0: &m0 {containers: [{name: a, image: 'nginx:latest'}]}\n"]
    rows += [f"m{level}: &m{level} {{<<: *m{level - 1}}}\n" for level in range(1, 440)]
    (project / "a.yaml").write_text(f"{HEAD}{''.join(rows)}spec: *m439\n")
    assert check().places == [("IMG001", "a.yaml", 4, 40), KNOWN]


def peak(project: Path, *words: str) -> int:
    """The peak memory of a check in its own process, in MiB."""
    measure = (
        "import resource, sys; from policylint.cli import main; code = main(sys.argv[1:]);"
        "print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", measure, "check", *words], capture_output=True, text=True, check=True, cwd=project
    )
    code, size = ran.stderr.split()
    assert code == "1"
    return int(size) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only")
def test_memory_stays_bounded(project: Path) -> None:
    (project / "bomb.yaml").write_text(HEAD + bomb(60))
    with (project / "large.yaml").open("wb") as stream:
        stream.truncate(2_000 * MEBIBYTE)
    (project / "many.yaml").write_text("---\n".join([HEAD + "spec: {a: [1, 2, 3]}\n"] * 50_000))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
    plain = peak(project, "known.yaml")
    assert peak(project, "known.yaml", "bomb.yaml", "large.yaml") < plain + 30
    assert peak(project, "known.yaml", "many.yaml") < plain + 60


# ---------------------------------------------------------------------------------------------------- files


def test_links_in_a_cycle_and_to_nowhere(project: Path, check: Check) -> None:
    (project / "a.yaml").symlink_to("b.yaml")
    (project / "b.yaml").symlink_to("a.yaml")
    (project / "c.yaml").symlink_to("nowhere")
    (project / "folder").mkdir()
    (project / "folder" / "again").symlink_to("..")
    ran = check()
    assert [place[:3] for place in ran.places if place != KNOWN] == [
        ("PRJ001", "a.yaml", 1),
        ("PRJ001", "b.yaml", 1),
        ("PRJ001", "c.yaml", 1),
    ]
    assert ran.messages[:3] == [
        "cannot be read: the symbolic links form a cycle",
        "cannot be read: the symbolic links form a cycle",
        "cannot be read: no such file (did it vanish?)",
    ]


def test_a_named_link_in_a_cycle(project: Path, check: Check) -> None:
    (project / "a.yaml").symlink_to("a.yaml")
    assert check("a.yaml", "known.yaml").text == "a.yaml:1:1: PRJ001 cannot be read: the symbolic links form a cycle"


def test_a_file_that_vanishes(project: Path, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "a.yaml").write_text(BAD)

    def vanishing(*arguments: Any) -> Any:
        found = discover(*arguments)
        (project / "a.yaml").unlink()
        return found

    monkeypatch.setattr("policylint.lint.check.discover", vanishing)
    assert check().text == "a.yaml:1:1: PRJ001 cannot be read: no such file (did it vanish?)"


@pytest.mark.parametrize(("code", "reason"), [(errno.EACCES, "permission denied"), (errno.EIO, os.strerror(errno.EIO))])
def test_a_file_that_cannot_be_opened(
    project: Path, check: Check, monkeypatch: pytest.MonkeyPatch, code: int, reason: str
) -> None:
    (project / "a.yaml").write_text(BAD)
    opened = Path.open

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "a.yaml":
            raise OSError(code, os.strerror(code))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    assert check().text == f"a.yaml:1:1: PRJ001 cannot be read: {reason}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(project: Path, check: Check) -> None:
    (project / "a.yaml").write_text(BAD)
    (project / "a.yaml").chmod(0)
    assert check().text == "a.yaml:1:1: PRJ001 cannot be read: permission denied"


def test_a_pipe_is_not_waited_for(project: Path, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(project / "a.yaml")
    assert check().text == "a.yaml:1:1: PRJ001 cannot be read: this is not a regular file"
    assert main(["check"]) == 1  # the snippet of the text format must not wait either
    assert "this is not a regular file" in capsys.readouterr().out


def test_folders_named_like_files(project: Path, check: Check) -> None:
    for name in ("x.yaml", "Chart.yaml", "kustomization.yaml", ".gitignore", "sub/policylint.yaml"):
        (project / name).mkdir(parents=True)
    (project / "x.yaml" / "y.yaml").write_text(BAD)
    (project / "sub" / "policylint.yaml" / "z.yaml").write_text(BAD)
    ran = check()
    assert [place[1] for place in ran.places] == ["known.yaml", "sub/policylint.yaml/z.yaml", "x.yaml/y.yaml"]


def test_names_that_are_no_text(project: Path, check: Check) -> None:
    (project / os.fsdecode(b"\xff\xfe.yaml")).write_text(BAD)
    (project / ".gitignore").write_text("*.tmp\n")
    assert len(check().places) == 2


# ---------------------------------------------------------------------------------------------------- charts


@pytest.fixture(params=["program", "sdk"])
def helm(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Only one of the two ways to run Helm is there."""
    found = shutil.which("helm")
    folder = tmp_path_factory.mktemp("programs")
    if request.param == "program":
        if found is None:
            pytest.skip("needs the helm program on PATH")
        (folder / "helm").symlink_to(found)
    elif sdk_folder() is None:
        pytest.skip("needs helm-python-sdk (the extra `helm`)")
    monkeypatch.setenv("PATH", str(folder))


CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("files", "place", "words"),
    [
        ({"templates/a.yaml": 'a: 1\n{{ fail "not so" }}\n'}, ("web/templates/a.yaml", 2), "not so"),
        ({"templates/a.yaml": "x: {{ .Values.a.b.c }}\n"}, ("web/templates/a.yaml", 1), "nil pointer"),
        ({"templates/a.yaml": "x: {{ if }}\n"}, ("web/templates/a.yaml", 1), "missing value for if"),
        (
            {"templates/a.yaml": '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}\n'},
            ("web/templates/a.yaml", 1),
            "",
        ),
        (
            {"Chart.yaml": CHART + "dependencies:\n- {name: db, version: 1.0.0, repository: 'https://example.com'}\n"},
            ("web/Chart.yaml", 5),
            "db",
        ),
        ({"Chart.yaml": "apiVersion: v2\nname: [\n"}, ("web/Chart.yaml", 3), ""),
        ({"Chart.yaml": ""}, ("web/Chart.yaml", 1), ""),
        ({"values.yaml": "a: [\n"}, ("web/values.yaml", 2), ""),
        ({"values.yaml": "- a\n"}, ("web/values.yaml", 1), ""),
    ],
    ids=[
        "fails",
        "nil",
        "syntax",
        "recursion",
        "dependency",
        "broken chart",
        "empty chart",
        "broken values",
        "list of values",
    ],
)
def test_a_chart_that_does_not_render(
    write: Write, check: Check, files: dict[str, str], place: tuple[str, int], words: str
) -> None:
    write({f"web/{name}": text for name, text in {"Chart.yaml": CHART, "values.yaml": "", **files}.items()})
    ran = check()
    failed = [each for each in ran.report["findings"] if each["path"] != "known.yaml"]
    assert [(each["rule"], each["path"], each["line"]) for each in failed] == [("PRJ003", *place)]
    assert words in failed[0]["message"]
    assert "\n" not in failed[0]["message"]


@pytest.mark.usefixtures("helm")
def test_a_chart_that_renders_to_broken_yaml(write: Write, check: Check) -> None:
    write({"web/Chart.yaml": CHART, "web/templates/a.yaml": "kind: Pod\n{{ `x: [` }}\n"})
    ran = check()
    assert [place[:2] for place in ran.places] == [KNOWN[:2], ("PRJ001", "web/templates/a.yaml")]


@pytest.mark.usefixtures("helm")
def test_a_chart_that_loops_is_stopped(write: Write, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm_backends, "run_limited", lambda *given, **named: run_limited(*given, **named | SOON))
    many = "{{ range until 99999 }}"
    write({"web/Chart.yaml": CHART, "web/templates/a.yaml": many * 3 + "{{ end }}" * 3})
    said = check().text
    assert said.startswith("web/Chart.yaml:1:1: PRJ003 rendering this chart took longer than")


def test_a_chart_without_anything_to_render_it(write: Write, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("policylint.sources.helm_backends.sdk_folder", lambda: None)
    write({"web/Chart.yaml": CHART, "web/templates/a.yaml": BAD})
    assert check().text == (
        "web/Chart.yaml:1:1: PRJ003 rendering a chart needs helm on PATH or helm-python-sdk; neither is there"
    )


def test_a_kustomization_that_does_not_build(write: Write, check: Check) -> None:
    write({"app/kustomization.yaml": "resources:\n- gone.yaml\n- https://example.com/x.yaml\n"})
    ran = check()
    assert ran.places == [("PRJ003", "app/kustomization.yaml", 2, 3), ("PRJ003", "app/kustomization.yaml", 3, 3), KNOWN]


# ---------------------------------------------------------------------------------------------------- what is unknown


def test_api_versions_that_nothing_serves(write: Write, check: Check) -> None:
    write(
        {
            "a.yaml": "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n",
            "b.yaml": "apiVersion: example.com/v1\nkind: Whatever\nmetadata: {name: a}\n",
            "c.yaml": "apiVersion: [1]\nkind: {}\nmetadata: {}\n",
            "d.yaml": "kind: Deployment\nspec: {}\n",
        }
    )
    ran = check()
    assert [place[:3] for place in ran.places if place != KNOWN] == [
        ("PRJ004", "a.yaml", 1),
        ("PRJ005", "c.yaml", 2),
        ("PRJ005", "d.yaml", 1),
    ]


@pytest.mark.parametrize(
    ("files", "words", "message"),
    [
        ({}, ["--select", "IMG0001"], "policylint: --select: unknown rule 'IMG0001'; did you mean 'IMG001'?\n"),
        ({"policylint.yaml": "ignore: [x\n"}, [], "policylint: policylint.yaml:2:1: "),
        ({"policylint.yaml": "ignore: [\x01]\n"}, [], "policylint: policylint.yaml:1:10: "),
        ({"policylint.yaml": "ignore: &a [*a]\n"}, [], "policylint: policylint.yaml:1:9: "),
        ({"policylint.yaml": "- a\n"}, [], "policylint: policylint.yaml:1:1: "),
        ({"policylint.yaml": "ignore: " + "[" * 10_000 + "\n"}, [], "policylint: policylint.yaml:1:"),
        ({"policylint.yaml": "exclude: ['[z-a]']\n"}, [], "policylint: policylint.yaml:1:11: "),
        ({"policylint.yaml": "a: 1\n---\nb: 1\n"}, [], "policylint: policylint.yaml:"),
        ({"policylint.yaml": "rule-paths: [gone]\n"}, [], "policylint: rule path "),
        ({"policylint.yaml": "rule-paths: [r]\n", "r/x.yaml": "id: [\n"}, [], "policylint: "),
        ({"policylint.yaml": "rule-paths: [r]\n", "r/x.yaml": "id: OWN001\n"}, [], "policylint: "),
        ({"policylint.yaml": "rule-paths: [r]\n", "r/x.yaml": ""}, [], "policylint: "),
        ({"policylint.yaml": "rule-paths: [r]\n", "r/x.py": "def (\n"}, ["--allow-python-rules"], "policylint: "),
        (
            {"policylint.yaml": "rule-paths: [r]\n", "r/x.py": "raise SystemExit\n"},
            ["--allow-python-rules"],
            "policylint: ",
        ),
        ({"policylint.yaml": "rule-paths: [r]\n", "r/x.py": "\0"}, ["--allow-python-rules"], "policylint: "),
        (
            {"pyproject.toml": "[tool.policylint\n", "policylint.yaml": ""},
            ["--config", "pyproject.toml"],
            "policylint: pyproject.toml:1:",
        ),
    ],
)
def test_a_run_that_cannot_begin_says_why_in_one_line(
    project: Path,
    write: Write,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    words: list[str],
    message: str,
) -> None:
    write(files)
    code = main(["check", *words])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
