"""Suppressions at work: which findings they keep back, and what is to be found about them."""

import os
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from policylint.config import Config
from policylint.document.document import Document
from policylint.document.source import EmbeddedSource, Source
from policylint.lint.fingerprint import fingerprint
from policylint.lint.rule import DOCS_URL
from policylint.lint.selection import Selection
from policylint.lint.suppression import ANNOTATION, RuleNames, Suppression, has_suppressions
from policylint.model import Finding, Location

if TYPE_CHECKING:
    from policylint.lint.suppression_problems import SuppressionProblem

__all__ = [
    "Placed",
    "RuleNames",
    "Suppression",
    "SuppressionResult",
    "file_suppressions",
    "has_suppressions",
    "match_configured",
    "match_suppressions",
    "may_suppress",
]


class Placed(NamedTuple):
    """A finding, and the characters [start, end) of its source's text that it points at."""

    finding: Finding
    source: Source
    start: int
    end: int


class SuppressionResult(NamedTuple):
    """Findings that stand, findings that were kept back, and findings about the suppressions themselves.

    `used` are the places, renderings left out, of suppressions each of whose rules kept something back: a file that is
    rendered several times needs a suppression when one of the renders does.
    """

    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    used: frozenset[Location]
    problems: tuple[Finding, ...]


def file_suppressions(source: Source, documents: Sequence[Document], names: RuleNames) -> list[Suppression]:
    """Every suppression in the text of `source` and in its documents' annotations; few files have any."""
    from policylint.lint import suppression_sources

    return suppression_sources.file_suppressions(source, documents, names)


def may_suppress(document: Document, names: RuleNames) -> bool:
    """Whether `document` holds a suppression that the text of its file does not give away: others need not be kept."""
    embedded = isinstance(document.source, EmbeddedSource) and has_suppressions(document.source.text, names)
    return embedded or ANNOTATION in document.annotations


def match_suppressions(
    findings: Iterable[Placed],
    suppressions: Sequence[Suppression],
    today: date,
    selection: Selection,
    unread: Collection[str] = (),
) -> SuppressionResult:
    """Parts the findings of one unit that stand from those that a suppression keeps back, and judges the suppressions.

    One that has expired keeps nothing back. One is unused when a rule of it was selected, judged the file and found
    nothing for it to keep back; in the files `unread`, which could not be parsed in full, that stays unknown.
    """
    judging = {each.rule.id for each in selection.active if each.rule.scope != "project"}

    def ran(rule: str, suppression: Suppression) -> bool:
        path = suppression.location.path
        return rule in judging and path not in unread and rule not in selection.ignored_for(path)

    return _matched(findings, suppressions, today, selection, ran)


def match_configured(
    findings: Iterable[Finding], config: Config, names: RuleNames, today: date, selection: Selection, whole: bool
) -> SuppressionResult:
    """The same for the configuration's `suppressions`, over all findings of a run.

    Only a run over the `whole` project can tell that an entry is unused.
    """
    nowhere = Source("", "")
    placed = (Placed(finding, nowhere, 0, 0) for finding in findings)
    active = {each.rule.id for each in selection.active}
    suppressions: list[Suppression] = []
    if config.suppressions:
        from policylint.lint.suppression_sources import configured_suppressions

        suppressions = configured_suppressions(config, names)
    return _matched(placed, suppressions, today, selection, lambda rule, _: whole and rule in active)


def _matched(
    findings: Iterable[Placed],
    suppressions: Sequence[Suppression],
    today: date,
    selection: Selection,
    ran: Callable[[str, Suppression], bool],
) -> SuppressionResult:
    if not suppressions:
        return SuppressionResult(tuple(placed.finding for placed in findings), (), frozenset(), ())
    from policylint.lint.suppression_problems import suppression_problems

    by_rule: dict[str, list[Suppression]] = {}
    for suppression in suppressions:
        for rule in suppression.rules if not suppression.expired(today) else ():
            by_rule.setdefault(rule, []).append(suppression)
    candidates = {rule: _Candidates(listed) for rule, listed in by_rule.items()}
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    used: set[tuple[Suppression, str]] = set()
    for placed in findings:
        rule = placed.finding.rule
        near = candidates[rule].near(placed) if rule in candidates else ()
        hits = [(each, rule) for each in near if _governs(each, placed)]
        used.update(hits)
        (suppressed if hits else kept).append(placed.finding)
    problems = _as_findings(suppression_problems(suppressions, used, today, ran), selection)
    needed = (each for each in suppressions if each.rules and all((each, rule) in used for rule in each.rules))
    places = frozenset(each.location._replace(rendered=None) for each in needed)
    return SuppressionResult(tuple(kept), tuple(suppressed), places, problems)


def _as_findings(problems: "Iterable[SuppressionProblem]", selection: Selection) -> tuple[Finding, ...]:
    """The problems whose rules are active, as findings."""
    names = {each.rule.id: each.rule.name for each in selection.active}
    found = []
    for problem in problems:
        rule, place = problem.rule, problem.location
        if rule in names and rule not in selection.ignored_for(place.path):
            about = (problem.message, problem.help, DOCS_URL + rule, None, "", (), problem.fix)
            finding = Finding(place, rule, names[rule], selection.severity_of(rule), *about)
            found.append(finding._replace(fingerprint=fingerprint(finding, "")))
    return tuple(found)


class _Candidates:
    """The suppressions of one rule, so arranged that a finding need not be held against all of them."""

    def __init__(self, suppressions: Iterable[Suppression]) -> None:
        self._anywhere: list[Suppression] = []
        ranged: list[tuple[int, int, int, Suppression]] = []
        for number, each in enumerate(suppressions):
            if each.lines is None:
                self._anywhere.append(each)
            else:
                ranged.append((*each.lines, number, each))
        ranged.sort(key=lambda item: item[:3])
        self._ranged = [each for *_, each in ranged]
        self._starts = [first for first, *_ in ranged]
        # how far the first, the first two, … of them reach: the search backwards ends where none reaches far enough
        self._reach = list(accumulate((last for _, last, *_ in ranged), max))

    def near(self, placed: Placed) -> Iterator[Suppression]:
        """Those that may govern the finding: by the lines of its own source, or by those of the file around it."""
        yield from self._anywhere
        if self._ranged:
            place = placed.finding.location
            yield from self._around(*_lines(placed))
            if isinstance(placed.source, EmbeddedSource):
                yield from self._around(place.line, place.end_line)

    def _around(self, first: int, last: int) -> Iterator[Suppression]:
        index = bisect_right(self._starts, last) - 1
        while index >= 0 and self._reach[index] >= first:
            yield self._ranged[index]
            index -= 1


def _lines(placed: Placed) -> tuple[int, int]:
    """The lines of its source's text that a finding points at."""
    first, _ = placed.source.line_and_column(placed.start)
    last, _ = placed.source.line_and_column(max(placed.start, placed.end - 1))
    return first, last


def _governs(suppression: Suppression, placed: Placed) -> bool:
    if suppression.source is None:
        return _matches_patterns(suppression, placed.finding)
    if suppression.source is placed.source:
        return suppression.lines is None or _overlap(suppression.lines, *_lines(placed))
    location = placed.finding.location
    if isinstance(suppression.source, EmbeddedSource) or suppression.location.path != location.path:
        return False
    if suppression.lines is None:
        return True
    # what is embedded in a document of the same file lies on that file's lines
    embedded = isinstance(placed.source, EmbeddedSource) and location.rendered is None
    return (
        embedded
        and suppression.source.file_text is not None
        and _overlap(suppression.lines, location.line, location.end_line)
    )


def _overlap(lines: tuple[int, int], first: int, last: int) -> bool:
    return lines[0] <= last and first <= lines[1]


def _matches_patterns(suppression: Suppression, finding: Finding) -> bool:
    if suppression.resource:
        from fnmatch import fnmatchcase

        if finding.resource is None or not fnmatchcase(str(finding.resource), suppression.resource):
            return False
    if not suppression.path:
        return True
    path = finding.location.path
    if suppression.root not in ("", "."):
        path = os.path.relpath(path, suppression.root).replace(os.sep, "/")
    return not path.startswith("../") and _pattern(suppression.path)(path)


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> Callable[[str], bool]:
    from policylint.config.patterns import compile_pattern

    return compile_pattern(pattern)
