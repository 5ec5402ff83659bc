"""Values as Kyverno's JMESPath sees them.

Numbers follow one rule. A Python float is JSON's number, Go's float64: literals, suite resources and the results of
functions are floats. A Python int is one of Go's integers, which JMESPath does not count as a number: it equals no
number, compares with none (the result is null) and no function takes it. Upstream has few of them (`elementIndex`, the
result of `compare`); whoever puts a document into a context passes it through `json_numbers` first.
"""

from typing import Any

from policylint.engine.errors import EvaluationError

MAX_LENGTH = 16 * 1024 * 1024
"""The longest text, in characters, and the longest list that an expression may build: some double it at each step."""


def json_numbers(value: Any) -> Any:
    """`value` as encoding/json would decode it: a copy in which every number is a float, and nothing else changes.

    Raises EvaluationError for an integer beyond a float.
    """
    if isinstance(value, dict):
        return {key: json_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_numbers(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise EvaluationError("a number has too many digits to be one of JSON's") from None
    return value


def is_false(value: Any) -> bool:
    """Whether `value` counts as false: null, false, and what is empty; 0 does not (go-jmespath util.go `isFalse`)."""
    if value is None or value is False:
        return True
    return isinstance(value, (str, list, dict)) and not value


def equal(left: Any, right: Any) -> bool:
    """Go's reflect.DeepEqual: values of different types differ, so `true` is not 1 and an int is not a float."""
    if left is right:
        return bool(left == left)  # NaN is the one value that does not equal itself
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(equal(item, right[key]) for key, item in left.items())
        )
    if isinstance(left, list):
        return (
            isinstance(right, list)
            and len(left) == len(right)
            and all(equal(a, b) for a, b in zip(left, right, strict=True))
        )
    return type(left) is type(right) and bool(left == right)


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
