"""Expressions as trees. `at` is the offset of the character where a node's defining token stands."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias


class CelSyntaxError(ValueError):
    """Text that is no CEL expression. `at` is the offset of the character that cannot stand where it does."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Uint(int):
    """An unsigned integer, which CEL keeps apart from `int`."""


class Literal(NamedTuple):
    """A constant: None, bool, int, Uint, float, str or bytes."""

    value: bool | int | float | str | bytes | None
    at: int


class Identifier(NamedTuple):
    """A name; one with a leading dot is looked up in the outermost scope."""

    name: str
    at: int


class Select(NamedTuple):
    """`operand.field`, or `operand.?field` when `optional`."""

    operand: "Expression"
    field: str
    optional: bool
    at: int


class Call(NamedTuple):
    """A function, a method of `target`, or an operator: `_+_`, `_[_]`, `_[?_]`, `_?_:_`, `!_`, `-_`, `@in`."""

    function: str
    target: "Expression | None"
    arguments: "tuple[Expression, ...]"
    at: int


class ListOf(NamedTuple):
    """A list; the elements at the indices in `optional` are left out when they are empty optionals."""

    elements: "tuple[Expression, ...]"
    optional: tuple[int, ...]
    at: int


class MapOf(NamedTuple):
    """A map; those at the indices in `optional` are left out when their value is an empty optional."""

    entries: "tuple[tuple[Expression, Expression], ...]"
    optional: tuple[int, ...]
    at: int


class Message(NamedTuple):
    """An object of a named type, built from its fields."""

    type: str
    fields: "tuple[tuple[str, Expression], ...]"
    optional: tuple[int, ...]
    at: int


Expression: TypeAlias = Literal | Identifier | Select | Call | ListOf | MapOf | Message


def children(node: Expression) -> tuple[Expression, ...]:
    """The nodes directly below `node`, in the order they are written."""
    if isinstance(node, Select):
        return (node.operand,)
    if isinstance(node, Call):
        return node.arguments if node.target is None else (node.target, *node.arguments)
    if isinstance(node, ListOf):
        return node.elements
    if isinstance(node, MapOf):
        return tuple(part for entry in node.entries for part in entry)
    return tuple(value for _, value in node.fields) if isinstance(node, Message) else ()


def walk(node: Expression) -> Iterator[Expression]:
    """`node` and everything below it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))
