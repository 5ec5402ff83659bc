"""What the API server refuses in an object by the schema of its CustomResourceDefinition.

apiextensions-apiserver pkg/apiserver/validation/validation.go `ValidateCustomResource`. A validator of JSON Schema
would name neither the place nor the remedy in a user's words, and costs more to load than all of this.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from policylint.admission.schema.table import Node, Schema
from policylint.errors import did_you_mean
from policylint.model import ROOT, Problem, YamlPath
from policylint.regex import regex
from policylint.views.shape import type_name

_DATE_TIME = regex(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")
_INT32 = 2**31
_LONGEST = 60
# how many keys are all named to somebody who wrote no mapping
_FEW = 4
# as many choices as a sentence can hold
_SEVERAL = 6


def violations(data: Any, schema: Schema) -> Iterator[Problem]:
    """What is refused in `data`, as the author wrote it; fields that are not known are not looked into."""
    if isinstance(data, dict) and "spec" not in data and "status" in data:
        return  # what a test waits for: nothing is ever applied with a status alone
    yield from _check(data, schema.node(schema.version.root), ROOT, schema)


def is_readable(value: Any, path: YamlPath, schema: Schema) -> bool:
    """Whether `value`, the one at `path`, is of the type that the schema has there."""
    node = schema.node(schema.version.root)
    for step in path:
        index = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step, node.get("values"))
        if index is None:
            return True
        node = schema.node(index)
    wanted = node.get("type")
    return wanted is None or _TYPES[wanted][1](value)


def _check(value: Any, node: Node, path: YamlPath, schema: Schema) -> Iterator[Problem]:
    wanted = node.get("type")
    if wanted is None:
        return
    expected, fits = _TYPES[wanted]
    if not fits(value):
        yield _refused(path, f"takes {expected}, but is {_described(value)}", _instead(value, node, schema))
    elif isinstance(value, dict):
        yield from _keys(value, node, path)
        properties, values = node.get("properties", {}), node.get("values")
        for key, child in value.items():
            index = properties.get(key, values)
            # null counts as absent (`PruneNonNullableNullsWithoutDefaults`)
            if index is not None and child is not None:
                yield from _check(child, schema.node(index), path / key, schema)
    elif isinstance(value, list):
        if len(value) < node.get("minItems", 0):
            yield _refused(path, "is an empty list, but takes one item at least")
        if "items" in node:
            item = schema.node(node["items"])
            for index, child in enumerate(value):
                yield from _check(child, item, path / index, schema)
    else:
        yield from _scalar(value, node, path)


def _instead(value: Any, node: Node, schema: Schema) -> str:
    wanted = node["type"]
    if wanted == "string" and isinstance(value, bool | int | float):
        return "put the value into quotes"
    if isinstance(value, str) and wanted in ("boolean", "integer"):
        is_quoted = value in ("true", "false") if wanted == "boolean" else value.isdecimal()
        return "remove the quotes" if is_quoted else f"write {_TYPES[wanted][0]}"
    if wanted == "array" and isinstance(value, str) and schema.node(node["items"]).get("type") == "string":
        return f"write a list: [{_cut(value)}]"
    keys = sorted(node.get("properties", ())) if node["type"] == "object" else []
    return f"write a mapping with {_listed(keys, 'or')}" if 0 < len(keys) <= _FEW else ""


def _keys(value: Mapping[str, Any], node: Node, path: YamlPath) -> Iterator[Problem]:
    present = [key for key in value if value[key] is not None]
    alternatives = node.get("oneOf", ())
    chosen = [key for key in present if key in alternatives]
    if alternatives and len(chosen) != 1:
        names = _listed(alternatives, "or")
        has = _listed(chosen, "and") if chosen else "none of them"
        at = path / chosen[1] if chosen else path
        advice = "keep one of them" if chosen else f"add {names}"
        yield _refused(at, f"takes exactly one of {names}, but has {has}", advice, named=path, at_key=True)
    for key in node.get("required", ()):
        if key not in present:
            written = "an empty" if key in value else "no"
            yield _refused(path / key, f"has {written} `{key}`, which is required", f"give `{key}` a value", named=path)


def _scalar(value: Any, node: Node, path: YamlPath) -> Iterator[Problem]:
    if "enum" in node and value not in node["enum"]:
        yield _not_among(value, node["enum"], path)
    elif "minimum" in node and value < node["minimum"]:
        yield _refused(path, f"takes {node['minimum']} at least, but is {value}")
    elif isinstance(value, str) and len(value) < node.get("minLength", 0):
        yield _refused(path, "is empty, but takes a text")
    elif isinstance(value, str) and len(value) > node.get("maxLength", len(value)):
        yield _refused(path, f"takes {node['maxLength']} characters at most, but has {len(value)}")
    elif node.get("format") in _FORMATS:
        expected, fits = _FORMATS[node["format"]]
        if not fits(value):
            yield _refused(path, f"takes {expected}, but is {_described(value)}")


def _not_among(value: Any, choices: Sequence[Any], path: YamlPath) -> Problem:
    hint = did_you_mean(value, choices).removeprefix("; ") if isinstance(value, str) else ""
    if len(choices) <= _SEVERAL:
        return _refused(path, f"takes {_listed(choices, 'or')}, but is {_described(value)}", hint)
    said = f"is {_described(value)}, which is none of the {len(choices)} that there are"
    return _refused(path, said, hint or f"write {_listed(choices, 'or')}")


def _refused(
    path: YamlPath, what: str, advice: str = "", *, named: YamlPath | None = None, at_key: bool = False
) -> Problem:
    name = path if named is None else named
    message = f"{name or 'the object'} {what}: the API server refuses the object"
    return Problem(path, message, advice, at="key" if at_key else "value")


def _listed(names: Iterable[Any], conjunction: str) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {conjunction} {quoted[-1]}"


def _described(value: object) -> str:
    if isinstance(value, str | bool | int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f"the text `{_cut(text)}`" if isinstance(value, str) else f"{_cut(text)}, {type_name(value)}"
    return type_name(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_integer(value: object) -> bool:
    # 3.0 is an integer to JSON Schema
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def _is_duration(value: str) -> bool:
    from policylint.engine.durations import parse_duration

    try:
        parse_duration(value)
    except ValueError:
        return False
    return True


_TYPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "object": ("a mapping", lambda value: isinstance(value, dict)),
    "array": ("a list", lambda value: isinstance(value, list)),
    "string": ("a string", lambda value: isinstance(value, str)),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "integer": ("an integer", _is_integer),
}
_FORMATS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "int32": ("a number of 32 bits", lambda value: -_INT32 <= value < _INT32),
    "date-time": ("a time such as `2030-01-31T12:00:00Z`", lambda value: _DATE_TIME.match(value) is not None),
    "duration": ("a duration such as `10m`", _is_duration),
}
