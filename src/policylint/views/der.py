"""The little of DER (X.690) that telling keys and certificates apart takes."""

from collections.abc import Iterator
from typing import NamedTuple

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x02, 0x03, 0x04, 0x05, 0x06
UTC_TIME, SEQUENCE = 0x17, 0x30
_LONG = 0x80
_LONGEST_LENGTH = 4


class Element(NamedTuple):
    """One element: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    raw: bytes


def elements(data: bytes) -> Iterator[Element]:
    """The elements of `data` one after the other. Raises ValueError where they end too early."""
    offset = 0
    while offset < len(data):
        if offset + 2 > len(data) or data[offset] & 0x1F == 0x1F:
            raise ValueError("it ends too early or has an unusual tag")
        start, length = offset + 2, data[offset + 1]
        if length & _LONG:
            size = length & 0x7F
            if not 1 <= size <= _LONGEST_LENGTH:
                raise ValueError("an element has no usable length")
            length = int.from_bytes(data[start : start + size], "big")
            start += size
        if start + length > len(data):
            raise ValueError("it ends too early")
        yield Element(data[offset], data[start : start + length], data[offset : start + length])
        offset = start + length


def only(data: bytes, tag: int) -> Element:
    """The one element that `data` is. Raises ValueError when there is another, or its tag is not `tag`."""
    found = list(elements(data))
    if len(found) != 1 or found[0].tag != tag:
        raise ValueError(f"one element of tag {tag:#04x} was expected")
    return found[0]


def integer(element: Element) -> int:
    """The number that an integer element holds. Raises ValueError for other elements."""
    if element.tag != INTEGER or not element.content:
        raise ValueError("an integer was expected")
    return int.from_bytes(element.content, "big", signed=True)


def bits(element: Element) -> bytes:
    """The bytes of a bit string that has no unused bits. Raises ValueError for other elements."""
    if element.tag != BIT_STRING or not element.content or element.content[0]:
        raise ValueError("a bit string was expected")
    return element.content[1:]


def oid(element: Element) -> str:
    """The dotted form of an object identifier. Raises ValueError for other elements."""
    if element.tag != OID or not element.content or element.content[-1] & _LONG:
        raise ValueError("an object identifier was expected")
    numbers = [0]
    for byte in element.content:
        numbers[-1] = numbers[-1] << 7 | byte & 0x7F
        if not byte & _LONG:
            numbers.append(0)
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - first * 40, *numbers[1:-1])))
