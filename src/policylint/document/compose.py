"""Text to YAML nodes, one document at a time, with errors that name their position.

PyYAML's C parser does the work; nodes carry the line, column and character index of everything. The text is cut at
document markers first, as kubectl does, so that one broken document does not hide the others and memory is bounded
by one document.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, cast

import yaml

from policylint.regex import regex

MAX_DEPTH = 300
# The API server refuses requests over 3 MiB; lists that `kubectl get -o yaml` prints may be longer.
MAX_CHARACTERS = 16 * 1024 * 1024
# Shallower nesting than this cannot exhaust the C stack of the composer, whose recursion nothing else bounds.
_SUSPICIOUS = 150
_DEEP_BLOCK = regex(rf"^[ \t?:-]{{{_SUSPICIOUS}}}", re.MULTILINE)
_BRACKETS = regex(r"[\[\]{}]")
_MARKER = regex(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_DIRECTIVE = regex(r"^%(?:YAML|TAG)\b", re.MULTILINE)
_CONTENT = regex(r"^[ \t]*[^#\s]", re.MULTILINE)

Node = yaml.Node
PLAIN = ""
STRING = "tag:yaml.org,2002:str"


class ParseError(NamedTuple):
    """Why a stretch of text is not YAML. Offsets count characters from the start of the whole text.

    `context` says what was being read when it went wrong, and began at `context_offset`.
    """

    offset: int
    message: str
    context: str = ""
    context_offset: int = 0


class ComposedDocument(NamedTuple):
    """One document's root node. `base` is to be added to the character indices of its marks."""

    node: Node
    base: int


class _Resolving:
    """Tags plain scalars as PLAIN and others as STRING: what they mean is the dialect's to say."""

    def resolve(self, kind: type[Node], value: str, implicit: Any) -> str:
        return PLAIN if kind is yaml.ScalarNode and implicit[0] else STRING

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


@cache
def _loader_type() -> Any:
    """PyYAML's C composer where PyYAML was built with libyaml, else the pure one, with our resolving."""
    if yaml.__with_libyaml__:
        from yaml._yaml import CParser

        return type("PositionComposer", (_Resolving, CParser), {})
    return type("PositionComposer", (_Resolving, _pure_composer()), {})


def _pure_composer() -> Any:
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class PureComposer(Reader, Scanner, Parser, Composer):
        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)

    return PureComposer


def compose(text: str, limit: int = MAX_CHARACTERS) -> Iterator[ComposedDocument | ParseError]:
    """The documents of `text` in order, each composed or the reason why it could not be.

    Documents without content (only blank lines and comments) are left out; one that is longer than `limit`
    characters is refused.
    """
    for start, chunk in _chunks(text):
        if _CONTENT.search(chunk[3:] if chunk.startswith("---") else chunk) is None:
            continue
        if len(chunk) > limit:
            size = len(chunk) / (1024 * 1024)
            yield ParseError(
                start, f"this document is too long: {size:.0f} MiB, and at most {limit >> 20} MiB are read"
            )
            continue
        yield from _compose_chunk(chunk, start)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    if "%" in text and _DIRECTIVE.search(text) is not None:
        yield 0, text
        return
    start = 0
    for match in _MARKER.finditer(text):
        if match.start() > start:
            yield start, text[start : match.start()]
        start = match.start()
    yield start, text[start:]


def _compose_chunk(chunk: str, base: int) -> Iterator[ComposedDocument | ParseError]:
    too_deep = _depth_error(chunk)
    if too_deep is not None:
        yield too_deep._replace(offset=base + too_deep.offset)
        return
    try:
        loader = _loader_type()(chunk)
        while loader.check_node():
            yield ComposedDocument(cast("Node", loader.get_node()), base)
    except yaml.MarkedYAMLError as error:
        swapped = _without_surrogates(chunk) if error.problem == _BAD_ESCAPE else None
        if swapped is None:
            yield _marked_error(error, chunk, base)
        else:
            yield from map(_with_surrogates, _compose_chunk(swapped, base))
    except yaml.reader.ReaderError as error:
        yield _reader_error(error, chunk, base)


def _without_surrogates(chunk: str) -> str | None:
    from policylint.document.surrogates import without_surrogates

    return without_surrogates(chunk)


def _with_surrogates(composed: ComposedDocument | ParseError) -> ComposedDocument | ParseError:
    from policylint.document.surrogates import restore

    if isinstance(composed, ComposedDocument):
        restore(composed.node)
    return composed


_BAD_ESCAPE = "found invalid Unicode character escape code"
_UNTOKENIZABLE = "found character that cannot start any token"


def _marked_error(error: yaml.MarkedYAMLError, chunk: str, base: int) -> ParseError:
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(chunk)) if mark is not None else 0
    problem = error.problem or "this is not YAML"
    if problem == _UNTOKENIZABLE and chunk[index : index + 1] == "\t":
        problem = "a tab indents this line; YAML allows only spaces there"
    if error.context is None or error.context_mark is None:
        return ParseError(base + index, problem)
    return ParseError(base + index, problem, error.context, base + error.context_mark.index)


def _reader_error(error: yaml.reader.ReaderError, chunk: str, base: int) -> ParseError:
    symbol = error.character if isinstance(error.character, str) else chr(max(error.character, 0))
    found = chunk.find(symbol)
    index = found if found >= 0 else min(error.position, len(chunk))
    return ParseError(base + index, f"character U+{ord(symbol[:1] or chr(0)):04X} is not allowed in YAML")


def _depth_error(chunk: str) -> ParseError | None:
    """A ParseError when collections nest deeper than MAX_DEPTH, decided without recursion."""
    if _DEEP_BLOCK.search(chunk) is None and not _many_open_brackets(chunk):
        return None
    depth = 0
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        for event in yaml.parse(chunk, Loader=loader):
            if isinstance(event, yaml.CollectionStartEvent) and event.start_mark is not None:
                depth += 1
                if depth > MAX_DEPTH:
                    return ParseError(event.start_mark.index, f"collections nest deeper than {MAX_DEPTH} levels")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        pass  # composing meets the same error and reports it; what was read before it was shallow
    return None


def _many_open_brackets(chunk: str) -> bool:
    if chunk.count("[") + chunk.count("{") < _SUSPICIOUS:
        return False
    depth = 0
    for bracket in _BRACKETS.findall(chunk):
        if bracket in "[{":
            depth += 1
            if depth >= _SUSPICIOUS:
                return True
        elif depth:
            depth -= 1
    return False
