"""A run of `check`: each target judged, and what they came to gathered into one result."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policylint.document.document import Document
from policylint.lint.judge import Judge
from policylint.lint.rule import Rule
from policylint.lint.session import Run
from policylint.lint.suppressions import (
    Placed,
    Suppression,
    file_suppressions,
    has_suppressions,
    match_suppressions,
    may_suppress,
)
from policylint.model import Counts, Finding, InternalError, Location, NotJudged
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource, LoadFailure, Target, Unit
from policylint.views.release import Project

_KYVERNO_GROUPS = ("kyverno.io", "policies.kyverno.io")


class JudgedDocument(NamedTuple):
    """A record of one document: where it is, what it is called, and the rules made for its kind that judged it."""

    path: str
    line: int
    label: str
    rules: tuple[str, ...]


class Judged(NamedTuple):
    """What one or several targets came to; picklable, so that worker processes can hand it over.

    `kinds` are the kinds found at each target, as `group/Kind` (`/workflow` for what has no kind); `unruled` counts
    kinds that no rule is about; `used` are the places of suppressions that kept something back; `texts` are the files
    that findings have fixes for, when a run asks for them; `facts` are what rules about the whole project gathered,
    each with its rule's id.
    """

    findings: tuple[Finding, ...] = ()
    counts: Counts = Counts()
    not_judged: tuple[NotJudged, ...] = ()
    errors: tuple[InternalError, ...] = ()
    unruled: tuple[tuple[str, int], ...] = ()
    kinds: Mapping[str, frozenset[str]] = {}
    documents: tuple[JudgedDocument, ...] = ()
    used: frozenset[Location] = frozenset()
    texts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    facts: frozenset[tuple[str, Hashable]] = frozenset()


def judge_target(target: Target, run: Run) -> Judged:
    """Everything about one target."""
    return judge_unit(load(target, run.spec.config, run.spec.overlay), run, target.only)


def judge_unit(unit: Unit, run: Run, only: tuple[str, ...] = ()) -> Judged:
    """Everything about one unit; `only` limits findings in charts to these files."""
    gathering = _Gathering(run, unit.label)
    documents: list[Document] = []
    for loaded in unit.sources:
        gathering.take(loaded, documents if unit.release else None)
    if unit.release:
        gathering.release(unit.label, documents)
    judged = gathering.result(only)._replace(notes=unit.notes)
    if unit.render is not None:
        judged = judged._replace(findings=tuple(found._replace(renders=unit.render) for found in judged.findings))
    return judged


class _Gathering:
    """The mutable middle of judging one unit."""

    def __init__(self, run: Run, label: str) -> None:
        self._run = run
        self._label = label
        self._judge = Judge(run.rulebook)
        self._placed: list[Placed] = []
        self._failures: list[Finding] = []
        self._suppressions: list[Suppression] = []
        self._not_judged: list[NotJudged] = []
        self._kinds: set[str] = set()
        self._documents = 0
        self._unmatched = 0
        self._unparsed = 0
        self._records: list[JudgedDocument] = []
        self._facts: set[tuple[str, Hashable]] = set()

    def take(self, loaded: LoadedSource | LoadFailure | NotJudged, release: list[Document] | None) -> None:
        if isinstance(loaded, LoadFailure):
            self._failure(loaded)
        elif isinstance(loaded, NotJudged):
            self._not_judged.append(loaded)
        else:
            self._source(loaded, release)

    def release(self, label: str, documents: Sequence[Document]) -> None:
        self._placed.extend(self._judge.release(label, tuple(documents)))

    def _source(self, loaded: LoadedSource, release: list[Document] | None) -> None:
        kept: list[Document] | None = [] if has_suppressions(loaded.source.text, self._run.names) else None
        for item in loaded.items:
            if isinstance(item, LoadFailure):
                self._failure(item)
            elif isinstance(item, NotJudged):
                self._not_judged.append(item)
                self._documents += 1
                self._unmatched += 1
            else:
                self._document(item, release)
                if kept is not None and may_suppress(item, self._run.names):
                    kept.append(item)
                if release is not None:
                    release.append(item)
        if kept is not None:
            self._suppressions.extend(file_suppressions(loaded.source, kept, self._run.names))

    def _document(self, document: Document, release: list[Document] | None) -> None:
        self._documents += 1
        self._kinds.add(f"{document.group}/{document.kind or document.role}")
        self._facts.update(self._judge.gather(document))
        looked: list[str] = []
        self._placed.extend(self._judge.document(document, looked))
        if self._run.spec.record:
            place = document.location()
            label = str(document.resource) if document.resource is not None else ""
            self._records.append(JudgedDocument(place.path, place.line, label, tuple(looked)))
        if document.group in _KYVERNO_GROUPS:
            from policylint.admission.kyverno.permissions import questions

            self._not_judged.extend(questions(document))
        if release is None:
            self._placed.extend(self._judge.release(document.source.path, (document,)))

    def _failure(self, failure: LoadFailure) -> None:
        self._unparsed += 1
        finding = self._judge.failure(failure)
        if finding is not None:
            self._failures.append(finding)

    def result(self, only: tuple[str, ...]) -> Judged:
        selection, today = self._run.rulebook.selection, self._run.spec.today
        unread = {finding.location.path for finding in self._failures}
        matched = match_suppressions(self._placed, self._suppressions, today, selection, unread)
        findings = [*matched.kept, *matched.problems]
        if only:
            findings = [finding for finding in findings if finding.location.path in only]
        findings += self._failures  # wherever they are: what could not be loaded was not judged either
        counts = Counts(
            files=1,
            documents=self._documents,
            judged=self._documents - self._unmatched,
            unparsed=self._unparsed,
            unmatched=self._unmatched,
            suppressed=len(matched.suppressed),
        )
        return Judged(
            tuple(f for f in findings if f.rule not in selection.ignored_for(f.location.path)),
            counts,
            tuple(self._not_judged),
            tuple(self._judge.errors),
            tuple(self._judge.unruled.items()),
            {self._label: frozenset(self._kinds)},
            tuple(self._records),
            matched.used,
            tuple(self._texts(findings)) if self._run.spec.fixing else (),
            facts=frozenset(self._facts),
        )

    def _texts(self, findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
        wanted = {edit.path for finding in findings if finding.fix is not None for edit in finding.fix.edits}
        sources = {placed.source.path: placed.source for placed in self._placed}
        sources.update({each.source.path: each.source for each in self._suppressions if each.source is not None})
        for path in wanted:
            text = sources[path].file_text
            if text is not None:
                yield path, text


def merge(parts: Iterable[Judged]) -> Judged:
    """Several results as one."""
    findings: list[Finding] = []
    not_judged: list[NotJudged] = []
    errors: list[InternalError] = []
    unruled: Counter[str] = Counter()
    kinds: dict[str, frozenset[str]] = {}
    documents: list[JudgedDocument] = []
    used: set[Location] = set()
    texts: list[tuple[str, str]] = []
    notes: dict[str, None] = {}
    facts: set[tuple[str, Hashable]] = set()
    counts = Counts()
    for part in parts:
        findings.extend(part.findings)
        not_judged.extend(part.not_judged)
        errors.extend(part.errors)
        unruled.update(dict(part.unruled))
        for shown, found in part.kinds.items():
            kinds[shown] = kinds.get(shown, frozenset()) | found
        documents.extend(part.documents)
        used |= part.used
        texts.extend(part.texts)
        notes.update(dict.fromkeys(part.notes))
        facts |= part.facts
        counts = counts.plus(part.counts)
    return Judged(
        tuple(findings),
        counts,
        tuple(not_judged),
        tuple(errors),
        tuple(sorted(unruled.items())),
        kinds,
        tuple(documents),
        frozenset(used),
        tuple(texts),
        tuple(notes),
        frozenset(facts),
    )


def judge_project(targets: Sequence[Target], before: Judged, run: Run) -> Judged:
    """What the rules that need the whole project say.

    `before` is what the targets came to one by one: only those with a kind that a rule asks for are read once more.
    """
    kinds = before.kinds
    everywhere = frozenset().union(*kinds.values())
    rules = [loaded for loaded in run.rulebook.project_rules if _wanted(loaded.rule, everywhere)]
    if not rules:
        return Judged()
    targets = [each for each in targets if any(_has(loaded.rule.kinds, kinds.get(each.shown)) for loaded in rules)]
    documents: list[Document] = []
    suppressions: list[Suppression] = []
    for target in targets:
        for loaded in load(target, run.spec.config, run.spec.overlay).sources:
            if isinstance(loaded, LoadedSource):
                found = [item for item in loaded.items if isinstance(item, Document)]
                documents.extend(each for each in found if any(rule.rule.takes(each) for rule in rules))
                if has_suppressions(loaded.source.text, run.names):
                    suppressions.extend(file_suppressions(loaded.source, found, run.names))
    judge = Judge(run.rulebook)
    placed: list[Placed] = []
    for rule in rules:
        chosen = tuple(document for document in documents if rule.rule.takes(document))
        if chosen:
            facts = frozenset(fact for taker, fact in before.facts if taker == rule.rule.id)
            placed.extend(judge.project(rule, Project(chosen, facts), chosen[0]))
    # whether a comment is of use was decided with its file, so that only what is kept back matters here
    matched = match_suppressions(placed, suppressions, run.spec.today, run.rulebook.selection)
    counts = Counts(suppressed=len(matched.suppressed))
    return Judged(matched.kept, counts, errors=tuple(judge.errors), used=matched.used)


def _wanted(rule: Rule, kinds: frozenset[str]) -> bool:
    return _has(rule.kinds, kinds) and _has(rule.needs, kinds)


def _has(wanted: tuple[str, ...], kinds: frozenset[str] | None) -> bool:
    """Whether one of `wanted` is among `kinds`; everything is when nothing is wanted or nothing is known."""
    if not wanted or kinds is None:
        return True
    ends = [each.rpartition("/") for each in wanted]
    return any(
        kind.startswith(f"{group}/") if name == "*" else kind.endswith(f"/{name}")
        for group, _, name in ends
        for kind in kinds
    )
