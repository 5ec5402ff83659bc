"""One symbolic operation to the splices of text that carry it out.

What cannot be done exactly is declined; the caller reads the result again, so a wrong guess about exotic syntax is
never kept.
"""

import re

import yaml

from policylint.document.compose import Node
from policylint.document.layout import Declined, Layout, Splice
from policylint.document.quoting import PLAIN_STYLE, render_key, render_scalar, render_value
from policylint.document.removal import remove
from policylint.model import Operation, Plain, RemoveKey, RenameKey, SetValue, Wrap, YamlPath

_COMMA = re.compile(r"[ \t]*,")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")


def splices_for(layout: Layout, operation: Operation) -> list[Splice]:
    """In order of place and without overlap. Raises Declined."""
    parent, index, missing = layout.resolve(operation.path)
    if isinstance(operation, SetValue):
        if missing:
            return _insert(layout, layout.child(parent, index), missing, operation)
        return _replace(layout, parent, index, operation.value)
    if missing or parent is None:
        raise Declined
    if isinstance(operation, RemoveKey):
        return remove(layout, layout.place(parent, index))
    if isinstance(operation, Wrap):
        return _wrap(layout, parent, index, operation.key)
    return _rename(layout, parent, index, operation)


def _replace(layout: Layout, parent: yaml.CollectionNode | None, index: int, value: Plain) -> list[Splice]:
    node = layout.child(parent, index)
    if not isinstance(node, yaml.ScalarNode) or isinstance(value, list | dict):
        raise Declined
    start, end = node.start_mark.index, node.end_mark.index
    flow = parent is not None and bool(parent.flow_style)
    if start == end:
        if layout.text[start - 1 : start] not in (":", "-"):
            raise Declined
        return [Splice(start, start, " " + render_scalar(value, layout.default_style(), flow=flow))]
    if not layout.is_bare(start):
        raise Declined
    if node.style in ("|", ">"):
        return _replace_block(layout, node, layout.end(parent, index), value)
    style = node.style or layout.default_style()
    return [Splice(start, end, render_scalar(value, style, flow=flow))]


def _replace_block(layout: Layout, node: yaml.ScalarNode, end: int, value: str | int | bool) -> list[Splice]:
    start = node.start_mark.index
    header = _BLOCK_HEADER.match(layout.text, start)
    if header is None:
        raise Declined
    stop, body_start = layout.line_end(header.end())
    end = max(stop, start + len(layout.text[start:end].rstrip("\r\n")))
    first = layout.text[body_start:end].lstrip("\r\n")
    indent = first[: len(first) - len(first.lstrip(" "))]
    if node.style == "|" and isinstance(value, str) and _literal_serves(value) and indent:
        eol = layout.break_at(stop)
        lines = "".join(eol + (indent + line if line else "") for line in value.removesuffix("\n").split("\n"))
        return [
            Splice(start, header.end(), "|" if value.endswith("\n") else "|-"),
            Splice(stop, end, lines),
        ]
    rendered = render_scalar(value, PLAIN_STYLE, flow=False)
    return [Splice(start, header.end(), rendered), Splice(stop, end, "")]


def _insert(layout: Layout, node: Node, missing: YamlPath, operation: SetValue) -> list[Splice]:
    names = [step for step in missing if isinstance(step, str)]
    if not isinstance(node, yaml.MappingNode) or len(names) != len(missing):
        raise Declined
    if node.flow_style:
        return _insert_flow(layout, node, _flow_pair(layout, names, operation.value))
    before = layout.index(node, operation.before) if operation.before else None
    if before is not None:
        return _insert_before(layout, node, before, names, operation.value)
    return _insert_block(layout, node, names, operation.value)


def _insert_block(layout: Layout, node: yaml.MappingNode, names: list[str], value: Plain) -> list[Splice]:
    column = node.value[0][0].start_mark.column
    stop, following = layout.line_end(_first_end(layout, node))
    eol = layout.break_at(stop) if stop != following else layout.line_break
    text = _block_pair(layout, column, names, value, eol)
    place = layout.past_deeper_comments(following, column)
    ended = place == 0 or layout.text[place - 1] == "\n"
    return [Splice(place, place, text + eol if ended else eol + text)]


def _insert_before(layout: Layout, node: yaml.MappingNode, index: int, names: list[str], value: Plain) -> list[Splice]:
    """A pair where another one begins, which moves to the next line; the first may stand behind a dash."""
    start, column = node.value[index][0].start_mark.index, node.value[index][0].start_mark.column
    text = _block_pair(layout, column, names, value, layout.line_break)
    return [Splice(start, start, text.lstrip(" ") + layout.line_break + " " * column)]


def _block_pair(layout: Layout, column: int, names: list[str], value: Plain, eol: str) -> str:
    step = layout.indentation_step()
    lines = [" " * (column + step * depth) + _key(layout, name, flow=False) for depth, name in enumerate(names)]
    return eol.join(lines) + " " + render_value(value, PLAIN_STYLE, flow=False)


def _first_end(layout: Layout, node: yaml.MappingNode) -> int:
    """The end of the first pair that does not end in an alias."""
    for index in range(len(node.value)):
        try:
            return layout.end(node, index)
        except Declined:
            continue
    raise Declined


def _flow_pair(layout: Layout, names: list[str], value: Plain) -> str:
    text = render_value(value, layout.default_style(), flow=True)
    for depth, name in enumerate(reversed(names)):
        text = f"{_key(layout, name, flow=True)} {text if depth == 0 else '{' + text + '}'}"
    return text


def _insert_flow(layout: Layout, node: yaml.MappingNode, pair: str) -> list[Splice]:
    opening = layout.text.index("{", node.start_mark.index)
    if not node.value:
        inside = layout.text[opening + 1 : node.end_mark.index - 1]
        if inside and not inside.strip(" "):
            return [Splice(opening + 1, opening + 1 + len(inside), f" {pair} ")]
        return [Splice(opening + 1, opening + 1, pair)]
    key = node.value[0][0].start_mark.index
    end = layout.end(node, 0)
    indent = layout.text[layout.line_start(key) : key]
    if "\n" not in layout.text[opening:key] or indent.strip():
        return [Splice(end, end, f", {pair}")]
    comma = _COMMA.match(layout.text, end)
    after = comma.end() if comma is not None else end
    try:
        stop, _ = layout.line_end(after)
    except Declined:  # the line goes on with the next pair or the closing brace
        return [Splice(end, end, f", {pair}")]
    line = layout.break_at(stop) + indent + pair
    if comma is not None:
        return [Splice(stop, stop, line + ",")]
    return [Splice(end, end, ","), Splice(stop, stop, line)]


def _key(layout: Layout, name: str, *, flow: bool) -> str:
    return render_key(name, layout.default_style(), layout.dialect, flow=flow) + ":"


def _rename(layout: Layout, parent: yaml.CollectionNode, index: int, operation: RenameKey) -> list[Splice]:
    if not isinstance(parent, yaml.MappingNode):
        raise Declined
    key = parent.value[index][0]
    start, end = key.start_mark.index, key.end_mark.index
    if not isinstance(key, yaml.ScalarNode) or id(key) in layout.shared or key.style in ("|", ">") or start == end:
        raise Declined
    if not layout.is_bare(start):
        raise Declined
    name = render_key(operation.name, key.style or PLAIN_STYLE, layout.dialect, flow=bool(parent.flow_style))
    return [Splice(start, end, name)]


def _wrap(layout: Layout, parent: yaml.CollectionNode, index: int, key: str | None) -> list[Splice]:
    """The value of a pair moves to a line of its own; in flow style it gets brackets where it stands."""
    node = layout.child(parent, index)
    start, end = node.start_mark.index, node.end_mark.index
    if start == end or not layout.is_bare(start):
        raise Declined
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        return _wrap_block(layout, parent, index, key)
    opening = "- " if key is None else _key(layout, key, flow=bool(parent.flow_style)) + " "
    if parent.flow_style or isinstance(node, yaml.CollectionNode):
        before, after = ("[", "]") if key is None else ("{" + opening, "}")
        return [Splice(start, start, before), Splice(end, end, after)]
    if not isinstance(parent, yaml.MappingNode) or not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">"):
        raise Declined
    name = parent.value[index][0]
    colon = layout.text.index(":", name.end_mark.index)
    step = layout.indentation_step() if key is not None else layout.list_step()
    indent = layout.line_break + " " * (name.start_mark.column + step)
    return [Splice(colon + 1, start, indent + opening)]


def _wrap_block(layout: Layout, parent: yaml.CollectionNode, index: int, key: str | None) -> list[Splice]:
    """The first line of a block collection gets a dash, or a line with the key before it; the rest moves along."""
    node = layout.child(parent, index)
    if not isinstance(parent, yaml.MappingNode) or layout.text[
        layout.line_start(node.start_mark.index) : node.start_mark.index
    ].strip(" "):
        raise Declined
    start, column = node.start_mark.index, node.start_mark.column
    if key is None:
        shift, opening = 2, "- "
    else:
        shift = layout.list_step() if isinstance(node, yaml.SequenceNode) else layout.indentation_step()
        opening = _key(layout, key, flow=False) + layout.line_break + " " * (column + shift)
    end = layout.end(parent, index)
    first, *rest = layout.text[start:end].split("\n")
    moved = [" " * shift + line if line.strip("\r") else line for line in rest]
    # one splice for the whole block, so that no other edit is made inside of what moves
    return [Splice(start, end, opening + "\n".join([first, *moved]))]


def _literal_serves(value: str) -> bool:
    lines = value.removesuffix("\n").split("\n")
    plain = all(line.isprintable() and (not line or line.strip()) for line in lines)
    return plain and bool(lines[0]) and bool(lines[-1]) and not lines[0].startswith(" ")
