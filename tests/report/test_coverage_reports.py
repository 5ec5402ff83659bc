"""Reports on policy coverage, against golden/. `POLICYLINT_UPDATE_GOLDEN=1 pytest tests/report` writes them anew."""

import json
import os
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

from policylint.coverage import Coverage, Goal, PolicyCoverage, RuleCoverage
from policylint.errors import UsageError
from policylint.report.coverage import CoverageReport, write_coverage
from policylint.report.coverage_words import listed
from policylint.report.options import RenderOptions

GOLDEN = Path(__file__).parent / "golden"
SOURCE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: "<b>&amp;</b>\u202e"}
spec:
  rules:
  - name: labels
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {pattern: {metadata: {labels: {team: "?*"}}}}
  - name: ports
    validate:
\t\tdeny: {}
"""


def rule(name: str, line: int, **goals: bool) -> RuleCoverage:
    sorts = {"Pod": "kind", "Job": "kind", "CronJob": "kind", "match": "match"}
    made = {
        Goal(
            sorts.get(key, "result"), f"kind {key}" if sorts.get(key) == "kind" else key, line + 1 + (key == "fail")
        ): (  # type: ignore[arg-type]
            reached
        )
        for key, reached in goals.items()
    }
    return RuleCoverage(name, line, tuple(made), frozenset(goal for goal, is_reached in made.items() if is_reached))


COVERAGE = Coverage(
    (
        PolicyCoverage("cel.yaml", 3, "ValidatingPolicy/v", unmeasured="unsupported: ValidatingPolicy (CEL)"),
        PolicyCoverage("gone.yaml", 1, "ClusterPolicy/gone", (rule("r", 5, match=True),)),
        PolicyCoverage(
            "p.yaml",
            1,
            "ClusterPolicy/<b>&amp;</b>\u202e",
            (
                rule("labels", 6, **{"pass": True, "fail": False, "Pod": True, "Job": False, "CronJob": False}),
                rule("ports", 9, skip=False),
                RuleCoverage("cel", 11, unmeasured="unsupported: validate.cel"),
            ),
        ),
    )
)


def read_line(path: str, number: int) -> str | None:
    lines = SOURCE.splitlines() if path == "p.yaml" else []
    return lines[number - 1] if number <= len(lines) else None


def rendered(form: str, coverage: Coverage = COVERAGE, *, verbose: bool = False, color: bool = False) -> str:
    out = StringIO()
    options = RenderOptions(width=80, verbose=verbose, color=color, tool_version="1.2.3", read_line=read_line)
    write_coverage(CoverageReport(form), coverage, out, options)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize(
    ("case", "form", "verbose", "color"),
    [
        ("coverage-text.full", "text", False, False),
        ("coverage-text.verbose", "text", True, True),
        ("coverage-json.full", "json", False, False),
        ("coverage-html.full", "html", False, False),
    ],
)
def test_output_is_as_recorded(case: str, form: str, verbose: bool, color: bool) -> None:
    file = GOLDEN / f"{case}.out"
    found = rendered(form, verbose=verbose, color=color)
    if os.environ.get("POLICYLINT_UPDATE_GOLDEN"):
        file.write_text(found, encoding="utf-8", newline="")
    assert found == file.read_text(encoding="utf-8")


def test_no_suites_are_no_coverage() -> None:
    nothing = Coverage(())
    assert rendered("text", nothing).splitlines()[-1] == "Policy coverage: none, 0 of 0 goals in 0 policies."
    assert json.loads(rendered("json", nothing))["summary"]["percent"] is None


class _Page(HTMLParser):
    """The tags of a page with their attributes, and its rows of source as text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([str(dict(attrs).get("class") or "")])
        if tag == "td":
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            self.rows[-1][-1] += data


def page() -> _Page:
    parsed = _Page()
    parsed.feed(rendered("html"))
    parsed.close()
    return parsed


def test_the_page_is_well_formed_and_loads_nothing() -> None:
    parsed = page()
    assert parsed.open == []
    assert not {tag for tag, _ in parsed.tags} & {"script", "link", "img", "iframe", "object", "form", "svg", "b"}
    for _, attributes in parsed.tags:
        assert not {"src", "srcset", "onclick", "onload", "background"} & set(attributes)
        assert str(attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import|https?:", rendered("html"))


def test_every_link_has_its_target() -> None:
    targets = {attributes.get("id") for _, attributes in page().tags}
    links = [str(attributes["href"]) for tag, attributes in page().tags if tag == "a"]
    assert len(links) == 3
    assert {link.removeprefix("#") for link in links} <= targets


def test_the_source_is_marked_and_says_beside_the_line_what_is_missing() -> None:
    marked = {row[1]: (row[0], row[2], row[4]) for row in page().rows if len(row) == 5 and row[0] != "plain"}
    assert marked == {
        "7": ("partly", "~", "not reached: kinds Job, CronJob"),
        "8": ("missed", "\u2717", "not reached: fail"),
        "10": ("missed", "\u2717", "not reached: skip"),
    }


def test_text_of_policies_is_shown_and_never_acted_on() -> None:
    html = rendered("html")
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;\\u202e" in html
    assert "\u202e" not in html
    assert "        deny: {}" in html


def test_a_file_that_is_gone_is_said_to_be() -> None:
    assert rendered("html").count("The file cannot be read now") == 2


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("text", CoverageReport("text")),
        ("json", CoverageReport("json")),
        ("json:a:b.json", CoverageReport("json", "a:b.json")),
        ("html:c.html", CoverageReport("html", "c.html")),
    ],
)
def test_forms(text: str, report: CoverageReport) -> None:
    assert CoverageReport.parse(text) == report


@pytest.mark.parametrize("text", ["", "xml", "text:a", "json:", "html", "html:", "HTML:a"])
def test_what_is_no_form(text: str) -> None:
    with pytest.raises(UsageError, match=r"html:FILE$"):
        CoverageReport.parse(text)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    report = CoverageReport("html", str(tmp_path / "no" / "folder.html"))
    with pytest.raises(UsageError, match=r"folder\.html cannot be written: "):
        write_coverage(report, COVERAGE, StringIO(), RenderOptions())


def test_a_few_words_for_goals() -> None:
    goals = [Goal("kind", "kind Pod", 1), Goal("result", "skip", 1), Goal("kind", "kind Job", 1)]
    assert [listed(goals[:1]), listed(goals), listed([])] == ["kind Pod", "skip, kinds Pod, Job", ""]
