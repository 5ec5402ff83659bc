"""Reading suppressions: from comments, from annotations, from other tools' comments, and from the configuration."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from policylint.config import Config
from policylint.document.document import Document
from policylint.document.source import Source
from policylint.lint.comments import Comment, CommentMap
from policylint.lint.suppression import (
    ANNOTATION,
    MARKER,
    ZIZMOR_MARKER,
    Mistake,
    RuleNames,
    Suppression,
    has_suppressions,
)
from policylint.model import Location, YamlPath

REASON_ANNOTATION = "policylint.dev/ignore-reason"
_OURS = re.compile(r"(?<![^ \t])#[ \t]*policylint:[ \t]*")
_NEXT_COMMENT = re.compile(r"(?<=[ \t])#")
_BODY = re.compile(r"(ignore|ignore-file)\[([^\[\]]*)\](?:\s+until=(\S+))?(?:\s+(.*))?\Z")
_GRAMMAR = Mistake("this is not a suppression", "write `# policylint: ignore[ID] reason` or `ignore-file[ID] reason`")

# zizmor's grammar of an ignore comment (crates/zizmor/src/finding/location.rs `IGNORE_EXPR`)
_ZIZMOR = re.compile(r"# zizmor: ignore\[(.+)\](?:\s+.*)?$")


def file_suppressions(source: Source, documents: Sequence[Document], names: RuleNames) -> list[Suppression]:
    """Every suppression in the text of `source` and in its documents' annotations.

    `documents` may hold documents embedded in others; their texts are read as well, each as a source of its own.
    """
    sources = dict.fromkeys([source, *(document.source for document in documents)])
    found: list[Suppression] = []
    for each in sources:
        if has_suppressions(each.text, names):
            found.extend(_from_comments(each, names))
    for document in documents:
        found.extend(_from_annotation(document, names))
    return found


def configured_suppressions(config: Config, names: RuleNames) -> list[Suppression]:
    """The entries of the configuration's `suppressions`."""
    found = []
    for entry in config.suppressions:
        rules, mistakes = names.read(entry.rule, everywhere=True)
        location = Location(config.file, entry.line, 1, entry.line, 1)
        found.append(
            Suppression(
                "configuration",
                location,
                rules,
                entry.reason.strip(),
                entry.until,
                path=entry.path,
                resource=entry.resource,
                root=config.root,
                mistakes=mistakes,
            )
        )
    return found


def _from_comments(source: Source, names: RuleNames) -> Iterator[Suppression]:
    if MARKER not in source.text and ZIZMOR_MARKER not in source.text:
        return
    places = CommentMap(source)
    for comment in places.comments(MARKER):
        for match in _OURS.finditer(comment.text):
            rest = _NEXT_COMMENT.search(comment.text, match.end() + 1)
            body = comment.text[match.end() : rest.start() if rest is not None else None].rstrip(" \t")
            span = (comment.start + match.start(), comment.start + match.end() + len(body))
            yield _from_body(source, names, body, span, places.governed(comment))
    for comment in places.comments(ZIZMOR_MARKER) if names.foreign else ():
        yield from _from_zizmor(source, names, comment)


def _from_body(
    source: Source, names: RuleNames, body: str, span: tuple[int, int], governed: tuple[int, int]
) -> Suppression:
    location = source.location(*span)
    match = _BODY.match(body)
    if match is None:
        return Suppression("comment", location, (), source=source, span=span, mistakes=(_GRAMMAR,))
    command, listed, day, reason = match.groups()
    rules, mistakes = names.read(listed)
    until = None
    if day is not None:
        try:
            until = date.fromisoformat(day)
        except ValueError:
            mistakes = (*mistakes, Mistake(f"`until={day}` is not a date", "write the last day as until=YYYY-MM-DD"))
            rules = ()
    lines = None if command == "ignore-file" else governed
    return Suppression("comment", location, rules, reason or "", until, source, lines, span, mistakes=mistakes)


def _from_zizmor(source: Source, names: RuleNames, comment: Comment) -> Iterable[Suppression]:
    match = _ZIZMOR.search(comment.text)
    audits = [audit.strip() for audit in match[1].split(",")] if match is not None else []
    rules = tuple(rule for audit in audits for rule in names.foreign.get(f"zizmor:{audit}", ()))
    if rules:
        lines = (comment.line, comment.line)
        location = source.location(comment.start, comment.end)
        yield Suppression("foreign", location, rules, source=source, lines=lines)


def _from_annotation(document: Document, names: RuleNames) -> Iterable[Suppression]:
    if ANNOTATION not in document.annotations:
        return
    source, value = document.source, document.annotations[ANNOTATION]
    location = document.location(YamlPath.of("metadata", "annotations", ANNOTATION))
    if not isinstance(value, str):
        mistake = Mistake(f"the annotation {ANNOTATION} takes a string", 'name rules: `"IMG001, unpinned-image"`')
        yield Suppression("annotation", location, (), source=source, mistakes=(mistake,))
        return
    rules, mistakes = names.read(value)
    start, end = document.node_span(document.node)
    lines = (source.line_and_column(start)[0], source.line_and_column(max(start, end - 1))[0])
    reason = document.annotations.get(REASON_ANNOTATION)
    said = reason.strip() if isinstance(reason, str) else ""
    yield Suppression("annotation", location, rules, said, None, source, lines, mistakes=mistakes)
