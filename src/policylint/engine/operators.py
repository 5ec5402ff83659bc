"""The small language inside a string pattern: alternatives `|`, conjunctions `&`, comparisons and ranges."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple

from policylint.regex import regex

Operator = Literal["", "!", ">", "<", ">=", "<="]

_NUMBER = r"([-|+]?[0-9]+(?:\.[0-9]+)?[A-Za-z]*)"
_RANGE = regex(rf"{_NUMBER}-{_NUMBER}\Z")
_NOT_RANGE = regex(rf"{_NUMBER}!-{_NUMBER}\Z")
_PREFIXES: tuple[Operator, ...] = (">=", "<=", ">", "<", "!")
# what Go's strings.TrimSpace takes away; Python's own idea of white space is wider
_SPACE = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_HOLDS: dict[Operator, Callable[[int], bool]] = {
    "": lambda order: order == 0,
    "!": lambda order: order != 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
}


class Comparison(NamedTuple):
    """One comparison with `operand`; the empty operator is equality."""

    operator: Operator
    operand: str

    def holds(self, order: int) -> bool:
        """Whether the comparison is true of a value that stands to the operand as `order` to 0."""
        return _HOLDS[self.operator](order)


AnyOf = tuple[Comparison, ...]
AllOf = tuple[AnyOf, ...]


@lru_cache(maxsize=4096)
def parse_alternatives(pattern: str) -> tuple[AllOf, ...]:
    """What a string pattern asks for: one of its alternatives, each a conjunction of terms.

    A term is met by any of its comparisons: `a!-b` is less than a or more than b, all others have one comparison
    (kyverno pkg/engine/pattern/pattern.go `validateStringPatterns`, pkg/engine/operator/operator.go).
    """
    return tuple(
        tuple(term for part in alternative.strip(" ").split("&") for term in _terms(part.strip(" ")))
        for alternative in pattern.split("|")
    )


def _terms(text: str) -> list[AnyOf]:
    if len(text) < 2:
        return [(Comparison("", text.strip(_SPACE)),)]
    for operator in _PREFIXES:
        if text.startswith(operator):
            return [(Comparison(operator, text[len(operator) :].strip(_SPACE)),)]
    outside = _NOT_RANGE.match(text)
    if outside is not None:
        return [(Comparison("<", outside[1]), Comparison(">", outside[2]))]
    inside = _RANGE.match(text)
    if inside is not None:
        return [(Comparison(">=", inside[1]),), (Comparison("<=", inside[2]),)]
    return [(Comparison("", text.strip(_SPACE)),)]
