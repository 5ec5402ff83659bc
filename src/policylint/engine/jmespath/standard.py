"""The functions of the JMESPath specification, as go-jmespath (functions.go) has them."""

import math
from collections.abc import Callable
from typing import Any

from policylint.engine.jmespath.marshal import marshal
from policylint.engine.jmespath.numbers import parse_float
from policylint.engine.jmespath.signature import ANY, ARRAY, EXPRESSION, NUMBER, OBJECT, STRING, Function
from policylint.engine.jmespath.values import bounded, equal, kind_of

Expression = Callable[[Any], Any]


def _avg(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else math.nan


def _ceil(number: float) -> float:
    return float(math.ceil(number)) if math.isfinite(number) else number


def _floor(number: float) -> float:
    return float(math.floor(number)) if math.isfinite(number) else number


def _contains(haystack: str | list[Any], needle: Any) -> bool:
    if isinstance(haystack, str):
        return isinstance(needle, str) and needle in haystack
    return any(equal(item, needle) for item in haystack)


def _join(glue: str, texts: list[str]) -> str:
    bounded(sum(map(len, texts)) + len(glue) * len(texts))
    return glue.join(texts)


def _map(expression: Expression, items: list[Any]) -> list[Any]:
    return [expression(item) for item in items]


def _merge(*objects: dict[str, Any]) -> dict[str, Any]:
    return {key: value for each in objects for key, value in each.items()}


def _not_null(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _keyed(items: list[Any], expression: Expression) -> list[tuple[Any, Any]]:
    """Each item with what `expression` says of it: all numbers or all texts."""
    keyed = [(expression(item), item) for item in items]
    kind = type(keyed[0][0])
    if kind not in (float, str):
        raise ValueError(f"the expression must yield numbers or strings (got {kind_of(keyed[0][0])})")
    other = next((key for key, _ in keyed if type(key) is not kind), None)
    if other is not None or any(key is None for key, _ in keyed):
        raise ValueError(f"the expression yields {kind_of(keyed[0][0])} and {kind_of(other)}")
    return keyed


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def _max_by(items: list[Any], expression: Expression) -> Any:
    return max(_keyed(items, expression), key=_first)[1] if len(items) > 1 else next(iter(items), None)


def _min_by(items: list[Any], expression: Expression) -> Any:
    return min(_keyed(items, expression), key=_first)[1] if len(items) > 1 else next(iter(items), None)


def _sort_by(items: list[Any], expression: Expression) -> list[Any]:
    return [item for _, item in sorted(_keyed(items, expression), key=_first)] if len(items) > 1 else items


def _reverse(value: str | list[Any]) -> str | list[Any]:
    return value[::-1]


def _to_array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _to_number(value: Any) -> float | None:
    _known(value)
    if isinstance(value, str):
        return parse_float(value)
    return value if isinstance(value, float) else None


def _to_string(value: Any) -> str:
    return value if isinstance(value, str) else marshal(value)


def _type(value: Any) -> str:
    _known(value)
    return "boolean" if isinstance(value, bool) else kind_of(value)


def _known(value: Any) -> None:
    kind = kind_of(value)
    if kind in ("int", "expression"):
        raise ValueError(f"the value is of an unknown type ({kind})")


_NUMBERS, _STRINGS = ("array[number]",), ("array[string]",)
_SORTABLE = ("array[number]", "array[string]")

FUNCTIONS = (
    Function("abs", (NUMBER,), abs),
    Function("avg", (_NUMBERS,), _avg),
    Function("ceil", (NUMBER,), _ceil),
    Function("contains", (("array", "string"), ANY), _contains),
    Function("ends_with", (STRING, STRING), str.endswith),
    Function("floor", (NUMBER,), _floor),
    Function("join", (STRING, _STRINGS), _join),
    Function("keys", (OBJECT,), list),
    Function("length", (("string", "array", "object"),), lambda value: float(len(value))),
    Function("map", (EXPRESSION, ARRAY), _map),
    Function("max", (_SORTABLE,), lambda items: max(items, default=None)),
    Function("max_by", (ARRAY, EXPRESSION), _max_by),
    Function("merge", (OBJECT,), _merge, variadic=True),
    Function("min", (_SORTABLE,), lambda items: min(items, default=None)),
    Function("min_by", (ARRAY, EXPRESSION), _min_by),
    Function("not_null", (ANY,), _not_null, variadic=True),
    Function("reverse", (("array", "string"),), _reverse),
    Function("sort", (_SORTABLE,), sorted),
    Function("sort_by", (ARRAY, EXPRESSION), _sort_by),
    Function("starts_with", (STRING, STRING), str.startswith),
    Function("to_array", (ANY,), _to_array),
    Function("to_number", (ANY,), _to_number),
    Function("to_string", (ANY,), _to_string),
    Function("type", (ANY,), _type),
    Function("values", (OBJECT,), lambda value: list(value.values())),
)
