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
from policylint.document.positions import walk
from policylint.document.scalars import Dialect
from policylint.document.splice import splices_for
from policylint.model import Edit, Fix, Operation, PathStep, RemoveKey, RenameKey, SetValue, TextFix, YamlPath


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


def _carry_out(text: str, document: Document, operations: Sequence[Operation]) -> list[Splice]:
    """The splices of `text` for all operations. Raises Declined or ConstructError."""
    roots = _roots(text)
    ordinal, prefix = _locate(roots, document)
    datas = [construct(root, document.dialect).data for root in roots]
    pieces: list[_Piece] = [(0, len(text), None)]
    current = text
    for operation in operations:
        prefixed = operation._replace(path=prefix / operation.path)
        try:
            wanted = apply_operation(datas[ordinal], prefixed)
        except Inapplicable as reason:
            if isinstance(operation, SetValue | RenameKey):
                raise Declined from reason
            continue  # what is to be removed is gone already
        if _same(wanted, datas[ordinal]):
            continue
        splices = splices_for(Layout(current, roots[ordinal], document.dialect), prefixed)
        current = _spliced(current, splices)
        for splice in reversed(splices):
            pieces = [*_cut(pieces, 0, splice.start), (0, 0, splice.text), *_cut(pieces, splice.end, None)]
        datas[ordinal] = wanted
        roots = _verified(current, datas, document.dialect)
    return _merged(pieces, len(text))


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


def _verified(text: str, datas: Sequence[Any], dialect: Dialect) -> list[Node]:
    """The roots of the edited text. Raises Declined unless they say what `datas` say."""
    roots = _roots(text)
    if not _same([construct(root, dialect).data for root in roots], list(datas)):
        raise Declined
    return roots


def _same(left: Any, right: Any) -> bool:
    """Equality that tells true from 1 and 1 from 1.0, and in which NaN equals itself."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right or (left != left and right != right))


# A stretch [start, end) of the original text, or new text.
_Piece = tuple[int, int, str | None]


def _length(piece: _Piece) -> int:
    start, end, text = piece
    return end - start if text is None else len(text)


def _cut(pieces: Sequence[_Piece], start: int, end: int | None) -> list[_Piece]:
    """The pieces that make up [start, end) of the text that `pieces` spell."""
    kept: list[_Piece] = []
    position = 0
    for piece in pieces:
        length = _length(piece)
        low = max(start - position, 0)
        high = length if end is None else min(end - position, length)
        if low < high:
            first, _, text = piece
            kept.append((first + low, first + high, None) if text is None else (0, 0, text[low:high]))
        position += length
    return kept


def _merged(pieces: Sequence[_Piece], length: int) -> list[Splice]:
    """The splices of the original text, `length` characters long, that `pieces` come to."""
    splices: list[Splice] = []
    position, pending = 0, ""
    for start, end, text in [*pieces, (length, length, None)]:
        if text is not None:
            pending += text
            continue
        if pending or start != position:
            splices.append(Splice(position, start, pending))
        position, pending = end, ""
    return splices


def _spliced(text: str, splices: Iterable[Splice]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, new in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if start < position or end < start:
            raise ValueError(f"the edit of characters {start} to {end} overlaps one that ends at {position}")
        parts += text[position:start], new
        position = end
    return "".join([*parts, text[position:]])
