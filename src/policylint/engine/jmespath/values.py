"""Values as Kyverno's JMESPath sees them.

Numbers follow one rule. A Python float is JSON's number, Go's float64: literals, suite resources and the results of
functions are floats. A Python int is one of Go's integers, which JMESPath does not count as a number: it equals no
number, compares with none (the result is null) and no function takes it. Upstream has few of them (`elementIndex`, the
result of `compare`); whoever puts a document into a context passes it through `json_numbers` first.
"""

from typing import Any

from policylint.engine.errors import EvaluationError

MAX_LENGTH = 4 * 1024 * 1024
"""The longest text, in characters, and the longest list that an expression may build: some double it at each step."""


def json_numbers(value: Any) -> Any:
    """`value` as encoding/json would decode it: a copy in which every number is a float, and nothing else changes.

    Raises EvaluationError for an integer beyond a float, and for more than `MAX_LENGTH` values: what an expression
    returns may hold the same part very often, and the copy shares nothing.
    """
    return _with_floats(value, [0])


def _with_floats(value: Any, count: list[int]) -> Any:
    if isinstance(value, dict):
        _counted(len(value), count)
        return {key: _with_floats(item, count) for key, item in value.items()}
    if isinstance(value, list):
        _counted(len(value), count)
        return [_with_floats(item, count) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise EvaluationError("a number has too many digits to be one of JSON's") from None
    return value


def _counted(more: int, count: list[int]) -> None:
    count[0] += more
    bounded(count[0])


def is_false(value: Any) -> bool:
    """Whether `value` counts as false: null, false, and what is empty; 0 does not (go-jmespath util.go `isFalse`)."""
    if value is None or value is False:
        return True
    return isinstance(value, (str, list, dict)) and not value


def equal(left: Any, right: Any) -> bool:
    """Go's reflect.DeepEqual: values of different types differ, so `true` is not 1 and an int is not a float."""
    if isinstance(left, (dict, list)):
        return _equal_parts(left, right, set())
    return type(left) is type(right) and bool(left == right)


def _equal_parts(left: Any, right: Any, known: set[tuple[int, int]]) -> bool:
    """As `equal`; `known` holds the pairs found equal, since expressions may build values that share their parts."""
    if not isinstance(left, (dict, list)):
        return equal(left, right)
    if type(left) is not type(right) or len(left) != len(right):
        return False
    pair = (id(left), id(right))
    if pair in known:
        return True
    if isinstance(left, dict):
        same = all(key in right and _equal_parts(item, right[key], known) for key, item in left.items())
    else:
        same = all(_equal_parts(a, b, known) for a, b in zip(left, right, strict=True))
    if same:
        known.add(pair)
    return same


def kind_of(value: Any) -> str:
    """What upstream's messages call the type of `value` (pkg/engine/jmespath/typecheck.go `typeName`)."""
    if value is None:
        return "null"
    for kind, known in (("bool", bool), ("string", str), ("number", float), ("object", dict), ("array", list)):
        if isinstance(value, known):
            return kind
    return "int" if isinstance(value, int) else "expression"


def bounded(length: int) -> None:
    """Raises EvaluationError when a text or list of `length` is not to be built."""
    if length > MAX_LENGTH:
        raise EvaluationError(
            f"the result would have {length:,} characters or elements; at most {MAX_LENGTH:,} are built"
        )
