"""One unit judged: its documents through the rules that take them, problems made findings with places."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from policylint.admission.kinds.project import ProjectKinds
from policylint.config import Config
from policylint.document.document import Document
from policylint.document.source import EmbeddedSource, RenderedSource
from policylint.lint.fingerprint import fingerprint, stable_path
from policylint.lint.loaded import LoadedRule
from policylint.lint.rule import RuleContext
from policylint.lint.selection import Selection
from policylint.lint.suppressions import Placed
from policylint.model import Finding, Fix, InternalError, Problem, Related, TextFix
from policylint.sources.unit import LoadFailure
from policylint.views.release import Release, Update

WRONG_TYPE = "PRJ006"
_STRUCTURE = ("PRJ", "SUP")
_LONGEST = 2000


class Rulebook(NamedTuple):
    """The active rules of a run, by scope, and what they may know.

    Those that judge documents are grouped by what they judge, so that one look tells a whole group that a document is
    not for it.
    """

    selection: Selection
    by_id: Mapping[str, LoadedRule]
    document_rules: "_DocumentRules"
    release_rules: tuple[LoadedRule, ...]
    project_rules: tuple[LoadedRule, ...]
    update_rules: tuple[LoadedRule, ...]
    gathering: tuple[LoadedRule, ...]
    contexts: Mapping[str, RuleContext]

    @classmethod
    def of(cls, selection: Selection, config: Config, kinds: ProjectKinds) -> "Rulebook":
        active = selection.active
        scoped: dict[str, list[LoadedRule]] = {"document": [], "release": [], "project": [], "update": []}
        grouped: dict[Any, list[LoadedRule]] = {}
        for loaded in active:
            if loaded.check is not None:
                scoped[loaded.rule.scope].append(loaded)
        for loaded in scoped["document"]:
            grouped.setdefault(loaded.rule.judges, []).append(loaded)
        return cls(
            selection,
            {loaded.rule.id: loaded for loaded in active},
            _DocumentRules(tuple(map(tuple, grouped.values()))),
            tuple(scoped["release"]),
            tuple(scoped["project"]),
            tuple(scoped["update"]),
            tuple(loaded for loaded in scoped["project"] if loaded.gather is not None),
            {loaded.rule.id: RuleContext(config, selection.options[loaded.rule.id], kinds) for loaded in active},
        )


class _DocumentRules:
    """The rules that judge documents, in groups, and which of them take a document.

    That depends on its type alone, of which a run meets few.
    """

    def __init__(self, groups: tuple[tuple[LoadedRule, ...], ...]) -> None:
        self._groups = groups
        self._known: dict[tuple[str, str, str], list[list[LoadedRule]]] = {}

    def takers(self, document: Document) -> list[list[LoadedRule]]:
        """The rules of each group that take it, groups that do not left out."""
        key = document.role, document.api_version, document.kind
        found = self._known.get(key)
        if found is None:
            chosen = ([loaded for loaded in group if loaded.rule.takes(document)] for group in self._groups)
            found = self._known[key] = [takers for takers in chosen if takers]
        return found


class Judge:
    """Applies a rulebook. Collects what it cannot decide: errors of rules, and kinds that no rule looks at."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._book = rulebook
        self.errors: list[InternalError] = []
        self.unruled: Counter[str] = Counter()

    def document(self, document: Document, looked: list[str]) -> Iterator[Placed]:
        """The findings of every document rule on `document`; `looked` gets the ids of rules made for its kind."""
        seen: list[Any] = []
        judged: list[tuple[LoadedRule, list[Problem]]] = []
        for takers in self._book.document_rules.takers(document):
            views = self._views(takers[0], document)
            if not views:
                continue
            seen.extend(views)
            for loaded in takers:
                if loaded.rule.family not in _STRUCTURE:
                    looked.append(loaded.rule.id)
                judged.extend((loaded, self._problems(loaded, view, document)) for view in views)
        if not looked and document.kind:
            self.unruled[document.kind] += 1
        judged = [(loaded, problems) for loaded, problems in judged if problems]
        for loaded, problems in self._without_consequences(document, seen, judged):
            yield from self._placed(loaded, document, problems)

    def release(self, label: str, documents: tuple[Document, ...]) -> Iterator[Placed]:
        """The findings of the rules that judge a release as one."""
        applied = tuple(document for document in documents if not isinstance(document.source, EmbeddedSource))
        if not applied:
            return
        for loaded in self._book.release_rules:
            yield from self._pairs(loaded, Release(label, applied), applied[0])

    def gather(self, document: Document) -> Iterator[tuple[str, Hashable]]:
        """What rules about the whole project take from `document`, each with the id of its rule."""
        for loaded in self._book.gathering:
            try:
                fact = loaded.gather(document) if loaded.gather is not None else None
            except Exception as error:  # noqa: BLE001 -- the boundary: a broken rule must not end the run
                self._broken(loaded, document, error)
                continue
            if fact is not None:
                yield loaded.rule.id, fact

    def project(self, loaded: LoadedRule, view: Any, first: Document) -> Iterator[Placed]:
        """The findings of one rule that judges the whole project."""
        yield from self._pairs(loaded, view, first)

    def update(self, update: Update) -> Iterator[Placed]:
        """The findings of the rules that judge a change of one object, on its new document."""
        for loaded in self._book.update_rules:
            if loaded.rule.takes(update.new):
                yield from self._placed(loaded, update.new, self._problems(loaded, update, update.new))

    def failure(self, failure: LoadFailure) -> Finding | None:
        """The finding for an input that could not be loaded, unless its rule was deselected by name."""
        loaded = self._book.by_id.get(failure.rule)
        if loaded is None:
            return None
        rule, selection = loaded.rule, self._book.selection
        finding = Finding(
            failure.location,
            rule.id,
            rule.name,
            selection.severity_of(rule.id),
            failure.message,
            failure.help,
            rule.url,
            None,
            "",
        )
        return finding._replace(fingerprint=fingerprint(finding, ""))

    def _views(self, loaded: LoadedRule, document: Document) -> list[Any]:
        try:
            return list(loaded.rule.judges.of(document))
        except Exception as error:  # noqa: BLE001 -- the boundary: a broken rule must not end the run
            self._broken(loaded, document, error)
            return []

    def _problems(self, loaded: LoadedRule, view: Any, document: Document) -> list[Any]:
        if loaded.check is None:
            return []
        try:
            return list(loaded.check(view, self._book.contexts[loaded.rule.id]))
        except Exception as error:  # noqa: BLE001 -- the boundary: a broken rule must not end the run
            self._broken(loaded, document, error)
            return []

    def _broken(self, loaded: LoadedRule, document: Document, error: Exception) -> None:
        message = f"{type(error).__name__}: {error} (document {document.index + 1}, {document.resource or 'no kind'})"
        self.errors.append(InternalError(loaded.rule.id, document.source.path, message, document.resource))

    def _pairs(self, loaded: LoadedRule, view: Any, first: Document) -> Iterator[Placed]:
        for document, pairs in groupby(self._problems(loaded, view, first), key=itemgetter(0)):
            yield from self._placed(loaded, document, [problem for _, problem in pairs])

    def _without_consequences(
        self, document: Document, views: Iterable[Any], judged: list[tuple[LoadedRule, list[Problem]]]
    ) -> Iterator[tuple[LoadedRule, list[Problem]]]:
        """What was `judged`, and the wrong types that `views` met, without what only follows from a wrong type."""
        wrong = self._book.by_id.get(WRONG_TYPE)
        shapes = {shape.path: shape for view in views for shape in getattr(view, "shape_problems", ())} if wrong else {}
        if not judged and not shapes:
            return
        from policylint.lint.consequences import SCHEMA_RULES, UNTYPED_RULES, Explained

        refused = {each.path for loaded, problems in judged if loaded.rule.id in SCHEMA_RULES for each in problems}
        said = refused.union(
            each.path for loaded, problems in judged if loaded.rule.id in UNTYPED_RULES for each in problems
        )
        misshapen = [shape for path, shape in shapes.items() if path not in said]
        if wrong is not None and misshapen:
            yield wrong, [Problem(shape.path, shape.message) for shape in misshapen]
        if not refused and not misshapen:
            yield from judged
            return
        explained = Explained.of(document, refused, (shape.path for shape in misshapen))
        for loaded, problems in judged:
            yield loaded, [each for each in problems if not explained.follows(loaded.rule.id, each.path)]

    def _placed(self, loaded: LoadedRule, document: Document, problems: Sequence[Problem]) -> Iterator[Placed]:
        rule, selection = loaded.rule, self._book.selection
        fixes = _compiled(document, [problem.fix for problem in problems])
        for problem, fix in zip(problems, fixes, strict=True):
            start, end = document.span(problem.path, problem.at)
            finding = Finding(
                document.source.location(start, end),
                rule.id,
                rule.name,
                selection.severity_of(rule.id, problem.severity),
                _bounded(problem.message),
                _bounded(problem.help),
                rule.url,
                document.resource,
                str(problem.path),
                tuple(Related(document.location(path), message) for path, message in problem.related),
                fix,
            )
            marked = finding._replace(fingerprint=fingerprint(finding, stable_path(document, problem.path)))
            if problem.fix is not None and isinstance(document.source, RenderedSource):
                marked = _with_values_keys(marked, document, problem.fix)
            yield Placed(marked, document.source, start, end)


def _with_values_keys(finding: Finding, document: Document, fix: Fix) -> Finding:
    """The finding with how to make its fix in the chart, for which the chart is rendered again a few times."""
    from policylint.sources.values_keys import how_to_change

    advice = how_to_change(document, fix.operations)
    if advice is None:
        return finding
    help_ = f"{finding.help}; in the chart: {advice.text}" if finding.help else f"in the chart: {advice.text}"
    return finding._replace(help=_bounded(help_), related=(*finding.related, *advice.related))


def _compiled(document: Document, fixes: Sequence[Fix | None]) -> Sequence[TextFix | None]:
    wanted = [fix for fix in fixes if fix is not None]
    if not wanted:
        return [None] * len(fixes)
    from policylint.document.edits import compile_fixes

    compiled = iter(compile_fixes(document, wanted))
    return [None if fix is None else next(compiled) for fix in fixes]


def _bounded(text: str) -> str:
    """`text`, cut where nobody would read on: rules quote values, which may be of any length, before what they say."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[1 - _LONGEST // 2 :]}"
