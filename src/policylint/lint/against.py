"""Changes judged: every object of a run held against the same object as it was."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from policylint.document.document import Document
from policylint.errors import UsageError
from policylint.lint.judge import Judge
from policylint.lint.runner import Judged
from policylint.lint.session import Run
from policylint.lint.suppressions import Placed, Suppression, file_suppressions, has_suppressions, match_suppressions
from policylint.model import Counts
from policylint.paths import exists, is_folder
from policylint.sources.discover import discover
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource, LoadFailure, Target
from policylint.views.release import Update


class _Key(NamedTuple):
    """What stays the same when an object is updated: another version of its group is the same object."""

    group: str
    kind: str
    namespace: str
    name: str


def judge_updates(targets: Sequence[Target], against: str, paths: Sequence[str], run: Run) -> Judged:
    """What the rules about changes say of the objects at `targets`, whose state before lies at `against`.

    `against` is a folder or a git revision; of a revision the files at `paths` are read.
    Raises UsageError when it is neither, or when files of it cannot be read.
    """
    rules = run.rulebook.update_rules
    if not rules:
        return Judged(notes=(f"no selected rule is about changes, so that --against {against} was not looked at",))
    before = _before(against, paths, run)
    judge = Judge(run.rulebook)
    placed: list[Placed] = []
    suppressions: list[Suppression] = []
    held = 0
    for target in targets:
        for loaded in load(target, run.spec.config, run.spec.overlay).sources:
            if not isinstance(loaded, LoadedSource):
                continue
            found = [item for item in loaded.items if isinstance(item, Document)]
            for document in found:
                old = before.get(_key(document))
                if old is not None and any(each.rule.takes(document) for each in rules):
                    held += 1
                    placed.extend(judge.update(Update(old, document)))
            if has_suppressions(loaded.source.text, run.names):
                suppressions.extend(file_suppressions(loaded.source, found, run.names))
    matched = match_suppressions(placed, suppressions, run.spec.today, run.rulebook.selection)
    note = f"{held} {'policy was' if held == 1 else 'policies were'} held against {against}"
    return Judged(
        matched.kept,
        Counts(suppressed=len(matched.suppressed)),
        errors=tuple(judge.errors),
        used=matched.used,
        notes=(note,),
    )


def _before(against: str, paths: Sequence[str], run: Run) -> dict[_Key, Document]:
    if is_folder(Path(against)):
        return dict(_objects([against], against, run))
    from policylint.sources.revision import revision_tree

    named = [Path(path) for path in paths if path != "-"] or [Path()]
    with revision_tree(named[0], against, named, missing_ok=True) as tree:
        places = [tree.place_of(path) for path in named]
        return dict(_objects([str(place) for place in places if place is not None and exists(place)], against, run))


def _objects(paths: Sequence[str], against: str, run: Run) -> Iterator[tuple[_Key, Document]]:
    for target in discover(paths, run.spec.config).targets:
        for loaded in load(target, run.spec.config, {}).sources:
            if isinstance(loaded, LoadFailure):
                raise UsageError(f"--against {against}: {loaded.location.path}: {loaded.message}")
            if isinstance(loaded, LoadedSource):
                for item in loaded.items:
                    if isinstance(item, LoadFailure):
                        place = f"{item.location.path}:{item.location.line}"
                        raise UsageError(f"--against {against}: {place}: {item.message}")
                    if isinstance(item, Document) and item.kind:
                        yield _key(item), item


def _key(document: Document) -> _Key:
    resource = document.resource
    if resource is None:
        return _Key(document.group, document.kind, "", "")
    return _Key(document.group, resource.kind, resource.namespace or "", resource.name)
