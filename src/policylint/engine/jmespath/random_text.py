"""`random`: a text that matches a regular expression, the same one for the same seed and pattern.

As github.com/zach-klippenstein/goregen: `*` and `+` repeat up to 4,096 times, anchors and word boundaries add nothing.
Where upstream would pick from all of Unicode (`.` and negated classes) the letters are printable ASCII.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from policylint.engine.errors import Unsupported
from policylint.regex import regex

if TYPE_CHECKING:
    from random import Random

Generator = Callable[["Random"], str]

_UNBOUNDED = 4096
_LONGEST = 1 << 20
_DEEPEST = 100
_PRINTABLE = tuple(map(chr, range(0x20, 0x7F)))
_DIGITS, _SPACES = "0123456789", "\t\n\f\r "
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_WORD = _DIGITS + _UPPER + "_" + _LOWER
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACES}
_NAMED = {
    "alnum": _DIGITS + _UPPER + _LOWER,
    "alpha": _UPPER + _LOWER,
    "blank": "\t ",
    "digit": _DIGITS,
    "graph": "".join(_PRINTABLE[1:]),
    "lower": _LOWER,
    "print": "".join(_PRINTABLE),
    "punct": _PUNCTUATION,
    "space": "\t\n\v\f\r ",
    "upper": _UPPER,
    "word": _WORD,
    "xdigit": _DIGITS + "ABCDEFabcdef",
}
_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_REPEAT = regex(r"(?:([*+?])|\{([0-9]+)(,)?([0-9]+)?\})\??")
_GROUP = regex(r"\(\?(?:P?<[A-Za-z0-9_]+>|:)|\((?!\?)")
_CODE = regex(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_NAMED_CLASS = regex(r"\[:(\^?)([a-z]+):\]")


def generate(pattern: str, seed: str) -> str:
    """A text that `pattern`, which RE2 has accepted, matches.

    Raises Unsupported for flags, Unicode classes and other rare syntax, ValueError when the text becomes too long.
    """
    from random import Random

    return _Parser(pattern).parse()(Random(f"{seed}\n{pattern}"))  # noqa: S311 -- not a secret, and repeatable


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0

    def parse(self) -> Generator:
        return self._alternatives()

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1 : self._at]

    def _alternatives(self) -> Generator:
        choices = [self._concatenation()]
        while self._peek() == "|":
            self._at += 1
            choices.append(self._concatenation())
        return choices[0] if len(choices) == 1 else lambda chance: choices[chance.randrange(len(choices))](chance)

    def _concatenation(self) -> Generator:
        parts: list[Generator] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return lambda chance: _joined(part(chance) for part in parts)

    def _repeated(self, atom: Generator) -> Generator:
        match = _REPEAT.match(self._pattern, self._at)
        if match is None:
            return atom
        self._at = match.end()
        sign, least, comma, most = match.groups()
        if sign:
            low, high = {"*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED), "?": (0, 1)}[sign]
        else:
            low = int(least)
            high = int(most) if most else _UNBOUNDED if comma else low
        # as upstream: an open repetition ends at its bound even when its least count is higher
        span = max(high, low) - low + 1
        return lambda chance: _joined(atom(chance) for _ in range(low + chance.randrange(span)))

    def _atom(self) -> Generator:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return _one_of(self._class())
        if character == ".":
            return _one_of(_PRINTABLE)
        if character in "^$":
            return _literal("")
        if character == "\\":
            return self._escape()
        return _literal(character)

    def _group(self) -> Generator:
        match = _GROUP.match(self._pattern, self._at - 1)
        self._depth += 1
        if match is None:
            raise Unsupported(f"random with flags in its pattern ({self._pattern[self._at - 1 : self._at + 5]})")
        if self._depth > _DEEPEST:
            raise ValueError("the pattern is nested too deeply")
        self._at = match.end()
        inner = self._alternatives()
        self._at += 1
        self._depth -= 1
        return inner

    def _escape(self) -> Generator:
        if self._peek() in ("b", "B", "A", "z"):
            self._at += 1
            return _literal("")
        letters = self._escaped()
        return _literal(letters[0]) if len(letters) == 1 else _one_of(letters)

    def _escaped(self) -> tuple[str, ...]:
        """The characters that the escape after a backslash stands for."""
        code = _CODE.match(self._pattern, self._at)
        if code is not None:
            self._at = code.end()
            return (chr(int(code[1] or code[2], 16)),)
        letter = self._next()
        if letter.lower() in _CLASSES:
            known = tuple(_CLASSES[letter.lower()])
            return known if letter.islower() else _without(known)
        if letter.isalnum() and letter not in _ESCAPES:
            raise Unsupported(f"random with \\{letter} in its pattern")
        return (_ESCAPES.get(letter, letter),)

    def _class(self) -> tuple[str, ...]:
        negated = self._peek() == "^"
        self._at += negated
        letters: dict[str, None] = {}
        first = True
        while first or self._peek() != "]":
            first = False
            found = self._class_part()
            if len(found) == 1 and self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                (last,) = self._class_part()
                found = tuple(map(chr, range(ord(found[0]), ord(last) + 1)))
            letters.update(dict.fromkeys(found))
        self._at += 1
        return _without(tuple(letters)) if negated else tuple(letters)

    def _class_part(self) -> tuple[str, ...]:
        named = _NAMED_CLASS.match(self._pattern, self._at)
        if named is not None:
            self._at = named.end()
            known = tuple(_NAMED[named[2]])
            return _without(known) if named[1] else known
        character = self._next()
        return self._escaped() if character == "\\" else (character,)


def _joined(parts: Iterable[str]) -> str:
    pieces, length = [], 0
    for part in parts:
        length += len(part)
        if length > _LONGEST:
            raise ValueError(f"the pattern asks for more than {_LONGEST:,} characters")
        pieces.append(part)
    return "".join(pieces)


def _literal(text: str) -> Generator:
    return lambda chance: text


def _one_of(letters: tuple[str, ...]) -> Generator:
    if not letters:
        raise Unsupported("random with a class that excludes all of ASCII")
    return lambda chance: letters[chance.randrange(len(letters))]


def _without(letters: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(letter for letter in _PRINTABLE if letter not in letters)
