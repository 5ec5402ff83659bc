"""The tests that a run of `check` stands for: which there are, how they are called, and which of them fail."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from policylint.lint.check import CheckResult
from policylint.model import SEVERITIES, Finding, ResourceId, Severity
from policylint.report.escape import visible

Granularity = Literal["rule", "resource", "file"]

# the test of a document that no selected rule is about: that it could be read, and means one thing only
STRUCTURE = "structure"
_WHOLE_FILE = "policylint"


class Verdict(NamedTuple):
    """One test. Its id is the file's path, `resource` (unless empty) and `name`; `words` are further names for `-k`.

    `errors` are messages of rules that broke and gave no verdict; with one of them the test fails, as it does with a
    finding that is severe enough.
    """

    resource: str
    name: str
    line: int
    words: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    errors: tuple[str, ...] = ()
    fails: bool = False


class _Place(NamedTuple):
    """What verdicts are told apart by: the file's path as shown, the resource's label, and the rule's id."""

    path: str
    label: str
    rule: str


def verdicts_by_file(result: CheckResult, granularity: Granularity) -> dict[Path, tuple[Verdict, ...]]:
    """The tests of every file that has any, by its absolute path: in the order of documents, then of rules."""
    findings: dict[_Place, list[Finding]] = defaultdict(list)
    errors: dict[_Place, list[str]] = defaultdict(list)
    for finding in result.report.findings:
        findings[_Place(finding.location.path, _label(finding.resource), finding.rule)].append(finding)
    for error in result.report.errors:
        errors[_Place(error.path, _label(error.resource), error.rule)].append(error.message)
    fail_on = result.run.spec.config.fail_on
    names = {rule_id: loaded.rule.name for rule_id, loaded in result.run.rulebook.by_id.items()}
    by_file: dict[Path, tuple[Verdict, ...]] = {}
    for path, lines in _lines(result, findings, errors).items():
        verdicts = []
        for resource, rules in lines.items():
            for rule, line in sorted(rules.items()):
                place = _Place(path, resource, rule)
                found, broken = tuple(findings.get(place, ())), tuple(errors.get(place, ()))
                fails = bool(broken) or _severe(found, fail_on)
                words = (names[rule],) if rule in names else ()
                verdicts.append(Verdict(resource, rule or _WHOLE_FILE, line, words, found, broken, fails))
        # pytest knows files by normalised absolute paths, links in them not followed
        by_file[Path(os.path.abspath(path))] = tuple(_grouped(verdicts, granularity))  # noqa: PTH100
    return by_file


def _label(resource: ResourceId | None) -> str:
    return fit(str(resource)) if resource is not None else ""


def fit(name: str) -> str:
    """`name` as a part of a test's id: on one line, and without what pytest would take for the id's own form."""
    return visible(name).replace("[", "(").replace("]", ")").replace("::", ":")


def _lines(result: CheckResult, *places: Mapping[_Place, Sequence[object]]) -> dict[str, dict[str, dict[str, int]]]:
    """The line of every test, by path, resource and rule: of its document, or of the finding that has no document."""
    lines: dict[str, dict[str, dict[str, int]]] = {}
    for document in result.documents:
        rules = lines.setdefault(document.path, {}).setdefault(fit(document.label), {})
        for rule in document.rules or (STRUCTURE,):
            rules.setdefault(rule, document.line)
    for path, resource, rule in (place for each in places for place in each):
        rules = lines.setdefault(path, {}).setdefault(resource, {})
        if rule not in rules:
            rules[rule] = next(iter(rules.values()), 1)
    return lines


def _severe(findings: Iterable[Finding], fail_on: Severity) -> bool:
    bar = SEVERITIES.index(fail_on)
    return any(SEVERITIES.index(finding.severity) <= bar for finding in findings)


def _grouped(verdicts: Sequence[Verdict], granularity: Granularity) -> Iterator[Verdict]:
    if granularity == "rule":
        yield from verdicts
        return
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[(granularity == "resource" and verdict.resource) or _WHOLE_FILE].append(verdict)
    for name, members in groups.items():
        yield Verdict(
            "",
            name,
            members[0].line,
            tuple(dict.fromkeys(word for each in members for word in (each.resource, each.name, *each.words) if word)),
            tuple(finding for each in members for finding in each.findings),
            tuple(error for each in members for error in each.errors),
            any(each.fails for each in members),
        )
