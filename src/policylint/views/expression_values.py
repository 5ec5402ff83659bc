"""What GitHub's expressions come to, as far as a file itself decides them.

Truthiness and equality follow the runner's own (actions/runner, src/Sdk/DTExpressions2: EvaluationResult). Functions
are not computed: a call's value is unknown.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from policylint.model import YamlPath
from policylint.views.expressions import Call, Context, Expression, Literal, Operation


class Known(NamedTuple):
    """A value that the file decides, and the places of the file that it comes from."""

    value: Any
    places: tuple[YamlPath, ...] = ()


class Unknown(NamedTuple):
    """A value that only a run decides; `what` is the part of the expression that it hangs on."""

    what: str


Outcome = Known | Unknown
Lookup = Callable[[str, tuple[str | int, ...]], Outcome]
"""The value of a context (its name in lower case) at keys."""


def evaluate(expression: Expression, lookup: Lookup) -> tuple[Outcome, ...]:
    """What the expression can come to: one known outcome, or one outcome for each way that a run may decide."""
    if isinstance(expression, Literal):
        return (Known(expression.value),)
    if isinstance(expression, Context):
        return (_read(expression, lookup),)
    if isinstance(expression, Call):
        return (Unknown(f"{expression.function}()"),)
    if expression.operator == "&&":
        return tuple(_all_of(expression.operands, lookup))
    if expression.operator == "||":
        return tuple(_first_of(expression.operands, lookup))
    if expression.operator == "!":
        return _negate(evaluate(expression.operands[0], lookup))
    return (_compare(expression, lookup),)


def truthy(value: Any) -> bool:
    """Whether GitHub takes a value for true: all but false, 0, NaN, the empty string and null."""
    if isinstance(value, list | dict):
        return True
    return bool(value) and value == value  # NaN is not equal to itself


def as_text(value: Any) -> str:
    """A scalar as GitHub prints it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def same(left: Any, right: Any) -> bool:
    """Whether two scalars are equal to GitHub, which compares loosely and ignores the case of strings."""
    return as_text(left).casefold() == as_text(right).casefold()


def _read(context: Context, lookup: Lookup) -> Outcome:
    shown = context.name
    keys: list[str | int] = []
    places: tuple[YamlPath, ...] = ()
    for key in context.keys:
        outcomes = evaluate(key, lookup) if key is not None else (Unknown("*"),)
        only = outcomes[0] if len(outcomes) == 1 else Unknown("…")
        if isinstance(only, Unknown):
            return Unknown(f"{shown}[{only.what}]")
        if isinstance(only.value, bool) or not isinstance(only.value, str | int):
            return Unknown(f"{shown}[…]")
        keys.append(only.value)
        places += only.places
        shown += f".{only.value}"
    found = lookup(context.name, tuple(keys))
    return found if isinstance(found, Unknown) else Known(found.value, (*found.places, *places))


def _all_of(operands: tuple[Expression, ...], lookup: Lookup) -> Iterator[Outcome]:
    """`a && b`: the first false operand, else the last. An undecided condition also leaves a way that is false."""
    for operand in operands[:-1]:
        outcomes = evaluate(operand, lookup)
        yield from (one for one in outcomes if isinstance(one, Known) and not truthy(one.value))
        if any(isinstance(one, Unknown) for one in outcomes):
            yield Known(False)
        elif not any(isinstance(one, Known) and truthy(one.value) for one in outcomes):
            return
    yield from evaluate(operands[-1], lookup)


def _first_of(operands: tuple[Expression, ...], lookup: Lookup) -> Iterator[Outcome]:
    """`a || b`: the first true operand, else the last."""
    for operand in operands[:-1]:
        outcomes = evaluate(operand, lookup)
        yield from (one for one in outcomes if isinstance(one, Unknown) or truthy(one.value))
        if all(isinstance(one, Known) and truthy(one.value) for one in outcomes):
            return
    yield from evaluate(operands[-1], lookup)


def _negate(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    return tuple(
        Unknown(f"!{one.what}") if isinstance(one, Unknown) else Known(not truthy(one.value), one.places)
        for one in outcomes
    )


def _compare(comparison: Operation, lookup: Lookup) -> Outcome:
    left, right = (evaluate(operand, lookup) for operand in comparison.operands)
    undecided = Unknown(f"a comparison with {comparison.operator}")
    if comparison.operator not in ("==", "!=") or len(left) != 1 or len(right) != 1:
        return undecided
    one, other = left[0], right[0]
    if isinstance(one, Unknown) or isinstance(other, Unknown) or isinstance(one.value, list | dict):
        return undecided
    equal = same(one.value, other.value)
    return Known(equal if comparison.operator == "==" else not equal)
