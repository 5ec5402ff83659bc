"""Objects on their way through a patch: copies that may be changed, and values as upstream's documents hold them."""

from typing import Any

from policylint.engine.jmespath.marshal import plain_text

_INT64 = range(-(2**63), 2**63)


def sorted_copy(value: Any) -> Any:
    """A copy of `value` that shares no mapping and no list with it, with sorted keys, as Go writes them to JSON."""
    if isinstance(value, dict):
        return {key: sorted_copy(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [sorted_copy(item) for item in value]
    return value


def as_stored(value: Any) -> Any:
    """A copy of `value` with the numbers that an object has after it was read from JSON: integers where it has no
    fraction and no exponent there, else floats (apimachinery's `unstructured`).

    Raises EvaluationError for numbers that JSON has not.
    """
    if isinstance(value, dict):
        return {key: as_stored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_stored(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    text = text_of(value)
    whole = int(text) if text.removeprefix("-").isdigit() else None
    return whole if whole is not None and whole in _INT64 else float(value)


def text_of(value: Any) -> str:
    """The text of a scalar in a document that was written as JSON; empty for mappings and lists.

    Raises EvaluationError for numbers that JSON has not.
    """
    return value if isinstance(value, str) else plain_text(value) or ""


def is_same(left: Any, right: Any, *, ordered: bool) -> bool:
    """Whether both are the same when written as JSON; with `ordered`, the order of keys counts too."""
    if isinstance(left, dict):
        if not isinstance(right, dict) or left.keys() != right.keys() or (ordered and list(left) != list(right)):
            return False
        return all(is_same(item, right[key], ordered=ordered) for key, item in left.items())
    if isinstance(left, list):
        if not isinstance(right, list) or len(left) != len(right):
            return False
        return all(is_same(a, b, ordered=ordered) for a, b in zip(left, right, strict=True))
    if isinstance(right, dict | list) or isinstance(left, str) != isinstance(right, str):
        return False
    return text_of(left) == text_of(right)
