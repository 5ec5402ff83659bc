"""Rules in YAML: what they report, and what a wrong one is told."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from policylint.config import Config
from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.errors import RuleFileError
from policylint.lint.declarative import load_declarative
from policylint.lint.load_rules import rules_root
from policylint.lint.loaded import LoadedRule
from policylint.lint.rule import RuleContext
from policylint.lint.rule_file import rule_schema
from policylint.model import Fix, Problem, RemoveKey, RenameKey, SetValue, YamlPath

OWN = sorted(rules_root().rglob("*.yaml"))


def load(tmp_path: Path, text: str, validate: bool = True) -> LoadedRule:
    path = tmp_path / "rule.yaml"
    path.write_text(dedent(text), "utf-8")
    return load_declarative(path, "rules/rule.yaml", validate)


def rule_text(body: str, head: str = "") -> str:
    return (
        "id: ACM001\nname: pods-have-owners\nseverity: warning\n"
        + dedent(head)
        + dedent(body)
        + "documentation: {what: Finds pods. All of them., why: Owners answer.}\n"
    )


def document(text: str) -> Document:
    composed = next(iter(compose(dedent(text))))
    assert isinstance(composed, ComposedDocument)
    return Document(Source("a.yaml", dedent(text)), composed.node, composed.base, 0, KUBERNETES, "kubernetes")


def judge(loaded: LoadedRule, text: str, **options: Any) -> list[Problem]:
    assert loaded.check is not None
    given = {name: option.default for name, option in loaded.rule.options.items()} | options
    return list(loaded.check(document(text), RuleContext(Config(), given)))


def refused(tmp_path: Path, text: str) -> tuple[int, int, str]:
    with pytest.raises(RuleFileError) as caught:
        load(tmp_path, text)
    location = caught.value.location
    assert location is not None
    assert location.path == "rules/rule.yaml"
    return location.line, location.column, caught.value.message


PODS = """
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: a, image: "a:1", ports: [{port: 80}, {port: 8080}]}
  - {name: b, image: "b:latest"}
  - just text
"""


def test_the_whole_document_is_judged_by_default(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        rule_text("checks:\n- {pattern: {metadata: {labels: {owner: '?*'}}}, message: '{metadata.name} {reason}'}\n"),
    )
    (problem,) = judge(loaded, PODS)
    # what is missing is the mapping of labels, so the pattern fails there
    assert problem.path == YamlPath.of("metadata", "labels")
    assert problem.message == 'web is not set, but must match owner: "?*"'
    assert problem.severity is None
    assert judge(loaded, "{kind: Pod, metadata: {labels: {owner: team}}}") == []
    assert judge(loaded, "{on: push}") == []


def test_a_path_to_a_list_judges_its_items_and_leaves_other_shapes_alone(tmp_path: Path) -> None:
    check = "{pattern: {image: '!*:latest'}, message: '{name} runs {value} at {path}'}"
    body = f"foreach: spec.containers\nchecks:\n- {check}\n"
    (problem,) = judge(load(tmp_path, rule_text(body)), PODS)
    assert problem.path == YamlPath.of("spec", "containers", 1, "image")
    assert problem.message == "b runs b:latest at spec.containers[1]"


def test_stars_and_several_paths(tmp_path: Path) -> None:
    body = """\
    foreach: ["spec.containers[*].ports", "spec.*invalid*"]
    checks:
    - {pattern: {port: "<1024"}, message: "port {port}"}
    """
    assert refused(tmp_path, rule_text(body)) == (
        4,
        39,
        "foreach[1]: 'spec.*invalid*' is not a path: cannot read '.*invalid*'",
    )
    body = """\
    foreach: ["spec.containers[*].ports[*]", "spec.absent[*].x", metadata, "data[*]"]
    checks:
    - {pattern: {=(port): "<1024", =(name): "x*"}, message: "{port} {name}"}
    """
    loaded = load(tmp_path, rule_text(body))
    assert [(str(problem.path), problem.message) for problem in judge(loaded, PODS)] == [
        ("spec.containers[0].ports[1].port", "8080 (unset)"),
        ("metadata.name", "(unset) web"),
    ]
    assert [str(problem.path) for problem in judge(loaded, "{kind: A, data: {k: {port: 2000}, l: {port: 1}}}")] == [
        "data.k.port"
    ]


def test_scalars_can_be_judged(tmp_path: Path) -> None:
    body = "foreach: spec.args\nchecks:\n- {pattern: '!--insecure*', message: 'argument {value}'}\n"
    problems = judge(load(tmp_path, rule_text(body)), "{kind: A, spec: {args: [--a, --insecure=true]}}")
    assert [(str(problem.path), problem.message) for problem in problems] == [
        ("spec.args[1]", "argument --insecure=true")
    ]


def test_at_severity_help_and_fix_are_relative_to_the_item(tmp_path: Path) -> None:
    body = """\
    foreach: spec.containers
    checks:
    - pattern: {imagePullPolicy: Always}
      at: image
      severity: error
      message: "{{name}} is {name}"
      help: "pull {image}"
      fix:
        title: mend it
        set: {imagePullPolicy: Always, 'a["b.c"]': true}
        remove: ["ports[0]"]
        rename: {image: ref}
    """
    problem = judge(load(tmp_path, rule_text(body)), PODS)[0]
    base = YamlPath.of("spec", "containers", 0)
    assert (problem.path, problem.severity) == (base / "image", "error")
    assert (problem.message, problem.help) == ("{name} is a", "pull a:1")
    assert problem.fix == Fix(
        "mend it",
        (
            SetValue(base / "imagePullPolicy", "Always"),
            SetValue(base / ("a", "b.c"), True),
            RemoveKey(base / ("ports", 0)),
            RenameKey(base / "image", "ref"),
        ),
        safe=False,
    )


def test_conditions_skip_and_any_pattern_needs_one(tmp_path: Path) -> None:
    body = """\
    foreach: spec.containers
    checks:
    - pattern: {(name): a, image: "!*"}
      message: "a"
    - anyPattern: [{image: "b:*"}, {image: "c:*"}]
      message: "{reason}"
    """
    problems = judge(load(tmp_path, rule_text(body)), PODS)
    assert [problem.message for problem in problems] == [
        "a",
        'is "a:1", but must match "b:*"; is "a:1", but must match "c:*"',
    ]


def test_options_fill_patterns_and_messages(tmp_path: Path) -> None:
    head = """\
    options:
      limit: {schema: {type: integer}, default: 5, doc: The most.}
      team: {schema: {type: string}, default: web, doc: Whose.}
    """
    body = """\
    checks:
    - {pattern: {spec: {replicas: "<={options.limit}"}}, message: "{value} > {options.limit}"}
    - {pattern: {team: "{options.team}", size: "{options.limit}"}, message: "not {options.team}"}
    """
    loaded = load(tmp_path, rule_text(body, head))
    text = "{kind: A, spec: {replicas: 7}, team: web, size: 5}"
    assert [problem.message for problem in judge(loaded, text)] == ["7 > 5"]
    assert [problem.message for problem in judge(loaded, text, limit=7)] == ["not web"]
    assert loaded.rule.options["team"].doc == "Whose."


def test_metadata(tmp_path: Path) -> None:
    head = "kinds: [Pod, apps/Deployment]\ndefault: false\nprofiles: [strict]\nsince: '2.0'\n"
    loaded = load(tmp_path, rule_text("checks: [{pattern: {a: 1}, message: m}]\n", head))
    rule = loaded.rule
    assert (rule.id, rule.name, rule.severity) == ("ACM001", "pods-have-owners", "warning")
    assert (rule.kinds, rule.default, rule.profiles, rule.since) == (
        ("Pod", "apps/Deployment"),
        False,
        ("strict",),
        "2.0",
    )
    assert (rule.judges, rule.scope) == (Document, "document")
    assert loaded.documentation.summary == "Finds pods."
    assert loaded.path == tmp_path / "rule.yaml"


CHECKS = "checks: [{pattern: {a: 1}, message: m}]\n"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (rule_text(CHECKS, "kind: [Pod]\n"), (4, 1), "unknown key 'kind'; did you mean 'kinds'?"),
        (rule_text("checks:\n- {pattern: {a: 1}, mesage: m}\n"), (5, 3), "checks[0] needs the key 'message'"),
        (
            rule_text("checks:\n- {pattern: {a: 1}, message: m, hlep: h}\n"),
            (5, 33),
            "unknown key 'hlep'; did you mean 'help'?",
        ),
        (rule_text("checks:\n- {message: m}\n"), (5, 3), "checks[0] takes exactly one of pattern and anyPattern"),
        (
            rule_text("checks:\n- {message: m, pattern: 1, anyPattern: [1]}\n"),
            (5, 3),
            "checks[0] takes exactly one of pattern and anyPattern",
        ),
        (rule_text("checks: []\n"), (4, 1), "checks is empty"),
        (rule_text("checks:\n"), (4, 1), "checks takes a list, but has no value"),
        (rule_text(CHECKS, "kinds: Pod\n"), (4, 8), "kinds takes a list, but is a string"),
        (rule_text(CHECKS, "foreach: 1\n"), (4, 10), "foreach takes a string or a list, but is a number"),
        (rule_text(CHECKS, "default: 'yes'\n"), (4, 10), "default takes true or false, but is a string"),
        (
            rule_text(CHECKS).replace("warning", "fatal"),
            (3, 11),
            "severity is 'fatal': use one of error, warning, info",
        ),
        (
            rule_text(CHECKS).replace("ACM001", "acm1"),
            (1, 5),
            "id is 'acm1': it takes capital letters and three digits, such as ACM001",
        ),
        (
            rule_text("checks: [{pattern: 1, message: m, fix: {title: t, safe: true}}]\n"),
            (4, 35),
            "checks[0].fix changes nothing: it takes set, remove or rename",
        ),
        (
            rule_text(CHECKS, "options: {a b: {schema: {}, default: 1, doc: d}}\n"),
            (4, 11),
            "'a b' is not an option's name: a letter or _, then letters, digits, _ and -",
        ),
        ("id: ACM001\nid: ACM002\n", (2, 1), "the key 'id' is here twice"),
        ("- a\n", (1, 1), "a rule file is a mapping, not a list"),
        ("# nothing\n", (1, 1), "the rule file is empty"),
        ("a: 1\n---\nb: 1\n", (3, 1), "a rule file holds one rule: here begins a second document"),
        ("a: [1\n", (2, 1), "did not find expected ',' or ']'"),
        ("a: &x [*x]\n", (1, 4), "an anchor's value contains an alias to itself"),
    ],
)
def test_a_wrong_file_is_told_where_and_why(tmp_path: Path, text: str, place: tuple[int, int], message: str) -> None:
    assert refused(tmp_path, text) == (*place, message)


@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        (
            "checks: [{pattern: 1, message: 'a {b'}]\n",
            (4, 32),
            "checks[0].message: a lone '{' at character 3: write it twice",
        ),
        ("checks: [{pattern: 1, message: '{}'}]\n", (4, 32), "checks[0].message: an empty placeholder"),
        ("checks: [{pattern: 1, message: '{a b}'}]\n", (4, 32), "checks[0].message: 'a b' is not a path"),
        ("checks: [{pattern: 1, message: '{options.x}'}]\n", (4, 32), "checks[0].message: the rule has no option 'x'"),
        (
            "checks: [{pattern: ['{options.x}'], message: m}]\n",
            (4, 11),
            "checks[0].pattern: the rule has no option 'x'",
        ),
        ("checks: [{pattern: 1, message: m, at: 'a..b'}]\n", (4, 39), "checks[0].at: 'a..b' is not a path"),
        ("foreach: 'a b'\nchecks: [{pattern: 1, message: m}]\n", (4, 10), "foreach: 'a b' is not a path"),
        ("checks: [{cel: 'object.a', message: m}]\n", (4, 11), "CEL bodies are not supported yet"),
        ("cel: 'object.a'\nchecks: [{pattern: 1, message: m}]\n", (4, 1), "CEL bodies are not supported yet"),
    ],
)
def test_what_the_schema_cannot_say_is_checked_too(
    tmp_path: Path, body: str, place: tuple[int, int], message: str
) -> None:
    line, column, found = refused(tmp_path, rule_text(body))
    assert (line, column) == place
    assert found.startswith(message)


def test_unreadable_files(tmp_path: Path) -> None:
    path = tmp_path / "rule.yaml"
    with pytest.raises(RuleFileError, match="cannot be read: No such file"):
        load_declarative(path, "rule.yaml", validate=False)
    path.write_bytes(b"id: \xff\n")
    with pytest.raises(RuleFileError, match="it is not UTF-8"):
        load_declarative(path, "rule.yaml", validate=False)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(rule_schema())


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_our_own_rules_keep_to_the_schema_and_are_documented(path: Path) -> None:
    loaded = load_declarative(path, path.name, validate=True)
    assert path.name.startswith(f"{loaded.rule.id}-{loaded.rule.name}.")
    assert all(loaded.documentation)


def test_there_are_declarative_rules_of_our_own() -> None:
    assert OWN
