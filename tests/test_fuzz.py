"""Whatever is put before `check`, and whatever configures it: no traceback, no internal error, and sound output."""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policylint.cli import main
from policylint.sources.helm_backends import sdk_folder
from policylint.sources.limits import find_program

ROOT = Path(__file__).parent.parent
CORPUS = [
    path.read_bytes().decode()
    for path in sorted((ROOT / "fixtures").rglob("*"))
    if path.is_file() and path.suffix in (".yaml", ".yml", ".json", ".tpl")
]
CHART = sorted((ROOT / "fixtures" / "projects" / "incident" / "before" / "charts").rglob("*.yaml"))
NAMES = ("a.yaml", "a.json", ".github/workflows/a.yml", "action.yml", "kyverno-test.yaml", ".gitlab-ci.yml")
CONFIG = """\
cluster:
  node-pools:
  - {name: default, count: 1, instance-type: t3.small, labels: {a: b}, taints: [{key: a, effect: NoSchedule}]}
  other-pods: [{name: aws-node, per: node}, {name: coredns, pods: 2}]
"""
WHOLE_CONFIG = (
    CONFIG
    + """\
select: [KYV, IMG001]
ignore: [webhook-timeout-missing]
per-file-ignores: {"a/**": [IMG], "!b": [KYV001]}
severity: {KYV002: error}
fail-on: warning
profile: pinned
exclude: [vendor/, "*.gen.yaml"]
kubernetes-version: "1.31"
kyverno-version: "1.13"
rules: {IMG001: {moving-tags: [latest]}, WFL001: {policies: {actions: ref-pin}}}
charts: [{path: charts/app, values: [v.yaml], set: {image.tag: "1.2"}, release: r, namespace: n}]
suppressions: [{rule: IMG001, path: "x/**", resource: Pod/*, reason: known, until: 2030-12-31}]
"""
)
RULE = """\
id: OWN001
name: pods-have-owners
severity: warning
kinds: [Pod]
options: {owner: {schema: {type: string}, default: "?*", doc: who}}
checks:
- path: metadata
  pattern: {labels: {owner: "{options.owner}", =(team): "a | b", X(old): "null"}}
  message: "{metadata.name} has {value} at {path}: {reason}"
  help: ask {options.owner}
documentation: {what: Finds pods. All of them., why: Owners answer.}
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {owner: 1}}\nspec: {containers: [{name: a, image: x}]}\n"

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**30, 1.5, float("inf"), "", [], {}, [None], [[]], {"": None}, {"a": {"a": []}}),
    *("*", "?", "!", "latest", "a" * 300, "Audit", "enforce", "30", "30s", "50%", "-1", "1e9", "on", "012", "\0"),
    *("${{ matrix.a }}", "${{", "${{ fromJSON(x)[0] || '' }}", "{{ request.object.x }}", "{{", "docker://", "a@"),
    *("nginx@sha256:" + "0" * 64, "../../../etc", "a/b/c@v1", "v1", "kyverno.io/v1", "Pod", "List", "ClusterPolicy"),
    *("x:y@z", "é😀\u2028"),
)
ODD_LINES = (
    *("---", "...", "- ", "\t", "  x:", "x: [", "x: {", "&a", "*a", "<<: *a", "? a", "!!binary x", "| ", "%YAML 1.1"),
    *('"', "'", "a: b: c", "\ufeff", "\x00", "\r", "kind: List", "items:", "apiVersion: v1", "# policylint: x"),
    "# policylint: ignore[IMG001]",
)

# every example is a whole run of the command; the same ones on every run where a red build must be a new one
thorough = settings(
    max_examples=150,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of its own as working directory, with a configuration that gives every rule its say."""
    place = tmp_path_factory.mktemp("fuzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        (place / "policylint.yaml").write_text(CONFIG)
        for name in NAMES:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
        yield place


def run(*words: str, stdin: bytes = b"") -> Ran:
    out, err = io.StringIO(), io.StringIO()
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["check", *words])
    finally:
        sys.stdin = before
    return Ran(code, out.getvalue(), err.getvalue())


def judge(*words: str, stdin: bytes = b"", select: str = "all") -> Any:
    """The report of a run, after the checks that hold for every run."""
    ran = run(*words, "--output-format", "json", "--select", select, stdin=stdin)
    assert ran.err == ""
    report = json.loads(ran.out)
    assert ran.code in (0, 1), report.get("errors")
    summary = report["summary"]
    assert summary["documents"] == summary["judged"] + summary["unmatched"]
    for finding in report["findings"]:
        assert finding["message"]
        assert (1, 1) <= (finding["line"], finding["column"]) <= (finding["end_line"], finding["end_column"])
    return report


def fixes_settle(name: str, data: bytes) -> None:
    """After one --fix with everything allowed there is nothing left to fix, and nothing is broken."""
    path = Path(name)
    before = judge(name)["summary"]["unparsed"]
    ran = run(name, "--fix", "--unsafe-fixes", "--select", "all")
    assert ran.code in (0, 1), ran.err
    if path.read_bytes() == data:
        return
    assert judge(name)["summary"]["unparsed"] == before
    assert run(name, "--diff", "--unsafe-fixes", "--select", "all").out == ""


# ---------------------------------------------------------------------------------------------------- what is checked


@thorough
@given(data=st.binary(max_size=300), name=st.sampled_from(NAMES))
def test_any_bytes(folder: Path, data: bytes, name: str) -> None:
    (folder / name).write_bytes(data)
    judge(name)
    judge("-", "--stdin-filename", name, stdin=data)


YAMLISH = st.lists(
    st.sampled_from([*ODD_LINES, *(line for text in CORPUS[::7] for line in text.split("\n")[:12]), "\n", "\n  ", " "])
    | st.text(max_size=8),
    max_size=25,
)


@thorough
@given(parts=YAMLISH, glue=st.sampled_from(["\n", "\n  ", "\r\n", " ", ""]), name=st.sampled_from(NAMES))
def test_text_that_resembles_yaml(folder: Path, parts: list[str], glue: str, name: str) -> None:
    data = glue.join(parts).encode("utf-8", "replace")
    (folder / name).write_bytes(data)
    fixes_settle(name, data)


@st.composite
def mutated_text(draw: st.DrawFn, corpus: list[str]) -> str:
    """A text of `corpus` with lines spliced in, deleted, repeated, moved and cut."""
    lines = draw(st.sampled_from(corpus)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines)))
        until = min(len(lines), at + draw(st.integers(0, 6)))
        change = draw(st.sampled_from(["splice", "delete", "repeat", "indent", "odd", "cut"]))
        if change == "splice":
            other = draw(st.sampled_from(corpus)).split("\n")
            start = draw(st.integers(0, len(other)))
            lines[at:until] = other[start : start + draw(st.integers(0, 12))]
        elif change == "delete":
            del lines[at:until]
        elif change == "repeat":
            lines[at:at] = lines[at:until]
        elif change == "indent":
            by = draw(st.sampled_from(["  ", " ", "- ", "\t", "# "]))
            lines[at:until] = [by + line for line in lines[at:until]]
        elif change == "odd":
            lines.insert(at, draw(st.sampled_from(ODD_LINES)))
        elif lines:
            line = lines[min(at, len(lines) - 1)]
            lines[min(at, len(lines) - 1)] = line[: draw(st.integers(0, len(line)))]
    return "\n".join(lines)


@thorough
@given(text=mutated_text(CORPUS), name=st.sampled_from(NAMES))
def test_manifests_with_mutated_lines(folder: Path, text: str, name: str) -> None:
    data = text.encode()
    (folder / name).write_bytes(data)
    fixes_settle(name, data)


def documents_of(text: str) -> list[Any]:
    try:
        found = list(yaml.load_all(text, Loader=yaml.BaseLoader))
    except yaml.YAMLError:
        return []
    return [document for document in found if isinstance(document, dict) and document]


DOCUMENTS = [document for text in CORPUS for document in documents_of(text)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(below, (*path, key))


def parent_of(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


@st.composite
def mutated_data(draw: st.DrawFn) -> Any:
    """A document of the fixtures with values retyped, removed, doubled, and swapped for those of other documents."""
    document = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 5))):
        found = list(places(document))
        if not found:
            break
        path = draw(st.sampled_from(found))
        parent, step = parent_of(document, path), path[-1]
        change = draw(st.sampled_from(["retype", "retype", "remove", "wrap", "double", "graft", "rename"]))
        if change == "retype":
            parent[step] = deepcopy(draw(st.sampled_from(ODD_VALUES)))
        elif change == "remove":
            del parent[step]
        elif change == "wrap":
            parent[step] = draw(st.sampled_from([[parent[step]], {"a": parent[step]}, [[parent[step]] * 2]]))
        elif change == "double" and isinstance(parent, list):
            parent.append(parent[step])
        elif change == "graft":
            other = draw(st.sampled_from(DOCUMENTS))
            taken = draw(st.sampled_from(list(places(other))))
            parent[step] = deepcopy(parent_of(other, taken)[taken[-1]])
        elif change == "rename" and isinstance(parent, dict):
            parent[draw(st.sampled_from(["", "name", "spec", "on", "1", step.upper()]))] = parent.pop(step)
    return document


@thorough
@given(document=mutated_data(), name=st.sampled_from(NAMES), block=st.booleans())
def test_manifests_with_mutated_values(folder: Path, document: Any, name: str, block: bool) -> None:
    text = yaml.safe_dump(document, allow_unicode=True) if block else json.dumps(document)
    data = text.encode()
    (folder / name).write_bytes(data)
    fixes_settle(name, data)


@settings(thorough, max_examples=40)
@given(texts=st.lists(mutated_text(CORPUS), min_size=2, max_size=4), output=st.sampled_from(["text", "sarif", "junit"]))
def test_several_files_in_other_formats(folder: Path, texts: list[str], output: str) -> None:
    names = [f"several/{number}.yaml" for number in range(len(texts))]
    (folder / "several").mkdir(exist_ok=True)
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_bytes(text.encode())
    ran = run(*names, "--output-format", output, "--select", "all", "--color", "always")
    assert (ran.code in (0, 1), ran.err) == (True, "")
    assert "Traceback" not in ran.out


@pytest.mark.skipif(
    find_program("helm", os.environ) is None and sdk_folder() is None, reason="needs helm or helm-python-sdk"
)
@settings(thorough, max_examples=12)
@given(text=mutated_text([path.read_text("utf-8") for path in CHART]), which=st.sampled_from(CHART))
def test_charts_with_mutated_files(folder: Path, text: str, which: Path) -> None:
    root = CHART[0].parent
    for path in CHART:
        copy = folder / "chart" / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(text.encode() if path == which else path.read_bytes())
    judge("chart/values.yaml")


# ---------------------------------------------------------------------------------------------------- what configures


@st.composite
def mutated_config(draw: st.DrawFn, text: str) -> str:
    """A configuration with its lines or its values mutated."""
    if draw(st.booleans()):
        return draw(mutated_text([text]))
    document = yaml.safe_load(text)
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(document))
        if found:
            path = draw(st.sampled_from(found))
            parent_of(document, path)[path[-1]] = deepcopy(draw(st.sampled_from(ODD_VALUES)))
    return yaml.safe_dump(document, allow_unicode=True)


def one_line(ran: Ran) -> None:
    assert ran.code in (0, 1, 2), ran.err + ran.out
    assert ran.err.count("\n") == (1 if ran.code == 2 else 0), ran.err
    assert (ran.out == "") == (ran.code == 2)


@settings(thorough, max_examples=100)
@given(text=mutated_config(WHOLE_CONFIG))
def test_mutated_configurations(folder: Path, text: str) -> None:
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "policylint.yaml").write_bytes(text.encode())
    (folder / "a.yaml").write_text(POD)
    one_line(run("a.yaml", "--config", "config/policylint.yaml"))


@settings(thorough, max_examples=100)
@given(text=mutated_config(RULE))
def test_mutated_rule_files(folder: Path, text: str) -> None:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "rule.yaml").write_bytes(text.encode())
    (folder / "own.yaml").write_text("rule-paths: [own]\n")
    (folder / "a.yaml").write_text(POD)
    one_line(run("a.yaml", "--config", "own.yaml"))
