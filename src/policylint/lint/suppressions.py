"""Suppressions at work: which findings they keep back, and what is to be found about them."""

import os
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from policylint.document.source import EmbeddedSource, Source
from policylint.lint.suppression import RuleNames, Suppression
from policylint.lint.suppression_problems import SuppressionProblem, suppression_problems
from policylint.lint.suppression_sources import configured_suppressions, file_suppressions, has_suppressions
from policylint.model import Finding, Location

__all__ = [
    "Placed",
    "RuleNames",
    "Suppression",
    "SuppressionProblem",
    "SuppressionResult",
    "configured_suppressions",
    "file_suppressions",
    "has_suppressions",
    "match_suppressions",
    "suppression_problems",
]


class Placed(NamedTuple):
    """A finding, and the characters [start, end) of its source's text that it points at."""

    finding: Finding
    source: Source
    start: int
    end: int


class SuppressionResult(NamedTuple):
    """`used` pairs each suppression that kept something back with the ids of the rules concerned."""

    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    used: frozenset[tuple[Suppression, str]]


def match_suppressions(
    findings: Iterable[Placed], suppressions: Iterable[Suppression], today: date
) -> SuppressionResult:
    """Parts the findings that stand from those that a suppression keeps back. One that expired keeps nothing back."""
    by_rule: dict[str, list[Suppression]] = {}
    for suppression in suppressions:
        for rule in suppression.rules if not suppression.expired(today) else ():
            by_rule.setdefault(rule, []).append(suppression)
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    used: set[tuple[Suppression, str]] = set()
    for placed in findings:
        rule = placed.finding.rule
        hits = [(each, rule) for each in by_rule.get(rule, ()) if _governs(each, placed)]
        used.update(hits)
        (suppressed if hits else kept).append(placed.finding)
    return SuppressionResult(tuple(kept), tuple(suppressed), frozenset(used))


def _governs(suppression: Suppression, placed: Placed) -> bool:
    if suppression.source is None:
        return _matches_patterns(suppression, placed.finding)
    if suppression.source is placed.source:
        if suppression.lines is None:
            return True
        first, _ = placed.source.line_and_column(placed.start)
        last, _ = placed.source.line_and_column(max(placed.start, placed.end - 1))
        return _overlap(suppression.lines, first, last)
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
