"""Kyverno's functions of objects and lists (pkg/engine/jmespath/functions.go)."""

from typing import Any

from policylint.engine.jmespath.numbers import whole
from policylint.engine.jmespath.signature import ARRAY, OBJECT, OBJECT_OR_ARRAY, STRING, STRING_OR_NUMBER, Function
from policylint.engine.jmespath.strings import as_text
from policylint.engine.jmespath.values import equal


def _items(value: dict[str, Any] | list[Any], key_name: str, value_name: str) -> list[dict[str, Any]]:
    pairs: Any = sorted(value.items()) if isinstance(value, dict) else ((float(i), v) for i, v in enumerate(value))
    return [{key_name: key, value_name: item} for key, item in pairs]


def _label_match(wanted: dict[str, Any], labels: dict[str, Any]) -> bool:
    return all(key in labels and equal(value, labels[key]) for key, value in wanted.items())


def _lookup(value: dict[str, Any] | list[Any], key: str | float) -> Any:
    if isinstance(value, dict):
        if not isinstance(key, str):
            raise ValueError("argument #2 is not of type String")
        return value.get(key)
    if not isinstance(key, float):
        raise ValueError("argument #2 is not of type Number")
    try:
        index = whole(key)
    except ValueError as error:
        raise ValueError(f"argument #2: {error}") from None
    return value[index] if 0 <= index < len(value) else None


def _object_from_lists(keys: list[Any], values: list[Any]) -> dict[str, Any]:
    try:
        names = [as_text(key) for key in keys]
    except ValueError:
        raise ValueError("argument #1 is not of type StringArray") from None
    return {name: values[index] if index < len(values) else None for index, name in enumerate(names)}


FUNCTIONS = (
    Function("items", (OBJECT_OR_ARRAY, STRING, STRING), _items),
    Function("label_match", (OBJECT, OBJECT), _label_match),
    Function("lookup", (OBJECT_OR_ARRAY, STRING_OR_NUMBER), _lookup),
    Function("object_from_lists", (ARRAY, ARRAY), _object_from_lists),
)
