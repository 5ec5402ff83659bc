"""Removing one element of a block or flow collection from the text."""

import re

import yaml

from policylint.document.layout import Declined, Layout, Place, Splice

_BLANKS = re.compile(r"\s*")
_COMMA = re.compile(r"[ \t]*,")
_DASH = re.compile(r"-[ \t]*\Z")


def remove(layout: Layout, place: Place) -> list[Splice]:
    """The splices that take the element out, with its whole lines or its comma. Raises Declined."""
    if place.parent.flow_style:
        return _remove_flow(layout, place)
    if isinstance(place.parent, yaml.SequenceNode):
        line = layout.line_start(place.start)
        dash = _DASH.search(layout.text, line, place.start)
        if dash is None:
            raise Declined
        place = place._replace(start=dash.start())
    if len(place.parent.value) == 1:
        return _empty(layout, place)
    line = layout.line_start(place.start)
    _, following = layout.line_end(place.end)
    if not layout.text[line : place.start].strip():
        if following == len(layout.text) and not layout.text.endswith("\n"):
            return [Splice(layout.break_before(line), following, "")]
        return [Splice(line, following, "")]
    if place.position > 0:
        raise Declined
    blanks = _BLANKS.match(layout.text, following)
    return [Splice(place.start, blanks.end() if blanks is not None else following, "")]


def _empty(layout: Layout, place: Place) -> list[Splice]:
    """The only element of a block collection gives way to `{}` or `[]`, beside the key where that is free."""
    empty = "{}" if isinstance(place.parent, yaml.MappingNode) else "[]"
    end = place.start + len(layout.text[place.start : place.end].rstrip("\r\n"))
    before = len(layout.text[: place.start].rstrip())
    key_line = layout.text[layout.line_start(before) : before]
    if key_line.endswith(":") and "#" not in key_line and place.parent is not layout.root:
        return [Splice(before, end, " " + empty)]
    return [Splice(place.start, end, empty)]


def _remove_flow(layout: Layout, place: Place) -> list[Splice]:
    count = len(place.parent.value)
    if count == 1:
        opening = place.parent.start_mark.index
        inside = layout.text[opening + 1 : place.parent.end_mark.index - 1]
        if "#" in inside or not layout.is_bare(opening):
            raise Declined
        return [Splice(opening + 1, opening + 1 + len(inside), "")]
    comma = _COMMA.match(layout.text, place.end)
    after = comma.end() if comma is not None else place.end
    own_lines = _own_lines(layout, place.start, after)
    if place.position < count - 1:
        following = layout.place(place.parent, place.position + 1).start
        if own_lines is not None:
            return [own_lines]
        return [_without_comment(layout, Splice(place.start, following, ""))]
    previous = layout.end(place.parent, place.position - 1)
    if own_lines is None:
        return [_without_comment(layout, Splice(previous, place.end, ""))]
    if comma is not None:
        return [own_lines]
    separator = _COMMA.match(layout.text, previous)
    if separator is None:
        raise Declined
    return [Splice(previous, separator.end(), ""), own_lines]


def _without_comment(layout: Layout, splice: Splice) -> Splice:
    if "#" in layout.text[splice.start : splice.end]:
        raise Declined
    return splice


def _own_lines(layout: Layout, start: int, end: int) -> Splice | None:
    """The whole lines of [start, end) when nothing but a comment shares them."""
    line = layout.line_start(start)
    if layout.text[line:start].strip():
        return None
    try:
        return Splice(line, layout.line_end(end)[1], "")
    except Declined:
        return None
