"""Rule files in YAML: read with positions, and checked so that every mistake has its line."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from policylint.document.compose import ComposedDocument, ParseError, compose
from policylint.document.construct import ConstructError
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.errors import RuleFileError, did_you_mean
from policylint.model import ROOT, Location, YamlPath
from policylint.views.shape import type_name


def read_rule_file(path: Path, shown: str) -> Document:
    """The one document of the rule file at `path`, which errors call `shown`.

    Raises RuleFileError when it cannot be read, is not YAML, is not one mapping, has a key twice, or has a CEL body.
    """
    try:
        source = Source(shown, path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RuleFileError(f"the rule file cannot be read: {reason}", Location(shown)) from error
    document = _only_document(source)
    if not isinstance(document.data, dict):
        raise rule_error(document, ROOT, f"a rule file is a mapping, not {type_name(document.data)}")
    for duplicate in document.duplicates:
        raise RuleFileError(f"the key {duplicate.key!r} is here twice", document.location_of(duplicate.second))
    for body in _cel_bodies(document.data):
        raise rule_error(document, body, "CEL bodies are not supported yet: use pattern or anyPattern", "key")
    return document


def rule_error(
    document: Document, path: YamlPath, message: str, at: Literal["value", "key"] = "value"
) -> RuleFileError:
    """The error for the place `path` of a rule file."""
    return RuleFileError(message, document.location(path, at))


def check_rule_file(document: Document) -> None:
    """Holds a rule file against `rule.schema.json`. Raises RuleFileError for the first mistake in the file."""
    from jsonschema import Draft202012Validator

    mistakes = [_mistake(error) for error in Draft202012Validator(rule_schema()).iter_errors(document.data)]
    errors = [rule_error(document, mistake.path, mistake.message, mistake.at) for mistake in mistakes]
    if errors:
        raise min(errors, key=_place)


@cache
def rule_schema() -> Mapping[str, Any]:
    """The JSON Schema of rule files."""
    import json

    schema: Mapping[str, Any] = json.loads(Path(__file__).with_name("rule.schema.json").read_text("utf-8"))
    return schema


class _Mistake(NamedTuple):
    path: YamlPath
    message: str
    at: Literal["value", "key"] = "value"


def _only_document(source: Source) -> Document:
    composed = list(compose(source.text))
    if not composed:
        raise RuleFileError("the rule file is empty", Location(source.path))
    if len(composed) > 1:
        second = composed[1]
        start = second.offset if isinstance(second, ParseError) else second.base + second.node.start_mark.index
        raise RuleFileError("a rule file holds one rule: here begins a second document", source.location(start, start))
    try:
        return _document(source, composed[0])
    except ConstructError as error:
        raise RuleFileError(error.error.message, source.location(error.error.offset, error.error.offset)) from error


def _document(source: Source, composed: ComposedDocument | ParseError) -> Document:
    if isinstance(composed, ParseError):
        raise RuleFileError(composed.message, source.location(composed.offset, composed.offset))
    return Document(source, composed.node, composed.base, 0, KUBERNETES, role="rule")


def _cel_bodies(data: Mapping[str, Any]) -> Iterator[YamlPath]:
    if "cel" in data:
        yield YamlPath.of("cel")
    checks = data.get("checks")
    for index, check in enumerate(checks if isinstance(checks, list) else []):
        if isinstance(check, dict) and "cel" in check:
            yield YamlPath.of("checks", index, "cel")


def _place(error: RuleFileError) -> tuple[int, int]:
    return (error.location.line, error.location.column) if error.location else (0, 0)


def _mistake(error: Any) -> _Mistake:
    """A jsonschema ValidationError in words that fit a rule file."""
    path = YamlPath(error.absolute_path)
    label = str(path) or "a rule"
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        unknown = next(key for key in error.instance if key not in known)
        return _Mistake(path / unknown, f"unknown key {unknown!r}{did_you_mean(unknown, known)}", "key")
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return _Mistake(path, f"{label} needs the key {missing!r}", "key")
    if error.validator == "type":
        found = "has no value" if error.instance is None else f"is {type_name(error.instance)}"
        return _Mistake(path, f"{label} takes {_types(error.validator_value)}, but {found}")
    if error.validator == "enum":
        return _Mistake(path, f"{label} is {error.instance!r}: use one of {', '.join(map(str, error.validator_value))}")
    if error.validator == "oneOf":
        return _Mistake(path, f"{label} takes exactly one of pattern and anyPattern")
    if error.validator == "anyOf":
        return _Mistake(path, f"{label} changes nothing: it takes set, remove or rename", "key")
    if error.validator in ("minItems", "minProperties", "minLength"):
        return _Mistake(path, f"{label} is empty")
    if "propertyNames" in error.absolute_schema_path:
        return _Mistake(path / error.instance, f"{error.instance!r} is not {error.schema['description']}", "key")
    if error.validator == "pattern":
        return _Mistake(path, f"{label} is {error.instance!r}: it takes {error.schema['description']}")
    return _Mistake(path, f"{label}: {error.message}")


def _types(types: str | list[str]) -> str:
    names = {"object": "a mapping", "array": "a list", "string": "a string", "boolean": "true or false"}
    wanted = [types] if isinstance(types, str) else types
    return " or ".join(names.get(name, f"a value of type {name}") for name in wanted)
