"""What an edited text is made of: stretches of the original one, and new text in between."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from policylint.document.layout import Splice


class _Piece(NamedTuple):
    """A stretch [start, end) of the original text, or new text."""

    start: int
    end: int
    text: str | None = None

    @property
    def length(self) -> int:
        return self.end - self.start if self.text is None else len(self.text)

    def cut(self, low: int, high: int) -> "_Piece":
        if self.text is None:
            return _Piece(self.start + low, self.start + high)
        return _Piece(0, 0, self.text[low:high])


class Pieces:
    """Starts as the whole of an original text that is `length` characters long."""

    def __init__(self, length: int) -> None:
        self._pieces = [_Piece(0, length)]

    def apply(self, splices: Sequence[Splice]) -> None:
        """Makes `splices` of the text as it is by now; they are in order of place and do not overlap."""
        ends = list(accumulate(piece.length for piece in self._pieces))
        made: list[_Piece] = []
        position = 0
        for splice in splices:
            made += self._between(ends, position, splice.start)
            made.append(_Piece(0, 0, splice.text))
            position = splice.end
        made += self._between(ends, position, ends[-1] if ends else 0)
        self._pieces = made

    def _between(self, ends: Sequence[int], start: int, stop: int) -> Iterator[_Piece]:
        """The pieces that make up [start, stop) of the text; `ends` are where the pieces end in it."""
        for index in range(bisect_right(ends, start), len(ends)):
            piece = self._pieces[index]
            first = ends[index] - piece.length
            if first >= stop:
                break
            yield piece.cut(max(start - first, 0), min(stop - first, piece.length))

    def splices(self, length: int) -> list[Splice]:
        """The splices of the original text, `length` characters long, that lead to the text as it is by now."""
        splices: list[Splice] = []
        position, pending = 0, ""
        for piece in [*self._pieces, _Piece(length, length)]:
            if piece.text is not None:
                pending += piece.text
                continue
            if pending or piece.start != position:
                splices.append(Splice(position, piece.start, pending))
            position, pending = piece.end, ""
        return splices


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """`text` with every splice made; those at one place keep their order. Raises ValueError when they overlap."""
    parts: list[str] = []
    position = 0
    for start, end, new in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if start < position or end < start:
            raise ValueError(f"the edit of characters {start} to {end} overlaps one that ends at {position}")
        parts += text[position:start], new
        position = end
    return "".join([*parts, text[position:]])
