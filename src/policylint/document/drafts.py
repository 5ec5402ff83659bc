"""The text of a document while fixes are tried on it, and what they come to as splices of the text as it was."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.document.compose import ComposedDocument, Node, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.document import Document
from policylint.document.layout import Declined, Layout, Splice
from policylint.document.operations import Inapplicable, apply_operation
from policylint.document.pieces import Pieces, spliced
from policylint.document.positions import walk
from policylint.document.scalars import Dialect
from policylint.document.splice import splices_for
from policylint.model import Operation, RemoveKey, YamlPath

# how many characters are read again, at most, for all fixes of one document: some seconds' worth
_MOST_READ = 8_000_000

Operations = Sequence[Operation]


class _Beginning(NamedTuple):
    """The text before any fix: its documents, and which of them is meant."""

    text: str
    datas: Sequence[Any]
    ordinal: int
    layout: Layout
    dialect: Dialect


class Compiler:
    """Turns operations on `document` into splices of its text. Raises Declined or ConstructError when none can be."""

    def __init__(self, document: Document) -> None:
        text = document.source.text[document.base :]
        roots = _roots(text)
        ordinal, self._prefix = _locate(roots, document)
        dialect = document.dialect
        datas = [construct(root, dialect).data for root in roots]
        self._start = _Beginning(text, datas, ordinal, Layout(text, roots[ordinal], dialect), dialect)
        self._left = _MOST_READ

    def splices(self, fixes: Sequence[Operations]) -> list[list[Splice]]:
        """The splices of each fix, in order of place; none where it changes nothing or cannot be carried out."""
        found: dict[int, list[Splice]] = {}
        prefixed = [[each._replace(path=self._prefix / each.path) for each in operations] for operations in fixes]
        same: dict[str, int] = {}
        known = [same.setdefault(repr(operations), index) for index, operations in enumerate(prefixed)]
        waiting: dict[int, Operations] = {index: prefixed[index] for index in same.values()}
        while len(waiting) > 1 and self._left > 0:
            later = self._together(waiting, found)
            if len(later) == len(waiting):
                break
            waiting = later
        for index, operations in waiting.items():
            if self._left > 0:
                found[index] = self._alone(operations)
        return [found.get(index, []) for index in known]

    def _together(self, fixes: Mapping[int, Operations], found: dict[int, list[Splice]]) -> dict[int, Operations]:
        """Notes in `found` what fixes come to that need no reading in between; returns the others."""
        draft = _Draft(self._start)
        later: dict[int, Operations] = {}
        taken: dict[int, list[Splice]] = {}
        for index, operations in fixes.items():
            try:
                splices = draft.at_once(operations)
            except Declined:
                found[index] = []
                continue
            if splices is None:
                later[index] = operations
            else:
                taken[index] = splices
        try:
            draft.settle()
        except (Declined, ConstructError):
            self._left -= draft.read
            if len(taken) > 1 and self._left > 0:
                # one of them is not what it should be: each half is asked by itself
                indexes = list(taken)
                for half in (indexes[: len(indexes) // 2], indexes[len(indexes) // 2 :]):
                    self._together({index: fixes[index] for index in half}, found)
        else:
            self._left -= draft.read
            found.update({index: draft.net(splices) for index, splices in taken.items()})
        return later

    def _alone(self, operations: Operations) -> list[Splice]:
        draft = _Draft(self._start)
        try:
            for operation in _in_waves(operations):
                draft.carry_out(operation)
            draft.settle()
        except (Declined, ConstructError):
            return []
        finally:
            self._left -= draft.read
        return draft.pieces.splices(len(self._start.text))


class _Draft:
    """The text while it is edited. Operations on unrelated collections are made in one go and read again once."""

    def __init__(self, start: _Beginning) -> None:
        self.pieces = Pieces(len(start.text))
        self.read = 0
        self._start = start
        self._text = start.text
        self._datas = list(start.datas)
        self._layout = start.layout
        self._pending: list[Splice] = []
        self._parents: set[YamlPath] = set()
        self._above: set[YamlPath] = set()

    def carry_out(self, operation: Operation) -> None:
        if self._related(operation.path.parent):
            self.settle()
        wanted = self._wanted(self._data, operation)
        if _same(wanted, self._data):
            return
        splices = splices_for(self._layout, operation)
        if self._touches(splices):
            self.settle()
            splices = splices_for(self._layout, operation)
        self._data = wanted
        self._take([operation], splices)

    def at_once(self, operations: Operations) -> list[Splice] | None:
        """The splices of all operations as the text is now; None when that must settle first. Raises Declined."""
        parents = [operation.path.parent for operation in operations]
        if any(self._related(parent) for parent in parents) or _waves(operations).count(0) < len(operations):
            return None
        data, splices = self._data, []
        changing = []
        for operation in operations:
            wanted = self._wanted(data, operation)
            if not _same(wanted, data):
                splices += splices_for(self._layout, operation)
                changing.append(operation)
                data = wanted
        splices.sort(key=_place)
        if self._touches(splices) or any(map(_touch, splices, splices[1:])):
            return None
        self._data = data
        self._take(changing, splices)
        return splices

    def settle(self) -> None:
        """Makes the pending splices and reads the text again. Raises Declined unless it says what it should."""
        if not self._pending:
            return
        self.read += len(self._text)
        self._text = spliced(self._text, self._pending)
        self.pieces.apply(self._pending)
        roots = _roots(self._text)
        if not _same([construct(root, self._start.dialect).data for root in roots], self._datas):
            raise Declined
        self._layout = Layout(self._text, roots[self._start.ordinal], self._start.dialect)
        self._pending, self._parents, self._above = [], set(), set()

    def net(self, splices: Sequence[Splice]) -> list[Splice]:
        """`splices` of the text as it was at the beginning, without those that come to nothing."""
        pieces = Pieces(len(self._start.text))
        pieces.apply(splices)
        return pieces.splices(len(self._start.text))

    @property
    def _data(self) -> Any:
        return self._datas[self._start.ordinal]

    @_data.setter
    def _data(self, data: Any) -> None:
        self._datas[self._start.ordinal] = data

    def _wanted(self, data: Any, operation: Operation) -> Any:
        try:
            return apply_operation(data, operation)
        except Inapplicable as reason:
            if isinstance(operation, RemoveKey):
                return data  # what is to be removed is gone already
            raise Declined from reason

    def _take(self, operations: Operations, splices: Iterable[Splice]) -> None:
        for splice in splices:
            insort(self._pending, splice, key=_place)
        for parent in (operation.path.parent for operation in operations):
            self._parents.add(parent)
            self._above.update(_prefixes(parent))

    def _related(self, parent: YamlPath) -> bool:
        """Whether the collection at `parent` lies in one that was changed since the last reading, or around one."""
        return parent in self._above or any(path in self._parents for path in (*_prefixes(parent), parent))

    def _touches(self, splices: Iterable[Splice]) -> bool:
        """Whether one of `splices` touches a pending one; these do not overlap."""
        for splice in splices:
            at = bisect_left(self._pending, splice.start, key=lambda other: other.end)
            if at < len(self._pending) and _touch(splice, self._pending[at]):
                return True
        return False


def _place(splice: Splice) -> tuple[int, int]:
    return splice.start, splice.end


def _touch(one: Splice, other: Splice) -> bool:
    return one.start <= other.end and other.start <= one.end


def _prefixes(path: YamlPath) -> list[YamlPath]:
    return [YamlPath(path[:depth]) for depth in range(len(path))]


def _in_waves(operations: Operations) -> list[Operation]:
    """The operations in an order that means the same, those of unrelated collections side by side."""
    waves = _waves(operations)
    return [operations[index] for index in sorted(range(len(operations)), key=waves.__getitem__)]


def _waves(operations: Operations) -> list[int]:
    """For each operation, how many before it must be made one after the other: those in or around its collection."""
    at: dict[YamlPath, int] = {}
    below: dict[YamlPath, int] = {}
    waves = []
    for parent in (operation.path.parent for operation in operations):
        above = _prefixes(parent)
        wave = max([below.get(parent, 0), *(at.get(path, 0) for path in (*above, parent))])
        waves.append(wave)
        at[parent] = wave + 1
        for path in above:
            below[path] = max(below.get(path, 0), wave + 1)
    return waves


def _roots(text: str) -> list[Node]:
    """The documents of the chunk at the start of `text` (more than one only where `...` or a directive parts them)."""
    roots = []
    for composed in compose(text):
        if not isinstance(composed, ComposedDocument) or composed.base != 0:
            break
        roots.append(composed.node)
    return roots


def _locate(roots: Sequence[Node], document: Document) -> tuple[int, YamlPath]:
    """Which root holds the document, and where: an item of a List is a document of its own."""
    wanted = document.node
    for ordinal, root in enumerate(roots):
        if root.start_mark.index <= wanted.start_mark.index and wanted.end_mark.index <= root.end_mark.index:
            for path, node in walk(root, document.dialect):
                if (type(node), node.start_mark.index, node.end_mark.index) == (
                    type(wanted),
                    wanted.start_mark.index,
                    wanted.end_mark.index,
                ):
                    return ordinal, path
    raise Declined


def _same(left: Any, right: Any) -> bool:
    """Equality that tells true from 1 and 1 from 1.0, and in which NaN equals itself."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(
            one is two or _same(one, two) for one, two in zip(left, right, strict=True)
        )
    return bool(left == right or (left != left and right != right))
