"""`policylint check` and its sisters from the command line: exit codes, formats, configuration, baseline, fixes."""

import io
import json
import os
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema.validators import Draft7Validator

from policylint import __version__
from policylint.cli import main
from policylint.lint.fixing import fix
from policylint.report import FORMATS

Write = Callable[[Mapping[str, str]], Path]

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx:{tag}
"""
BAD = POD.format(tag="latest")
GOOD = POD.format(tag="1.27.3")
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: verify  # the name
spec:
  webhookConfiguration: {timeoutSeconds: 30, failurePolicy: Ignore}
  rules:
  - name: 'check'
    match: {any: [{resources: {kinds: [Pod]}}]}
    verifyImages:
    - imageReferences: ["ghcr.io/acme/*"]  # ours
      failureAction: "Audit"
      attestors:
      - entries: [{keys: {publicKeys: "k8s://kyverno/cosign"}}]
"""
FIXED = POLICY.replace("  # ours\n", "  # ours\n      mutateDigest: false\n")
# the same under another name: two objects of one name in a folder are a finding of their own
OTHER, OTHER_FIXED = (text.replace("name: verify", "name: other") for text in (POLICY, FIXED))
RAISING = '''"""A rule that breaks."""
from policylint.api import Document, Problem, Rule, RuleContext

RULE = Rule(id="OWN001", name="breaks", severity="error")


def check(document: Document, _context: RuleContext):
    raise KeyError("no such thing")
'''


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def found(self) -> list[tuple[str, str, int]]:
        return [(each["rule"], each["path"], each["line"]) for each in self.json["findings"]]


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("check", …)`: the command's exit code and what it printed; `stdin` is what it may read."""

    def run_command(*words: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            code = main(list(words))
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Ran(code, *capsys.readouterr())

    return run_command


@pytest.fixture
def check(run: Run) -> Run:
    """The same for `check` with JSON."""
    return lambda *words, **given: run("check", "--output-format", "json", *words, **given)


# ---------------------------------------------------------------------------------------------------- exit codes


def test_clean(write: Write, check: Run) -> None:
    write({"a.yaml": GOOD})
    ran = check()
    assert (ran.code, ran.found, ran.err) == (0, [], "")
    assert ran.json["summary"]["judged"] == 1


def test_findings(write: Write, check: Run) -> None:
    write({"a.yaml": BAD, "b.yaml": GOOD})
    ran = check()
    assert (ran.code, ran.found, ran.err) == (1, [("IMG001", "a.yaml", 8)], "")


def test_findings_below_the_bar_do_not_fail(write: Write, check: Run) -> None:
    write({"policylint.yaml": "severity: {IMG001: warning}\n", "a.yaml": BAD})
    assert check().code == 0
    assert check("--fail-on", "warning").code == 1
    assert check("--fail-on", "info").code == 1
    write({"policylint.yaml": "severity: {unpinned-image: warning}\nfail-on: warning\n"})
    assert check().code == 1
    assert check("--fail-on", "error").code == 0
    assert check("--exit-zero").code == 0
    assert [each["severity"] for each in check().json["findings"]] == ["warning"]


def test_nothing_to_check(write: Write, check: Run) -> None:
    write({"README.md": "hello\n"})
    ran = check()
    assert (ran.code, ran.json["summary"]["files"]) == (4, 1)
    assert check("README.md").code == 4


def test_a_document_that_nothing_reads_fails_a_strict_run(write: Write, check: Run) -> None:
    write({"a.yaml": "replicas: 1\n", "b.yaml": GOOD})
    assert (check().code, check("--strict").code) == (0, 1)
    assert check().json["summary"]["unmatched"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--select", "IMG01"], "--select: unknown rule 'IMG01'; did you mean 'IMG001'?"),
        (["--ignore", "unpined-image"], "--ignore: unknown rule 'unpined-image'; did you mean 'unpinned-image'?"),
        (["--profile", "pined"], "--profile: unknown profile 'pined'; did you mean 'pinned'?"),
        (["--config", "gone.yaml"], "gone.yaml"),
        (["--config", "a.yaml", "--no-config"], "--config and --no-config exclude each other"),
        (["--baseline", "gone.json"], "gone.json"),
        (["--output-file", "no/such/folder.txt"], "no/such/folder.txt cannot be written: no such file"),
        (["--fix", "-"], "--fix changes files, and stdin is none: use --diff to see what would change"),
    ],
)
def test_wrong_usage_is_one_line_and_no_output(write: Write, run: Run, words: list[str], message: str) -> None:
    write({"a.yaml": BAD})
    ran = run("check", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("policylint: ")
    assert message in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("words", [["--no-such-option"], ["--output-format", "xml"], ["--fail-on", "never"]])
def test_wrong_words_are_wrong_usage(write: Write, run: Run, words: list[str]) -> None:
    write({"a.yaml": BAD})
    ran = run("check", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usage: policylint")


def test_no_command_is_wrong_usage(run: Run) -> None:
    assert run().code == 2
    assert run("chekc").code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slect: [IMG]\n", "policylint.yaml:1:1: unknown key 'slect'; did you mean 'select'?"),
        ("select: [IMG9]\n", "policylint.yaml:1:10: unknown rule 'IMG9'"),
        ("select: [\n", "policylint.yaml:2:1: "),
        ("fail-on: 3\n", "policylint.yaml:1:10: "),
        ("cluster: {node-pools: [{name: a, count: 1, instance-type: t3.smal}]}\n", "t3.small"),
    ],
)
def test_a_broken_configuration_is_told_with_its_place(write: Write, run: Run, text: str, message: str) -> None:
    write({"policylint.yaml": text, "a.yaml": BAD})
    ran = run("check")
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.count("\n") == 1


def test_a_rule_that_breaks_is_an_internal_error_and_the_others_still_judge(write: Write, run: Run) -> None:
    write({"policylint.yaml": "rule-paths: [own]\n", "own/breaks.py": RAISING, "a.yaml": BAD})
    refused = run("check")
    assert (refused.code, refused.out) == (2, "")
    assert "breaks.py is a Python rule" in refused.err
    assert "--allow-python-rules" in refused.err
    ran = run("check", "--allow-python-rules", "--output-format", "json")
    assert ran.code == 3
    assert ran.found == [("IMG001", "a.yaml", 8)]
    assert "Traceback" not in ran.err
    text = run("check", "--allow-python-rules")
    assert text.code == 3
    assert "OWN001" in text.out
    assert "KeyError: 'no such thing' (document 1, Pod/web)" in text.out
    assert run("check", "--allow-python-rules", "--exit-zero").code == 3
    assert run("check", "--allow-python-rules", "--diff").code == 3


def test_a_rule_file_that_does_not_load_is_told_with_its_line(write: Write, run: Run) -> None:
    write(
        {"policylint.yaml": "rule-paths: [own]\n", "own/x.py": '"""X."""\nimport nowhere_to_be_found\n', "a.yaml": BAD}
    )
    ran = run("check", "--allow-python-rules")
    assert ran.code == 2
    assert "own/x.py:2:1: the rule cannot be loaded: ModuleNotFoundError" in ran.err


def test_a_defect_of_ours_is_an_internal_error(write: Write, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"a.yaml": BAD})

    def broken(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("policylint.cli.check.check", broken)
    ran = run("check")
    assert (ran.code, ran.out) == (3, "")
    assert "ZeroDivisionError: ours" in ran.err


# ---------------------------------------------------------------------------------------------------- formats


@pytest.fixture(scope="session")
def incident(repository: Path) -> Path:
    return repository / "fixtures" / "projects" / "incident" / "before" / "kyverno"


@pytest.fixture
def report(run: Run, incident: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    monkeypatch.chdir(incident)
    return lambda name, *words: run("check", "--no-config", "--output-format", name, *words)


def test_json(report: Callable[..., Ran]) -> None:
    ran = report("json")
    assert ran.code == 1
    assert set(ran.json) >= {"schema_version", "tool", "summary", "findings"}
    assert ran.json["tool"] == {"name": "policylint", "version": __version__}
    assert ("KYV001", "verify-image-signatures.yaml", 16) in ran.found
    (finding,) = [each for each in ran.json["findings"] if each["rule"] == "KYV001"]
    assert finding["yaml_path"] == "spec.rules[0].verifyImages[0].mutateDigest"
    assert finding["resource"]["kind"] == "ClusterPolicy"
    assert finding["fix"]["title"] == "set mutateDigest: false"


def test_sarif(report: Callable[..., Ran], repository: Path) -> None:
    schema = runpy.run_path(str(repository / "tests" / "report" / "sarif_schema.py"))["SARIF"]
    log = report("sarif").json
    assert [error.message for error in Draft7Validator(schema).iter_errors(log)] == []
    (each,) = log["runs"]
    assert "KYV001" in {result["ruleId"] for result in each["results"]}
    for result in each["results"]:
        assert each["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_github(report: Callable[..., Ran]) -> None:
    lines = report("github").out.splitlines()
    assert lines[0].startswith("::warning file=verify-image-signatures.yaml,line=6,")
    assert any(line.startswith("::error file=verify-image-signatures.yaml,line=16,") for line in lines)


def test_gitlab(report: Callable[..., Ran]) -> None:
    entries = report("gitlab").json
    assert {entry["check_name"] for entry in entries} == {
        "mutate-digest-audit",
        "webhook-timeout-missing",
        "audit-blocks-on-failure",
        "deprecated-field",
        "image-reference-without-digests",
    }
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) == 5


def test_junit(report: Callable[..., Ran]) -> None:
    suites = ET.fromstring(report("junit").out)  # noqa: S314 -- our own output
    (failed,) = [case for case in suites.iter("testcase") if case.find("failure") is not None]
    path = "spec.rules[0].verifyImages[0].mutateDigest"
    assert failed.get("name") == f"KYV001 mutate-digest-audit at {path} of ClusterPolicy/verify-image-signatures"
    assert (failed.get("file"), failed.get("line")) == ("verify-image-signatures.yaml", "16")


def test_text(report: Callable[..., Ran]) -> None:
    out = report("text").out
    assert "verify-image-signatures.yaml:16:7: error[KYV001] mutateDigest is omitted, so true" in out
    assert "5 findings: 1 error, 4 warnings." in out
    assert "\x1b" not in out


@pytest.mark.parametrize("name", FORMATS)
def test_an_output_file_holds_what_stdout_would(report: Callable[..., Ran], name: str, tmp_path: Path) -> None:
    printed = report(name)
    path = tmp_path / "report"
    kept = report(name, "--output-file", str(path), "--color", "always")
    assert (kept.code, kept.out, kept.err) == (1, "", "")
    assert path.read_bytes().decode() == printed.out


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_without_findings_has_every_format(write: Write, run: Run, name: str) -> None:
    write({"a.yaml": GOOD})
    ran = run("check", "--output-format", name)
    assert ran.code == 0
    if name in ("json", "sarif", "gitlab"):
        json.loads(ran.out)
    elif name == "junit":
        ET.fromstring(ran.out)  # noqa: S314 -- our own output


@pytest.mark.parametrize("name", FORMATS)
def test_odd_file_names_survive_every_format(write: Write, run: Run, name: str, tmp_path: Path) -> None:
    project = write({"\x1b[31m é 😀\n::error::.yaml": BAD})
    (project / os.fsdecode(b"\xff.yaml")).write_text(BAD)
    ran = run("check", "--output-format", name)
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert not any(line.startswith("::error::") for line in ran.out.splitlines())
    if name in ("json", "sarif", "gitlab"):
        json.loads(ran.out)
    elif name == "junit":
        ET.fromstring(ran.out)  # noqa: S314 -- our own output
    assert run("check", "--output-format", name, "--output-file", str(tmp_path / "out.txt")).code == 1
    assert (tmp_path / "out.txt").read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------------------------- colour, streams


@pytest.mark.parametrize(
    ("environment", "words", "coloured"),
    [
        ({}, [], False),
        ({}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"NO_COLOR": ""}, ["--color", "always"], True),
    ],
)
def test_colour(
    write: Write,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    words: list[str],
    coloured: bool,
) -> None:
    write({"a.yaml": BAD})
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ran = run("check", *words)
    assert ("\x1b[1;31m" in ran.out, ran.code) == (coloured, 1)


def command(*words: str, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    environment = {
        **os.environ,
        "PYTHONWARNINGS": "error",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    return subprocess.run(
        [sys.executable, "-m", "policylint", *words], capture_output=True, check=False, env=environment, **options
    )


def test_output_is_utf8_in_any_locale(write: Write) -> None:
    write({"é.yaml": BAD.replace("web", "wéb"), "p.yaml": POLICY.replace("ours", "die Unsrigen: ü")})
    for words in (["--output-format", "text"], ["--diff"]):
        ran = command("check", *words, "--select", "IMG,KYV001")
        assert (ran.returncode, ran.stderr) == (1, b"")
        assert "die Unsrigen: ü" in ran.stdout.decode()


@pytest.mark.parametrize("words", [["check"], ["check", "--diff"], ["rules"], ["explain", "KYV001"]])
def test_a_reader_that_goes_away_is_no_error(write: Write, words: list[str]) -> None:
    write({"a.yaml": "---\n".join([BAD] * 200), "p.yaml": "---\n".join([POLICY] * 200)})
    with subprocess.Popen(
        [sys.executable, "-m", "policylint", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait() in (0, 1)


def test_notes_go_to_stderr(write: Write, run: Run) -> None:
    write({"a.yaml": BAD, "p.yaml": POLICY})
    written = run("check", "--write-baseline", "b.json")
    assert (written.code, written.out, written.err) == (0, "", "policylint: wrote 2 findings to b.json\n")
    fixed = run("check", "--fix", "--output-format", "json", "p.yaml")
    assert (fixed.code, fixed.json["findings"], fixed.err) == (0, [], "policylint: fixed 1 file\n")


# ---------------------------------------------------------------------------------------------------- stdin


def test_stdin_has_no_name_unless_it_is_given_one(write: Write, check: Run) -> None:
    write({})
    assert check("-", stdin=BAD.encode()).found == [("IMG001", "-", 8)]
    named = check("-", "--stdin-filename", "k8s/a.yaml", stdin=BAD.encode())
    assert (named.code, named.found) == (1, [("IMG001", "k8s/a.yaml", 8)])


def test_the_name_of_stdin_decides_what_it_is(write: Write, check: Run) -> None:
    write({"policylint.yaml": "per-file-ignores: {'legacy/**': [IMG001]}\n"})
    workflow = b"on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@main}]}}\n"
    assert check("-", "--stdin-filename", ".github/workflows/w.yml", stdin=workflow).found == [
        ("WFL001", ".github/workflows/w.yml", 2)
    ]
    assert check("-", "--stdin-filename", "legacy/a.yaml", stdin=BAD.encode()).found == []


@pytest.mark.parametrize("stdin", [b"\xff\xfe" + BAD.encode("utf-16-le"), b"\xef\xbb\xbf" + BAD.encode()])
def test_stdin_may_have_a_byte_order_mark(write: Write, check: Run, stdin: bytes) -> None:
    write({})
    assert check("-", stdin=stdin).found == [("IMG001", "-", 8)]


def test_stdin_that_is_no_text_is_a_finding(write: Write, check: Run) -> None:
    write({})
    ran = check("-", stdin=b"a: 1\nb: \xff")
    assert (ran.code, ran.found) == (1, [("PRJ001", "-", 2)])


def test_empty_stdin_holds_no_documents(write: Write, check: Run) -> None:
    write({})
    ran = check("-")
    assert (ran.code, ran.json["summary"]["documents"]) == (0, 0)


def test_stdin_and_files_together(write: Write, check: Run) -> None:
    write({"a.yaml": BAD, "big.yaml": "---\n".join([GOOD] * 6000)})  # enough for worker processes, which have no stdin
    ran = check("-", "a.yaml", "big.yaml", stdin=BAD.encode())
    assert ran.found == [("IMG001", "-", 8), ("IMG001", "a.yaml", 8)]
    assert ran.json["summary"]["documents"] == 6002


def test_what_would_be_fixed_in_stdin_can_be_shown(write: Write, run: Run) -> None:
    write({"p.yaml": POLICY})
    ran = run("check", "-", "p.yaml", "--diff", "--stdin-filename", "q.yaml", stdin=POLICY.encode())
    assert ran.code == 1
    assert [line for line in ran.out.splitlines() if line.startswith("+")] == [
        "+++ b/p.yaml",
        "+      mutateDigest: false",
        "+++ b/q.yaml",
        "+      mutateDigest: false",
    ]


# ---------------------------------------------------------------------------------------------------- selection


def test_select_and_ignore(write: Write, check: Run) -> None:
    write({"a.yaml": BAD, "p.yaml": POLICY, "broken.yaml": "a: [\n"})
    everything = [("IMG001", "a.yaml", 8), ("PRJ001", "broken.yaml", 2), ("KYV001", "p.yaml", 11)]
    assert check().found == everything
    assert check("--select", "IMG").found == everything[:2]
    assert check("--select", "IMG001,mutate-digest-audit").found == everything
    assert check("--select", "unpinned-image", "--select", "KYV001").found == everything
    assert check("--ignore", "IMG,KYV").found == everything[1:2]
    assert check("--select", "IMG", "--ignore", "PRJ001").found == everything[:1]
    assert check("--ignore", "PRJ001").json["summary"]["unparsed"] == 1


def test_profiles_add_rules(write: Write, check: Run) -> None:
    write({"a.yaml": GOOD})
    assert check("--profile", "pinned").found == [("IMG002", "a.yaml", 8)]
    write({"policylint.yaml": "profile: [pinned]\n"})
    assert check().found == [("IMG002", "a.yaml", 8)]
    assert check("--no-config").found == []


def test_configuration_is_the_nearest_one_of_the_paths(
    write: Write, check: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write(
        {
            "policylint.yaml": "ignore: [IMG001]\n",
            "a/policylint.yaml": "fail-on: info\n",
            "a/b/x.yaml": BAD,
            "c/y.yaml": BAD,
            "other.yaml": "severity: {IMG001: info}\n",
        }
    )
    assert check("a/b/x.yaml").found == [("IMG001", "a/b/x.yaml", 8)]
    assert check("c/y.yaml").found == []
    assert check("a/b/x.yaml", "c/y.yaml").found == []
    monkeypatch.chdir(project / "c")
    assert check("../a/b").found == [("IMG001", "../a/b/x.yaml", 8)]
    assert check("y.yaml").found == []
    assert check("y.yaml", "--no-config").found == [("IMG001", "y.yaml", 8)]
    assert [each["severity"] for each in check("y.yaml", "--config", "../other.yaml").json["findings"]] == ["info"]


def test_pyproject_is_a_configuration_too(write: Write, check: Run) -> None:
    write({"pyproject.toml": '[tool.policylint]\nignore = ["IMG001"]\n', "a.yaml": BAD})
    assert check().found == []
    write({"pyproject.toml": '[tool.policylint]\nignore = ["IMG9"]\n'})
    ran = check()
    assert ran.code == 2
    assert "pyproject.toml:2:" in ran.err


def test_per_file_ignores_and_exclude(write: Write, check: Run) -> None:
    write(
        {
            "policylint.yaml": "per-file-ignores: {'examples/**': [unpinned-image]}\nexclude: [vendor/]\n",
            "examples/a.yaml": BAD,
            "vendor/a.yaml": BAD,
            "old/a.yaml": BAD,
            "a.yaml": BAD,
        }
    )
    assert check().found == [("IMG001", "a.yaml", 8), ("IMG001", "old/a.yaml", 8)]
    assert check("--exclude", "old/").found == [("IMG001", "a.yaml", 8)]


def test_a_declarative_rule_of_the_users_own(write: Write, check: Run) -> None:
    rule = (
        "id: OWN001\nname: team-label\nseverity: error\nkinds: [Pod]\n"
        "checks:\n- {pattern: {metadata: {labels: {team: '?*'}}}, message: no team}\n"
        "documentation: {what: Finds pods without a team., why: Teams answer.}\n"
    )
    write({"policylint.yaml": "rule-paths: [own]\nexclude: [own]\n", "own/team.yaml": rule, "a.yaml": GOOD})
    ran = check()
    assert (ran.code, ran.err) == (1, "")
    assert ran.found == [("OWN001", "a.yaml", 3)]


# ---------------------------------------------------------------------------------------------------- charts

CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "charts/web/values.yaml": "tag: latest\n",
    "charts/web/templates/_helpers.tpl": '{{- define "tag" }}{{ .Values.tag }}{{ end -}}\n',
    "charts/web/templates/a.yaml": BAD.replace("latest", '{{ include "tag" . }}'),
    "charts/web/templates/b.yaml": BAD.replace("web", "b"),
}
IN_A, IN_B = ("IMG001", "charts/web/templates/a.yaml", 8), ("IMG001", "charts/web/templates/b.yaml", 8)


def test_a_chart_is_judged_as_it_renders(write: Write, check: Run) -> None:
    write(CHART)
    assert check().found == [IN_A, IN_B]
    assert check("charts/web").found == [IN_A, IN_B]
    assert check("charts/web/values.yaml").found == [IN_A, IN_B]
    assert check("charts/web/templates/_helpers.tpl").found == [IN_A, IN_B]
    assert check("charts/web/templates/a.yaml").found == [IN_A]


def test_every_configured_render_is_judged_and_the_same_is_said_once(write: Write, check: Run) -> None:
    def renders(*entries: str) -> None:
        write({"policylint.yaml": "charts:\n" + "".join(f"- {entry}\n" for entry in entries)})

    write({**CHART, "prod.yaml": "tag: '1.2'\n", "charts/web/templates/b.yaml": ""})
    pinned, by_set, unpinned = (
        "{path: charts/web, values: [prod.yaml]}",
        "{path: charts/web, set: [tag=1.3]}",
        "{path: charts/web}",
    )
    renders(pinned, by_set)
    assert check().found == []
    renders(pinned, unpinned, "{path: charts/web, release: other}")
    assert check().found == [IN_A]
    assert check("charts/web/values.yaml").found == [IN_A]


def test_a_template_alone_does_not_hide_that_its_chart_fails(write: Write, check: Run) -> None:
    write({**CHART, "charts/web/templates/b.yaml": '{{ fail "no" }}\n'})
    ran = check("charts/web/templates/a.yaml")
    assert ran.code == 1
    assert [each[:2] for each in ran.found] == [("PRJ003", "charts/web/templates/b.yaml")]


# ---------------------------------------------------------------------------------------------------- baseline


def test_a_baseline_accepts_what_is_there_and_nothing_new(write: Write, check: Run, run: Run) -> None:
    write({"a.yaml": BAD, "p.yaml": POLICY})
    assert run("check", "--write-baseline", "base.json").code == 0
    ran = check("--baseline", "base.json")
    assert (ran.code, ran.found) == (0, [])
    write({"a.yaml": f"# a line above\n{BAD}---\n{BAD.replace('web', 'new')}"})
    ran = check("--baseline", "base.json")
    assert (ran.code, ran.found) == (1, [("IMG001", "a.yaml", 18)])


def test_a_baseline_from_the_configuration_is_written_anew_in_full(write: Write, check: Run, run: Run) -> None:
    write({"policylint.yaml": "baseline: base.json\n", "a.yaml": BAD})
    missing = run("check")
    assert missing.code == 2
    assert "base.json" in missing.err
    assert run("check", "--write-baseline", "base.json").code == 0
    assert check().found == []
    write({"b.yaml": BAD})
    assert check().found == [("IMG001", "b.yaml", 8)]
    assert run("check", "--write-baseline", "base.json").err == "policylint: wrote 2 findings to base.json\n"
    assert check().found == []


def test_a_stale_baseline_is_said(write: Write, run: Run) -> None:
    write({"a.yaml": BAD})
    assert run("check", "--write-baseline", "base.json").code == 0
    write({"a.yaml": GOOD})
    ran = run("check", "--baseline", "base.json")
    assert ran.code == 0
    assert "1 entries of base.json match nothing any more" in ran.out or "match nothing any more" in ran.out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}', '{"version": 1, "findings": [1]}', "[" * 100_000])
def test_a_broken_baseline_is_wrong_configuration(write: Write, run: Run, text: str) -> None:
    write({"a.yaml": BAD, "base.json": text})
    ran = run("check", "--baseline", "base.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("policylint: base.json:1:")
    assert ran.err.count("\n") == 1


# ---------------------------------------------------------------------------------------------------- fixes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_fix_touches_only_what_it_must(write: Write, run: Run, encoding: str, line_end: str) -> None:
    project = write({})
    path = project / "p.yaml"
    text = POLICY.replace("the name", "der Näme").replace("\n", line_end)
    path.write_bytes(text.encode(encoding))
    path.chmod(0o640)
    shown = run("check", "--diff")
    assert (shown.code, path.read_bytes()) == (1, text.encode(encoding))
    ran = run("check", "--fix")
    fixed = FIXED.replace("the name", "der Näme").replace("\n", line_end).encode(encoding)
    assert (ran.code, path.read_bytes(), path.stat().st_mode & 0o777) == (0, fixed, 0o640)
    assert run("check", "--fix").err == ""
    assert path.read_bytes() == fixed
    assert run("check", "--diff") == Ran(0, "", "")


def test_a_difference_can_be_applied_and_gives_what_fix_gives(write: Write, run: Run) -> None:
    project = write({"a/p.yaml": POLICY, "b.yaml": BAD})
    diff = run("check", "--diff").out
    subprocess.run(["git", "apply", "-"], input=diff.encode(), check=True, cwd=project)
    assert (project / "a/p.yaml").read_text() == FIXED
    assert run("check", "--diff").out == ""


def test_unsafe_fixes_are_made_only_when_asked_for(write: Write, run: Run, check: Run) -> None:
    text = POLICY.replace("timeoutSeconds: 30, failurePolicy: Ignore", "timeoutSeconds: 300")
    project = write({"p.yaml": text})
    safe = "+  webhookConfiguration: {timeoutSeconds: 300, failurePolicy: Ignore}"
    assert safe in run("check", "--diff").out.splitlines()
    assert safe.replace("300", "30") in run("check", "--diff", "--unsafe-fixes").out.splitlines()
    assert (project / "p.yaml").read_text() == text
    assert run("check", "--unsafe-fixes").code == 2
    assert {each["rule"] for each in check("--fix").json["findings"]} == {"KYV003"}
    assert check("--fix", "--unsafe-fixes").found == []
    assert "timeoutSeconds: 30," in (project / "p.yaml").read_text()


def test_what_remains_after_fixing_is_reported(write: Write, check: Run) -> None:
    write({"a.yaml": BAD, "p.yaml": POLICY})
    ran = check("--fix")
    assert (ran.code, ran.found) == (1, [("IMG001", "a.yaml", 8)])


def test_a_file_that_changed_meanwhile_is_left_alone(write: Write, check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write({"p.yaml": POLICY, "q.yaml": OTHER})

    def meddled(*arguments: Any) -> Any:
        fixed = fix(*arguments)
        (project / "p.yaml").write_text(POLICY + "# changed\n")
        return fixed

    monkeypatch.setattr("policylint.cli.fixing.fix", meddled)
    ran = check("--fix")
    assert ran.err == "policylint: p.yaml was not fixed: it changed after it was read\npolicylint: fixed 1 file\n"
    assert (ran.code, ran.found) == (1, [("KYV001", "p.yaml", 11)])
    assert (project / "p.yaml").read_text() == POLICY + "# changed\n"
    assert (project / "q.yaml").read_text() == OTHER_FIXED


def test_a_link_is_fixed_where_it_leads(write: Write, run: Run) -> None:
    project = write({"p.yaml": POLICY})
    (project / "link.yaml").symlink_to("p.yaml")
    ran = run("check", "--fix")
    assert ran.code == 0
    assert "not fixed" not in ran.err
    assert (project / "link.yaml").is_symlink()
    assert (project / "p.yaml").read_text() == FIXED


def test_nothing_is_fixed_that_is_suppressed_or_in_a_baseline(write: Write, run: Run) -> None:
    suppressed = POLICY.replace("# ours", "# policylint: ignore[KYV001] known")
    project = write({"p.yaml": suppressed, "q.yaml": OTHER})
    assert run("check", "--write-baseline", "base.json", "q.yaml").code == 0
    assert run("check", "--fix", "--baseline", "base.json").code == 0
    assert ((project / "p.yaml").read_text(), (project / "q.yaml").read_text()) == (suppressed, OTHER)


# ---------------------------------------------------------------------------------------------------- other commands


def test_rules(write: Write, run: Run) -> None:
    write({"policylint.yaml": "ignore: [IMG001]\nseverity: {KYV002: error}\n"})
    lines = {line.split()[0]: line.split()[:3] for line in run("rules").out.splitlines()}
    assert lines["KYV001"] == ["KYV001", "mutate-digest-audit", "error"]
    assert lines["KYV002"] == ["KYV002", "webhook-timeout-missing", "error"]
    assert lines["IMG001"] == ["IMG001", "unpinned-image", "off"]
    assert lines["IMG002"] == ["IMG002", "image-without-digest", "off"]
    records = {record["id"]: record for record in run("rules", "--output-format", "json").json}
    assert set(records) == set(lines)
    assert records["KYV001"]["active"]
    assert not records["IMG001"]["active"]


def test_explain(write: Write, run: Run) -> None:
    write({})
    by_id, by_name = run("explain", "KYV001"), run("explain", "mutate-digest-audit")
    assert (by_id.code, by_id.out) == (0, by_name.out)
    assert "KYV001" in by_id.out
    both = run("explain", "KYV001", "IMG001")
    assert by_id.out.strip() in both.out
    wrong = run("explain", "KYV0001")
    assert (wrong.code, wrong.out) == (2, "")
    assert "did you mean 'KYV001'" in wrong.err


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion(run: Run, shell: str) -> None:
    ran = run("completion", shell)
    assert ran.code == 0
    assert "--output-format" in ran.out
    assert "explain" in ran.out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=ran.out.encode(), check=True)


def test_version_and_help(run: Run) -> None:
    assert run("--version") == Ran(0, f"policylint {__version__}\n", "")
    helped = run("--help")
    assert helped.code == 0
    assert "4 nothing to check" in helped.out
    assert "--stdin-filename" in run("check", "--help").out
