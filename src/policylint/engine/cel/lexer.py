"""CEL text as tokens, with the values of literals."""

import re
from typing import Any, NamedTuple

from policylint.engine.cel.nodes import CelSyntaxError, Uint
from policylint.regex import regex

_SPACE = regex(r"(?:[ \t\n\f\r]|//[^\n]*)*")
_NAME = regex(r"[_a-zA-Z][_a-zA-Z0-9]*")
_FLOAT = regex(r"(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)")
_INTEGER = regex(r"(?:0x[0-9a-fA-F]+|\d+)([uU]?)")
_QUOTED = regex(
    r"(?P<prefix>[rR]?[bB]?|[bB][rR])"
    r"(?:\"\"\"(?P<a>(?:[^\\]|\\.)*?)\"\"\"|'''(?P<b>(?:[^\\]|\\.)*?)'''"
    r"|\"(?P<c>(?:[^\\\"\r\n]|\\.)*)\"|'(?P<d>(?:[^\\'\r\n]|\\.)*)')",
    re.DOTALL,
)
_RAW = regex(
    r"(?P<prefix>[rR][bB]?|[bB][rR])"
    r"(?:\"\"\"(?P<a>.*?)\"\"\"|'''(?P<b>.*?)'''|\"(?P<c>[^\"\r\n]*)\"|'(?P<d>[^'\r\n]*)')",
    re.DOTALL,
)
_FIELD = regex(r"`([a-zA-Z0-9_.\-/ ]+)`")
_ESCAPE = regex(
    r"\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL
)
_PLAIN = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "?": "?", '"': '"', "'": "'", "`": "`",
}  # fmt: skip
_SYMBOLS = ("&&", "||", "==", "!=", "<=", ">=", *"()[]{}.,:?<>+-*/%!")
_KEYWORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
LARGEST, SMALLEST, LARGEST_UINT = 2**63 - 1, -(2**63), 2**64 - 1


class Token(NamedTuple):
    """`kind` is the symbol itself, or `name`, `field` (in backquotes), `literal`, `end`."""

    kind: str
    text: str
    value: Any
    at: int


def tokens(text: str) -> list[Token]:
    """Every token of `text`, the last of kind `end`. Raises CelSyntaxError."""
    found: list[Token] = []
    at = _end_of_space(text, 0)
    while at < len(text):
        token, end = _token(text, at)
        found.append(token)
        at = _end_of_space(text, end)
    found.append(Token("end", "", None, len(text)))
    return found


def _end_of_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at


def _token(text: str, at: int) -> tuple[Token, int]:
    raw = _RAW.match(text, at)
    quoted = raw or _QUOTED.match(text, at)
    if quoted is not None:
        body = next(part for part in quoted.group("a", "b", "c", "d") if part is not None)
        binary = "b" in quoted.group("prefix").lower()
        value = _unescaped(body, binary, at, raw is not None)
        return Token("literal", quoted.group(), value, at), quoted.end()
    name = _NAME.match(text, at)
    if name is not None:
        word = name.group()
        if word in _KEYWORDS:
            return Token("literal", word, _KEYWORDS[word], at), name.end()
        return Token("in" if word == "in" else "name", word, None, at), name.end()
    number = _FLOAT.match(text, at)
    if number is not None:
        return Token("literal", number.group(), float(number.group()), at), number.end()
    integer = _INTEGER.match(text, at)
    if integer is not None:
        return Token("literal", integer.group(), _integer(integer.group(), at), at), integer.end()
    field = _FIELD.match(text, at)
    if field is not None:
        return Token("field", field.group(1), None, at), field.end()
    symbol = next((symbol for symbol in _SYMBOLS if text.startswith(symbol, at)), None)
    if symbol is None:
        what = "a string that starts here has no end" if text[at] in "\"'" else f"{text[at]!r} has no meaning in CEL"
        raise CelSyntaxError(what, at)
    return Token(symbol, symbol, None, at), at + len(symbol)


def _integer(text: str, at: int) -> int:
    unsigned = text[-1] in "uU"
    digits = text.rstrip("uU")
    if len(digits) > 40:
        raise CelSyntaxError("this number is larger than 64 bits hold", at)
    value = int(digits, 16 if digits.startswith("0x") else 10)
    # one more than the largest is a number after a minus sign
    if value > (LARGEST_UINT if unsigned else LARGEST + 1):
        raise CelSyntaxError(f"{text} is larger than 64 bits hold", at)
    return Uint(value) if unsigned else value


def _unescaped(body: str, binary: bool, at: int, raw: bool) -> str | bytes:
    if raw:
        return body.encode() if binary else body
    parts: list[bytes] = []
    text: list[str] = []
    end = 0
    for match in _ESCAPE.finditer(body):
        text.append(body[end : match.start()])
        end = match.end()
        low, high, short, long, octal, plain = match.groups()
        if plain is not None:
            if plain not in _PLAIN:
                raise CelSyntaxError(f"\\{plain} is no escape of CEL", at)
            text.append(_PLAIN[plain])
            continue
        wide = short or long
        code = int(octal, 8) if octal else int(low or high or wide or "", 16)
        if wide and (binary or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF):
            raise CelSyntaxError(f"{match.group()} is no character here", at)
        if binary:
            parts.append("".join(text).encode() + bytes([code]))
            text = []
        else:
            text.append(chr(code))
    text.append(body[end:])
    return b"".join(parts) + "".join(text).encode() if binary else "".join(text)
