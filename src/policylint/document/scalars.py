"""What a plain scalar means in each YAML dialect.

Kubernetes reads manifests as sigs.k8s.io/yaml does: its YAML 1.1 decoder (goyaml.v2 `resolve`), then JSON. CI systems
read YAML 1.2's core schema. PyYAML's own resolver is neither, so it is not used.
"""

import base64
import binascii
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from policylint.regex import regex

Scalar = str | int | float | bool | None

_LONG_TAG = "tag:yaml.org,2002:"

_GO_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_LOOSE_UNDERSCORE = regex(r"(?<![0-9])_|_(?![0-9])")
_GO_NO_NUMBER = regex(r"\.(nan|NaN|NAN)\Z|[-+]?\.(inf|Inf|INF)\Z")
_GO_INT = regex(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|([1-9][0-9]*|0))\Z")
_GO_FLOAT = regex(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
# encoding/json prints a float without an exponent below this, so the API server reads `5.0` as the integer 5
_JSON_INTEGRAL_LIMIT = 1e21
# and integers beyond 64 bits reach it as floats
_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1

_CORE_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_CORE_INT = regex(r"([-+]?[0-9]+)\Z|0o([0-7]+)\Z|0x([0-9a-fA-F]+)\Z")
_CORE_FLOAT = regex(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


@lru_cache(maxsize=8192)
def resolve_kubernetes(text: str) -> Scalar:
    """The value of an untagged plain scalar in a manifest (kubernetes-sigs/yaml goyaml.v2/resolve.go `resolve`).

    Raises ValueError for infinities and NaN, which JSON does not have.
    """
    if text in _GO_WORDS:
        return _GO_WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _GO_NO_NUMBER.match(text):
        raise ValueError(f"{text} is not a number that JSON can hold, so the object cannot be sent to a cluster")
    if text[0] == "." and _LOOSE_UNDERSCORE.search(text):
        return text
    digits = text.replace("_", "")
    match = _GO_INT.match(digits)
    if match is not None:
        sign, hexadecimal, octal, binary, old_octal, decimal = match.groups()
        magnitude = (
            int(hexadecimal, 16)
            if hexadecimal
            else int(octal or old_octal, 8)
            if octal or old_octal
            else int(binary, 2)
            if binary
            else _decimal(decimal)
        )
        value = -magnitude if sign == "-" else magnitude
        return value if _INT64_MIN <= value <= _UINT64_MAX else _json_number(value, text)
    return _json_number(digits, text) if _GO_FLOAT.match(digits) else text


def _json_number(value: str | float, text: str) -> Scalar:
    """`value` as the 64-bit float that Go makes of it and JSON prints; `text` itself when it is out of range."""
    try:
        number = float(value)
    except OverflowError:
        return text
    if number in (float("inf"), float("-inf")):
        return text
    return int(number) if number.is_integer() and abs(number) < _JSON_INTEGRAL_LIMIT else number


@lru_cache(maxsize=8192)
def resolve_core(text: str) -> Scalar:
    """The value of an untagged plain scalar under the YAML 1.2 core schema (section 10.3.2)."""
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    match = _CORE_INT.match(text)
    if match is not None:
        decimal, octal, hexadecimal = match.groups()
        return _decimal(decimal) if decimal else int(octal, 8) if octal else int(hexadecimal, 16)
    return float(text) if _CORE_FLOAT.match(text) else text


def _decimal(digits: str) -> int | float:
    # Python refuses to convert very long digit strings; no integer of that size survives JSON either
    return int(digits) if len(digits) <= 1000 else float(digits)


class Dialect(NamedTuple):
    """How one family of files resolves YAML: `resolve` for plain scalars, `key` for what a key's scalar is called."""

    name: str
    resolve: Callable[[str], Scalar]
    key: Callable[[str], str]
    merges: bool


@lru_cache(maxsize=8192)
def _json_key(text: str) -> str:
    """The JSON name of a plain key (sigs.k8s.io/yaml `convertToJSONableObject`: `on:` becomes "true").

    Raises ValueError for null, which no JSON object can have as a key.
    """
    value = resolve_kubernetes(text) if not _GO_NO_NUMBER.match(text) else text
    if isinstance(value, str):
        return value
    if value is None:
        raise ValueError("a key of this mapping is null, and an object's keys are strings")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


KUBERNETES = Dialect("kubernetes", resolve_kubernetes, _json_key, merges=True)
WORKFLOW = Dialect("workflow", resolve_core, str, merges=False)


def resolve_tagged(tag: str, text: str, dialect: Dialect) -> Scalar:
    """The value of a scalar that carries `tag`. Unknown tags leave the text as it is."""
    name = tag.removeprefix(_LONG_TAG)
    if name == "binary":
        try:
            return base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return text
    if name in ("int", "float", "bool", "null"):
        return dialect.resolve(text)
    return text
