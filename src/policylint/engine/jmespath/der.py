"""Just enough of DER (X.690) to read certificates."""

from collections.abc import Iterator
from typing import NamedTuple

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31
_TEXTS = {0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_SHORT = 0x80


class Element(NamedTuple):
    """One element: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    raw: bytes

    def children(self) -> "Cursor":
        return Cursor(self.content)

    def expect(self, *tags: int) -> "Element":
        """The element itself. Raises ValueError when its tag is none of `tags`."""
        if self.tag not in tags:
            raise ValueError(f"malformed certificate: tag {tags[0]:#04x} expected, {self.tag:#04x} found")
        return self

    def integer(self) -> int:
        return int.from_bytes(self.expect(INTEGER).content, "big", signed=True)

    def bits(self) -> bytes:
        """The bytes of a bit string without its count of unused bits."""
        return self.expect(BIT_STRING).content[1:]

    def oid(self) -> list[int]:
        numbers = [0]
        for byte in self.expect(OID).content:
            numbers[-1] = numbers[-1] << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(0)
        first = min(numbers[0] // 40, 2)
        return [first, numbers[0] - first * 40, *numbers[1:-1]]

    def text(self) -> str:
        """What a string element says. Raises ValueError for other elements and bytes that are no such text."""
        encoding = _TEXTS.get(self.tag)
        if encoding is None:
            raise ValueError(f"malformed certificate: tag {self.tag:#04x} is not a text")
        return self.content.decode(encoding)


class Cursor:
    """Reads the elements of some bytes one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0

    def __iter__(self) -> Iterator[Element]:
        while self.more():
            yield self.take()

    def more(self) -> bool:
        return self._offset < len(self._data)

    def next_is(self, tag: int) -> bool:
        return self.more() and self._data[self._offset] == tag

    def optional(self, tag: int) -> Element | None:
        return self.take() if self.next_is(tag) else None

    def take(self, *tags: int) -> Element:
        """The next element. Raises ValueError when the bytes end or its tag is none of `tags`."""
        header = self._data[self._offset : self._offset + 2]
        if len(header) < 2 or header[0] & 0x1F == 0x1F:
            raise ValueError("malformed certificate: it ends too early or has an unusual tag")
        start, length = self._offset + 2, header[1]
        if length & _SHORT:
            size = length & 0x7F
            length = int.from_bytes(self._data[start : start + size], "big")
            start += size
            if not 1 <= size <= 4:
                raise ValueError("malformed certificate: an element has no usable length")
        end = start + length
        if end > len(self._data):
            raise ValueError("malformed certificate: it ends too early")
        element = Element(header[0], self._data[start:end], self._data[self._offset : end])
        self._offset = end
        return element.expect(*tags) if tags else element
