"""Text that nobody vouches for, made fit to print: what a terminal or a parser would act on is shown instead."""

from policylint.regex import regex

_JOINERS_AND_WIDE_SPACE = "\u200c\u200d\u3000"
_WEB_ADDRESS = regex(r"https?://[!-~]+")
_LONE_SURROGATES = regex("[\ud800-\udfff]")


def escaped(character: str) -> str:
    """The Python escape of one character: `\\x1b`, `\\u202e`, `\\n`."""
    return character.encode("unicode_escape").decode("ascii")


def is_plain(character: str) -> bool:
    """Whether a terminal shows the character and does nothing else.

    Control and format characters (also those that turn the writing direction around), line separators, no-break
    spaces, lone surrogates and unassigned characters are not plain.
    """
    return character.isprintable() or character in _JOINERS_AND_WIDE_SPACE


def visible(text: str) -> str:
    """`text` on one line, everything invisible in it shown as an escape."""
    if text.isprintable():
        return text
    return "".join(character if is_plain(character) else escaped(character) for character in text)


def visible_lines(text: str) -> list[str]:
    """The lines of `text`, each made visible; LF and CRLF end a line."""
    return [visible(line) for line in text.replace("\r\n", "\n").split("\n")]


def web_address(url: str) -> str:
    """`url` when it is a plain http(s) address, else nothing."""
    return url if _WEB_ADDRESS.fullmatch(url) else ""


def without_surrogates(text: str) -> str:
    """`text` with lone surrogates, which no encoding and few JSON parsers take, shown as escapes."""
    return _LONE_SURROGATES.sub(lambda match: escaped(match[0]), text)
