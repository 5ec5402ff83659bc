"""Fixes as text edits: symbolic operations carried out by splicing, so that comments, quoting and line endings survive.

Nothing is emitted on trust: the edited text is read again, and unless it says exactly what the operation says of the
data, there is no fix.
"""

from collections.abc import Iterable, Sequence

from policylint.document.construct import ConstructError
from policylint.document.document import Document
from policylint.document.drafts import Compiler
from policylint.document.layout import Declined, Splice
from policylint.document.pieces import spliced
from policylint.model import Edit, Fix, TextFix


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` with every edit made; insertions at one place keep their order. Raises ValueError when edits overlap."""
    return spliced(text, [Splice(edit.start, edit.end, edit.text) for edit in edits])


def compile_fix(document: Document, fix: Fix) -> TextFix | None:
    """The text edits that carry out `fix`, in order of place, with offsets into the file's text.

    None when there is nothing to do, or when it cannot be done exactly: text that is not the user's file (rendered or
    embedded), anchors and merge keys that would change other places, a null where a mapping is needed, or any syntax
    for which the edited text does not read back as the operations say.
    """
    return compile_fixes(document, (fix,))[0]


def compile_fixes(document: Document, fixes: Sequence[Fix]) -> list[TextFix | None]:
    """What `compile_fix` says of each. Fixes of unrelated places are read back together, so that many cost little more
    than one; where they relate and would be read back too often for a text of this size, the rest get None.
    """
    if document.source.file_text is None:
        return [None] * len(fixes)
    try:
        compiler = Compiler(document)
    except (Declined, ConstructError):
        return [None] * len(fixes)
    known = compiler.splices([fix.operations for fix in fixes])
    return [_concrete(document, fix, splices) for fix, splices in zip(fixes, known, strict=True)]


def _concrete(document: Document, fix: Fix, splices: Iterable[Splice]) -> TextFix | None:
    edits = []
    for splice in splices:
        span = document.source.editable_span(document.base + splice.start, document.base + splice.end)
        if span is None:
            return None
        edits.append(Edit(document.source.path, *span, splice.text))
    return TextFix(fix.title, fix.safe, tuple(edits)) if edits else None
