"""Suppressions: what each way of writing one governs, and what is found about the suppressions themselves."""

import re
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.config import Config, ConfiguredSuppression
from policylint.document.document import Document
from policylint.document.edits import apply_edits
from policylint.document.source import RenderedSource, Source, TemplatePlace
from policylint.lint.comments import CommentMap
from policylint.lint.loaded import Documentation, LoadedRule
from policylint.lint.rule import Rule
from policylint.lint.selection import Selection
from policylint.lint.suppressions import (
    Placed,
    RuleNames,
    SuppressionResult,
    file_suppressions,
    has_suppressions,
    match_configured,
    match_suppressions,
)
from policylint.model import Finding, ResourceId
from policylint.sources.documents import load_documents

TODAY = date(2024, 6, 15)

RULES = (
    Rule("IMG001", "unpinned-image", "error"),
    Rule("WFL001", "unpinned-action", "error", aliases=("zizmor:unpinned-uses",)),
    Rule("WRK001", "some-workload", "warning"),
    Rule("PRJ001", "unparsed-file", "error"),
    Rule("SUP001", "unused-suppression", "error"),
    Rule("SUP002", "expired-suppression", "error"),
    Rule("SUP003", "suppression-without-reason", "warning"),
    Rule("SUP004", "unknown-rule-in-suppression", "error"),
)
NAMES = RuleNames.of(RULES)


def selection(*ids: str) -> Selection:
    """All rules but SUP003 and WRK001 are active, or only those named."""
    chosen = ids or tuple(rule.id for rule in RULES if rule.id not in ("SUP003", "WRK001"))
    active = tuple(LoadedRule(rule, None, Documentation(), None) for rule in RULES if rule.id in chosen)  # type: ignore[arg-type]
    return Selection(active, {rule.id: rule.severity for rule in RULES}, {}, {rule.id: {} for rule in RULES})


def placed_at(source: Source, mark: str, rule: str, resource: ResourceId | None = None, nth: int = 0) -> Placed:
    """A finding at the nth occurrence of `mark` in the source."""
    start = [match.start() for match in re.finditer(re.escape(mark), source.text)][nth]
    place = source.location(start, start + len(mark))
    finding = Finding(place, rule, "", "error", "message", "", "", resource, "")
    return Placed(finding, source, start, start + len(mark))


def run(
    text: str, marks: Sequence[str] = (), rule: str = "IMG001", source: Source | None = None, *active: str
) -> SuppressionResult:
    source = source or Source("a.yaml", text)
    documents = [item for item in load_documents(source) if isinstance(item, Document)]
    placed = [placed_at(source, mark, rule) for mark in marks]
    return match_suppressions(placed, file_suppressions(source, documents, NAMES), TODAY, selection(*active))


def reported(result: SuppressionResult) -> list[tuple[str, int]]:
    return [(finding.rule, finding.location.line) for finding in result.problems]


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"


@pytest.mark.parametrize(
    ("body", "hidden", "shown"),
    [
        ("  a: AA # policylint: ignore[IMG001] why\n  b: BB\n", ["AA"], ["BB"]),
        ("  a: AA # v1 # policylint: ignore[unpinned-image] why\n  b: BB\n", ["AA"], ["BB"]),
        ("  a: # policylint: ignore[IMG001] why\n    x: AA\n    y: [AB]\n  b: BB\n", ["x", "AA", "AB"], ["BB"]),
        ("  a: | # policylint: ignore[IMG001] why\n    AA\n\n    AB\n  b: BB\n", ["AA", "AB"], ["BB"]),
        ("  a: { # policylint: ignore[IMG001] why\n    x: AA,\n    y: AB}\n  b: BB\n", ["AA", "AB"], ["BB"]),
        ("  s:\n  - n: AA # policylint: ignore[IMG001] why\n    x: BB\n", ["AA"], ["BB"]),
        ("  s:\n  - AA # policylint: ignore[IMG001] why\n  - BB\n", ["AA"], ["BB"]),
        ("  # policylint: ignore[IMG001] why\n  first:\n    x: AA\n  b: BB\n", ["first:", "AA"], ["BB"]),
        ("  # policylint: ignore[IMG001] why\n\n  # more\n  a: AA\n  b: BB\n", ["AA"], ["BB"]),
        ("  s:\n  # policylint: ignore[IMG001] why\n  - n: AA\n    x: AB\n  - n: BB\n", ["AA", "AB"], ["BB"]),
        ("  s:\n    # policylint: ignore[IMG001] why\n    - - AA\n      - AB\n    - BB\n", ["AA", "AB"], ["BB"]),
        ("  a: 'A\n    A' # policylint: ignore[IMG001] why\n  b: BB\n", ["'A\n    A'"], ["BB"]),
        ("  a: AA\n  b: BB\n# policylint: ignore-file[IMG001] why\n---\na: CC\n", ["AA", "BB", "CC"], []),
        ("  a: BB\n  # policylint: ignore[IMG001] why\n", [], ["BB"]),
        ("  a: AA # policylint: ignore[WFL001, IMG001] why\n", ["AA"], []),
        ("  a: &x AA\n  # policylint: ignore[IMG001] why\n  b: *x\n  c: BB\n", [], ["AA", "BB"]),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_comment_governs_its_line_its_block_or_the_next_node(
    body: str, hidden: list[str], shown: list[str], line_break: str
) -> None:
    text = (POD + body).replace("\n", line_break)
    result = run(text, [mark.replace("\n", line_break) for mark in [*hidden, *shown]])
    source = Source("a.yaml", text)
    lines = [placed_at(source, mark.replace("\n", line_break), "IMG001").finding.location.line for mark in hidden]
    assert [finding.location.line for finding in result.suppressed] == lines
    assert len(result.kept) == len(shown)


@pytest.mark.parametrize(
    "body",
    [
        "  a: 'x # policylint: ignore[IMG001] why'\n",
        '  a: "x # policylint: ignore[IMG001] why"\n',
        "  a: |\n    # policylint: ignore-file[IMG001] why\n    AA\n",
        "  a: x#policylint: ignore\n",
        "  a: x# policylint: ignore[nothing] why\n",
        "  'k # policylint: ignore': AA\n",
    ],
)
def test_what_only_looks_like_a_comment_is_none(body: str) -> None:
    result = run(POD + body, ["spec"])
    assert (len(result.kept), result.problems) == (1, ())


def test_a_file_without_markers_is_not_looked_at() -> None:
    assert has_suppressions("a: 1 # policylint: ignore[IMG001]", NAMES)
    assert has_suppressions("policylint.dev/ignore: x", NAMES)
    assert has_suppressions("a: 1 # zizmor: ignore[unpinned-uses]", NAMES)
    assert not has_suppressions("a: 1 # zizmor: ignore[unpinned-uses]", RuleNames.of(RULES[:1]))
    assert not has_suppressions("policylint is a word # ignore[IMG001]", NAMES)


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("ignore", "this is not a suppression"),
        ("ignore because", "this is not a suppression"),
        ("disable[IMG001]", "this is not a suppression"),
        ("ignore[IMG001]because", "this is not a suppression"),
        ("ignore[] why", "this suppression names no rule"),
        ("ignore[IMG001,] why", "this suppression names no rule"),
        ("ignore[IMG01] why", "unknown rule 'IMG01'; did you mean 'IMG001'?"),
        ("ignore[unpined-image] why", "unknown rule 'unpined-image'; did you mean 'unpinned-image'?"),
        ("ignore[zzz] why", "unknown rule 'zzz'"),
        ("ignore[IMG001] until=2024-13-01 why", "`until=2024-13-01` is not a date"),
        ("ignore[PRJ001] why", "PRJ001 cannot be suppressed from inside the file"),
        ("ignore-file[unused-suppression] why", "SUP001 cannot be suppressed from inside the file"),
    ],
)
def test_a_suppression_that_means_nothing_is_found(comment: str, message: str) -> None:
    result = run(f"{POD}  a: AA # policylint: {comment}\n", [])
    problems = [(finding.rule, finding.message) for finding in result.problems if finding.rule != "SUP001"]
    assert problems == [("SUP004", message)]


def test_the_good_names_beside_a_bad_one_still_count() -> None:
    result = run(f"{POD}  a: AA # policylint: ignore[nope-nope, IMG001] why\n", ["AA"])
    assert (len(result.suppressed), reported(result)) == (1, [("SUP004", 5)])


def test_an_unused_suppression_is_found_where_it_stands() -> None:
    result = run(f"{POD}  a: AA\n  b: BB # policylint: ignore[IMG001, WFL001] why\n", ["AA"])
    (problem,) = result.problems
    assert (problem.rule, problem.severity, problem.location[:5]) == ("SUP001", "error", ("a.yaml", 6, 9, 6, 49))
    assert problem.message == "this suppresses nothing: IMG001, WFL001 would report nothing here"


def test_a_half_used_suppression_names_the_unused_half() -> None:
    result = run(f"{POD}  b: BB # policylint: ignore[IMG001, WFL001] why\n", ["BB"])
    (problem,) = result.problems
    assert problem.message == "this suppresses nothing: WFL001 would report nothing here"
    assert problem.fix is None
    assert result.used == frozenset()


def test_rules_that_did_not_run_leave_their_suppressions_alone() -> None:
    text = f"{POD}  a: AA # policylint: ignore[WRK001] why\n"
    assert run(text).problems == ()
    source = Source("a.yaml", f"{POD}  a: AA # policylint: ignore[IMG001] why\n")
    suppressions = file_suppressions(source, [], NAMES)
    assert match_suppressions([], suppressions, TODAY, selection(), unread={"a.yaml"}).problems == ()
    assert len(match_suppressions([], suppressions, TODAY, selection()).problems) == 1


@pytest.mark.parametrize(
    ("until", "hides", "problems"),
    [("2024-06-15", True, []), ("2024-06-16", True, []), ("2024-06-14", False, [("SUP002", 5)])],
)
def test_a_suppression_holds_through_its_last_day(until: str, hides: bool, problems: list[tuple[str, int]]) -> None:
    result = run(f"{POD}  a: AA # policylint: ignore[IMG001] until={until} why\n", ["AA"])
    assert (len(result.suppressed) == 1, reported(result)) == (hides, problems)


def test_reasons_are_asked_for_only_when_that_rule_is_active() -> None:
    text = f"{POD}  a: AA # policylint: ignore[IMG001]\n  b: BB # policylint: ignore[IMG001] why\n"
    assert reported(run(text, ["AA", "BB"])) == []
    assert reported(run(text, ["AA", "BB"], "IMG001", None, "IMG001", "SUP003")) == [("SUP003", 5)]


def test_an_annotation_governs_its_whole_object_and_no_other() -> None:
    annotated = 'metadata:\n  annotations:\n    policylint.dev/ignore: "IMG001, unpinned-action"\nspec:\n  a: AA\n'
    result = run(f"apiVersion: v1\nkind: Pod\n{annotated}---\napiVersion: v1\nkind: Pod\nb: BB\n", ["AA", "BB"])
    assert [finding.location.line for finding in result.suppressed] == [7]
    assert [finding.location.line for finding in result.kept] == [11]
    assert reported(result) == [("SUP001", 5)]


def test_the_annotations_of_a_pod_template_govern_nothing() -> None:
    template = "template:\n    metadata:\n      annotations: {policylint.dev/ignore: IMG001}\n    spec: AA\n"
    result = run(f"apiVersion: apps/v1\nkind: Deployment\nspec:\n  {template}", ["AA"])
    assert (len(result.kept), result.problems) == (1, ())


@pytest.mark.parametrize("value", ["[IMG001]", "true", '""'])
def test_an_annotation_that_names_nothing_is_found(value: str) -> None:
    result = run(f"apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    policylint.dev/ignore: {value}\n")
    assert reported(result) == [("SUP004", 5)]


def test_comments_of_zizmor_count_on_the_lines_of_the_finding() -> None:
    steps = "on: push\njobs:\n  j:\n    steps:\n"
    text = steps + "    - uses: A@v1 # zizmor: ignore[unpinned-uses] why\n    - uses: B@v1 # zizmor: ignore[other]\n"
    result = run(text, ["A@v1", "B@v1"], "WFL001")
    assert [finding.location.line for finding in result.suppressed] == [5]
    assert (len(result.kept), result.problems) == (1, ())


@pytest.mark.parametrize(
    "comment",
    [
        "zizmor: ignore[unpinned-uses,other]",
        "zizmor: ignore[other, unpinned-uses] why",
        "v1 # zizmor: ignore[unpinned-uses]",
    ],
)
def test_the_grammar_of_zizmor_is_followed(comment: str) -> None:
    assert len(run(f"on: push\nuses: A # {comment}\n", ["A"], "WFL001").suppressed) == 1


@pytest.mark.parametrize("comment", ["#zizmor: ignore[unpinned-uses]", "# zizmor: ignore[unpinned-uses]why"])
def test_what_zizmor_would_not_read_does_not_count(comment: str) -> None:
    assert run(f"on: push\nuses: A {comment}\n", ["A"], "WFL001").suppressed == ()


def test_an_unused_comment_of_another_tool_is_not_ours_to_report() -> None:
    assert run("on: push\nuses: A # zizmor: ignore[unpinned-uses]\n").problems == ()


CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  pod.yaml: |
    apiVersion: v1
    kind: Pod
    a: AA # policylint: ignore[IMG001] inside
    b: BB
"""


def test_a_comment_in_an_embedded_manifest_belongs_to_it() -> None:
    outer = Source("a.yaml", CONFIG_MAP)
    documents = [item for item in load_documents(outer) if isinstance(item, Document)]
    inner = documents[1].source
    placed = [placed_at(inner, "AA", "IMG001"), placed_at(inner, "BB", "IMG001")]
    result = match_suppressions(placed, file_suppressions(outer, documents, NAMES), TODAY, selection())
    assert [finding.location.line for finding in result.suppressed] == [8]
    assert [finding.location.line for finding in result.kept] == [9]
    assert result.problems == ()


def test_a_comment_around_an_embedded_manifest_governs_it() -> None:
    text = CONFIG_MAP.replace("pod.yaml: |", "pod.yaml: | # policylint: ignore[IMG001] all")
    outer = Source("a.yaml", text.replace(" # policylint: ignore[IMG001] inside", ""))
    documents = [item for item in load_documents(outer) if isinstance(item, Document)]
    placed = [placed_at(documents[1].source, mark, "IMG001") for mark in ("AA", "BB")]
    result = match_suppressions(placed, file_suppressions(outer, documents, NAMES), TODAY, selection())
    assert (len(result.suppressed), result.problems) == (2, ())


def rendered(text: str) -> RenderedSource:
    return RenderedSource("t.yaml", text, "helm", {1: TemplatePlace("t.yaml", 40, 1, 5, exact=True)})


def test_rendered_text_is_matched_by_its_own_lines() -> None:
    source = rendered("a: AA\nb: BB # policylint: ignore[IMG001] why\n")
    result = run(source.text, ["AA", "BB"], "IMG001", source)
    assert [finding.location.rendered.line for finding in result.kept if finding.location.rendered] == [1]
    assert len(result.suppressed) == 1


def test_a_rendered_ignore_file_governs_its_template() -> None:
    source, other = rendered("# policylint: ignore-file[IMG001] why\n"), rendered("a: AA\n")
    placed = [placed_at(other, "AA", "IMG001")]
    assert len(match_suppressions(placed, file_suppressions(source, [], NAMES), TODAY, selection()).suppressed) == 1


def test_a_render_that_needed_a_suppression_tells_its_place() -> None:
    source = rendered("a: AA # policylint: ignore[IMG001] why\n")
    assert run(source.text, ["AA"], "IMG001", source).used == {source.location(0, 1)._replace(rendered=None)}
    unused = run(source.text, [], "IMG001", source)
    assert (unused.used, reported(unused)) == (frozenset(), [("SUP001", 40)])
    assert unused.problems[0].fix is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  a: AA   # policylint: ignore[IMG001] why\n", "  a: AA\n"),
        ("  a: AA # v1 # policylint: ignore[IMG001] why\n", "  a: AA # v1\n"),
        ("  a: AA # policylint: ignore[IMG001] why # v1\n", "  a: AA # v1\n"),
        ("  # policylint: ignore[IMG001] why\n  a: AA\n", "  a: AA\n"),
        ("  a: AA # policylint: ignore[IMG001]", "  a: AA"),
        ("  a: AA\n  # policylint: ignore[IMG001]", "  a: AA\n"),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_fixing_takes_an_unused_comment_out(line: str, expected: str, line_break: str) -> None:
    text = (POD + line).replace("\n", line_break)
    fix = run(text).problems[0].fix
    assert fix is not None
    assert fix.safe
    assert apply_edits(text, fix.edits) == (POD + expected).replace("\n", line_break)


POD_ID = ResourceId("v1", "Pod", "prod", "web")


@pytest.mark.parametrize(
    ("path", "resource", "hides"),
    [
        ("", "", True),
        ("a.yaml", "", True),
        ("*.yaml", "", True),
        ("other/", "", False),
        ("", "Pod/prod/*", True),
        ("", "Pod/*", True),
        ("", "Pod/test/*", False),
        ("*.yaml", "Deployment/*", False),
    ],
)
def test_entries_of_the_configuration_match_by_path_and_resource(path: str, resource: str, hides: bool) -> None:
    config = Config(suppressions=(ConfiguredSuppression("unpinned-image", path, resource, "why", None, 7),))
    finding = placed_at(Source("x/a.yaml", "AA"), "AA", "IMG001", POD_ID).finding
    result = match_configured([finding], config, NAMES, TODAY, selection(), whole=True)
    assert (len(result.suppressed) == 1, reported(result)) == (hides, [] if hides else [("SUP001", 7)])


def test_entries_of_the_configuration_are_unused_only_in_whole_runs() -> None:
    entries = (
        ConfiguredSuppression("IMG001", "a.yaml", "", "why", None, 3),
        ConfiguredSuppression("IMG01", "a.yaml", "", "", None, 4),
        ConfiguredSuppression("IMG001", "", "", "why", date(2024, 1, 1), 5),
        ConfiguredSuppression("WRK001", "", "", "why", None, 6),
    )
    config = Config(file="policylint.yaml", suppressions=entries)
    problems = [("SUP004", 4), ("SUP002", 5)]
    part = match_configured([], config, NAMES, TODAY, selection(), whole=False)
    assert reported(part) == problems
    whole = match_configured([], config, NAMES, TODAY, selection(), whole=True)
    assert reported(whole) == [("SUP001", 3), *problems]
    assert {finding.location.path for finding in whole.problems} == {"policylint.yaml"}


def test_a_finding_without_a_resource_matches_no_resource_pattern() -> None:
    config = Config(suppressions=(ConfiguredSuppression("IMG001", "", "*", "why", None),))
    finding = placed_at(Source("a.yaml", "AA"), "AA", "IMG001").finding
    assert len(match_configured([finding], config, NAMES, TODAY, selection(), whole=False).kept) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-# \n|>'\"[]{}&*?,\r\t", max_size=60))
def test_any_text_has_comments_without_harm_and_each_is_one(text: str) -> None:
    source = Source("a.yaml", f"{text}# policylint: x")
    for comment in CommentMap(source).comments("policylint:"):
        assert comment.text.startswith("#")
        assert source.text[comment.start : comment.end] == comment.text
        first, last = CommentMap(source).governed(comment)
        assert first <= last
