"""Fixes as text edits: symbolic operations carried out by splicing, so that comments, quoting and line endings survive.

Nothing is emitted on trust: the edited text is read again, and unless it says exactly what the operation says of the
data, there is no fix.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from policylint.document.compose import ComposedDocument, Node, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.document import Document
from policylint.document.layout import Declined, Layout, Splice
from policylint.document.pieces import Pieces
from policylint.document.positions import walk
from policylint.document.scalars import Dialect
from policylint.document.splice import splices_for
from policylint.model import Edit, Fix, Operation, PathStep, RemoveKey, SetValue, TextFix, Wrap, YamlPath


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` with every edit made; insertions at one place keep their order. Raises ValueError when edits overlap."""
    return _spliced(text, [Splice(edit.start, edit.end, edit.text) for edit in edits])


def compile_fix(document: Document, fix: Fix) -> TextFix | None:
    """The text edits that carry out `fix`, in order of place, with offsets into the file's text.

    None when there is nothing to do, or when it cannot be done exactly: text that is not the user's file (rendered or
    embedded), anchors and merge keys that would change other places, a null where a mapping is needed, or any syntax
    for which the edited text does not read back as the operations say.
    """
    if document.source.file_text is None:
        return None
    text = document.source.text[document.base :]
    try:
        splices = _carry_out(text, document, fix.operations)
    except (Declined, ConstructError):
        return None
    edits = []
    for splice in splices:
        span = document.source.editable_span(document.base + splice.start, document.base + splice.end)
        if span is None:
            return None
        edits.append(Edit(document.source.path, *span, splice.text))
    return TextFix(fix.title, fix.safe, tuple(edits)) if edits else None


class Inapplicable(Exception):  # noqa: N818 -- an outcome, not an error
    """The data has no place for the operation."""


def apply_operation(data: Any, operation: Operation) -> Any:
    """What `operation` makes of plain data, which is left as it is. Raises Inapplicable."""
    if isinstance(operation, SetValue):
        return _changed(data, operation.path, lambda _: operation.value, create=True)
    if isinstance(operation, Wrap):
        return _changed(data, operation.path, lambda value: _wrapped(value, operation.key))
    if not operation.path:
        raise Inapplicable
    last = operation.path[-1]
    if isinstance(operation, RemoveKey):
        return _changed(data, operation.path.parent, lambda parent: _without(parent, last))
    return _changed(data, operation.path.parent, lambda parent: _renamed(parent, last, operation.name))


def _changed(data: Any, path: Sequence[PathStep], change: Any, create: bool = False) -> Any:
    if not path:
        return change(data)
    step, rest = path[0], path[1:]
    if isinstance(data, dict) and isinstance(step, str):
        if step not in data and not create:
            raise Inapplicable
        below = data.get(step, {})
        return {**data, step: _changed(below, rest, change, create)}
    if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
        return [*data[:step], _changed(data[step], rest, change, create), *data[step + 1 :]]
    raise Inapplicable


def _without(parent: Any, step: PathStep) -> Any:
    if isinstance(parent, dict) and step in parent:
        return {key: value for key, value in parent.items() if key != step}
    if isinstance(parent, list) and isinstance(step, int) and 0 <= step < len(parent):
        return [*parent[:step], *parent[step + 1 :]]
    raise Inapplicable


def _renamed(parent: Any, step: PathStep, name: str) -> Any:
    if not isinstance(parent, dict) or step not in parent or (name in parent and name != step):
        raise Inapplicable
    return {name if key == step else key: value for key, value in parent.items()}


def _wrapped(value: Any, key: str | None) -> Any:
    return [value] if key is None else {key: value}


def _carry_out(text: str, document: Document, operations: Sequence[Operation]) -> list[Splice]:
    """The splices of `text` for all operations. Raises Declined or ConstructError."""
    roots = _roots(text)
    ordinal, prefix = _locate(roots, document)
    draft = _Draft(text, roots, ordinal, document.dialect)
    for operation in operations:
        draft.carry_out(operation._replace(path=prefix / operation.path))
    draft.settle()
    return draft.pieces.splices(len(text))


class _Draft:
    """The text while it is edited. Operations on unrelated collections are made in one go and read again once."""

    def __init__(self, text: str, roots: list[Node], ordinal: int, dialect: Dialect) -> None:
        self.pieces = Pieces(len(text))
        self._text = text
        self._ordinal = ordinal
        self._dialect = dialect
        self._datas = [construct(root, dialect).data for root in roots]
        self._layout = Layout(text, roots[ordinal], dialect)
        self._pending: list[Splice] = []
        self._parents: set[YamlPath] = set()
        self._above: set[YamlPath] = set()

    def carry_out(self, operation: Operation) -> None:
        parent = operation.path.parent
        if self._related(parent):
            self.settle()
        before = self._datas[self._ordinal]
        try:
            wanted = apply_operation(before, operation)
        except Inapplicable as reason:
            if isinstance(operation, RemoveKey):
                return  # what is to be removed is gone already
            raise Declined from reason
        if _same(wanted, before):
            return
        splices = splices_for(self._layout, operation)
        if any(_touch(splice, other) for splice in splices for other in self._pending):
            self.settle()
            splices = splices_for(self._layout, operation)
        self._datas[self._ordinal] = wanted
        self._pending += splices
        self._parents.add(parent)
        self._above.update(YamlPath(parent[:depth]) for depth in range(len(parent)))

    def _related(self, parent: YamlPath) -> bool:
        """Whether the collection at `parent` lies in one that was changed since the last reading, or around one."""
        around = (YamlPath(parent[:depth]) for depth in range(len(parent) + 1))
        return parent in self._above or any(path in self._parents for path in around)

    def settle(self) -> None:
        """Makes the pending splices and reads the text again. Raises Declined unless it says what it should."""
        if not self._pending:
            return
        splices = sorted(self._pending, key=lambda splice: (splice.start, splice.end))
        self._text = _spliced(self._text, splices)
        self.pieces.apply(splices)
        roots = _roots(self._text)
        if not _same([construct(root, self._dialect).data for root in roots], self._datas):
            raise Declined
        self._layout = Layout(self._text, roots[self._ordinal], self._dialect)
        self._pending, self._parents, self._above = [], set(), set()


def _touch(one: Splice, other: Splice) -> bool:
    return one.start <= other.end and other.start <= one.end


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
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right or (left != left and right != right))


def _spliced(text: str, splices: Iterable[Splice]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, new in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if start < position or end < start:
            raise ValueError(f"the edit of characters {start} to {end} overlaps one that ends at {position}")
        parts += text[position:start], new
        position = end
    return "".join([*parts, text[position:]])
