"""Kyverno's functions of regular expressions, by RE2 as in Go's package regexp: no pattern takes exponential time."""

from functools import lru_cache
from typing import Any

from policylint.engine.jmespath.random_text import generate
from policylint.engine.jmespath.signature import STRING, STRING_OR_NUMBER, Environment, Function
from policylint.engine.jmespath.strings import as_text
from policylint.engine.jmespath.text import from_bytes, to_bytes
from policylint.engine.jmespath.values import bounded
from policylint.re2_patterns import PatternError, compile_pattern
from policylint.regex import regex

_REFERENCE = regex(r"\$(?:\$|(\w+)|\{(\w+)\})")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The RE2 program of `pattern`, to be used on bytes. Raises ValueError for what RE2 refuses."""
    try:
        return compile_pattern(to_bytes(pattern))
    except PatternError as error:
        raise ValueError(f"error parsing regexp: {error}") from None


def _match(pattern: str, value: str | float) -> bool:
    return compiled(pattern).search(to_bytes(as_text(value))) is not None


def _replace_all(pattern: str, value: str | float, replacement: str | float) -> str:
    """Regexp.ReplaceAll: `$1`, `${1}` and `${name}` in the replacement stand for groups."""
    return _replaced(pattern, value, _template(as_text(replacement)))


def _replace_all_literal(pattern: str, value: str | float, replacement: str | float) -> str:
    return _replaced(pattern, value, [to_bytes(as_text(replacement))])


def _replaced(pattern: str, value: str | float, template: list[bytes | str]) -> str:
    program, source = compiled(pattern), to_bytes(as_text(value))
    groups = _groups(program)
    parts: list[bytes] = []
    position = end = length = 0
    while position <= len(source):
        match = program.search(source, position)
        if match is None:
            break
        start, stop = match.span()
        parts.append(source[end:start])
        if stop > end or start == 0:  # nothing is put in for an empty match right behind another match
            parts.append(b"".join(_expanded(part, match, groups) for part in template))
        length += start - end + len(parts[-1])
        bounded(length)
        end = stop
        position = stop if stop > position else position + _width(source, position)
    return from_bytes(b"".join((*parts, source[end:])))


def _width(source: bytes, position: int) -> int:
    """How many bytes the character at `position` has."""
    end = position + 1
    while end < len(source) and source[end] & 0xC0 == 0x80:
        end += 1
    return end - position


def _groups(program: Any) -> dict[str, int]:
    """The groups of a pattern by number and name."""
    named = {name.decode("utf-8", "replace"): index for name, index in program.groupindex.items()}
    return {str(index): index for index in range(program.groups + 1)} | named


def _template(replacement: str) -> list[bytes | str]:
    """The replacement cut into bytes, and texts that are the names or numbers of groups."""
    parts: list[bytes | str] = []
    end = 0
    for match in _REFERENCE.finditer(replacement):
        name = match[1] or match[2]
        parts += (to_bytes(replacement[end : match.start()]), name or b"$")
        end = match.end()
    return [*parts, to_bytes(replacement[end:])]


def _expanded(part: bytes | str, match: Any, groups: dict[str, int]) -> bytes:
    if isinstance(part, bytes):
        return part
    found: bytes | None = match[groups[part]] if part in groups else None
    return found or b""


def _random(environment: Environment, pattern: str) -> str:
    if not pattern:
        raise ValueError("no pattern provided")
    compiled(pattern)
    return generate(pattern, environment.seed)


FUNCTIONS = (
    Function("random", (STRING,), _random, asks=True),
    Function("regex_match", (STRING, STRING_OR_NUMBER), _match),
    Function("regex_replace_all", (STRING, STRING_OR_NUMBER, STRING_OR_NUMBER), _replace_all),
    Function("regex_replace_all_literal", (STRING, STRING_OR_NUMBER, STRING_OR_NUMBER), _replace_all_literal),
)
