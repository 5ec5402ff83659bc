"""From a path to its nodes: the key, the value, and for absent paths the nearest parent that exists."""

from collections.abc import Iterator
from typing import NamedTuple

import yaml

from policylint.document.compose import PLAIN, Node
from policylint.document.construct import key_text
from policylint.document.scalars import Dialect
from policylint.model import ROOT, PathStep, YamlPath


class Spot(NamedTuple):
    """Where a path leads. `missing` holds the steps that the document does not have; `key` is None for list items."""

    key: Node | None
    value: Node
    parent: Node | None
    missing: YamlPath


_Pair = tuple[Node, Node]
# By the id of a wide mapping, its pairs by key: looking for one key after another would take the square of its width.
Indexes = dict[int, dict[str, _Pair]]
_WIDE = 32


def find(root: Node, path: YamlPath, dialect: Dialect, indexes: Indexes) -> Spot:
    """The nodes at `path`, or at its longest prefix that exists. `indexes` is kept with `root`, and grows."""
    spot = Spot(None, root, None, ROOT)
    for depth, step in enumerate(path):
        below = _step(spot.value, step, dialect, indexes)
        if below is None:
            return spot._replace(missing=YamlPath(path[depth:]))
        spot = Spot(below[0], below[1], spot.value, ROOT)
    return spot


def _step(node: Node, step: PathStep, dialect: Dialect, indexes: Indexes) -> tuple[Node | None, Node] | None:
    if isinstance(node, yaml.SequenceNode):
        if isinstance(step, int) and -len(node.value) <= step < len(node.value):
            return None, node.value[step]
        return None
    if isinstance(node, yaml.MappingNode):
        return _pair(node, str(step), dialect, indexes)
    return None


def _pair(node: yaml.MappingNode, key: str, dialect: Dialect, indexes: Indexes) -> _Pair | None:
    found = None
    if len(node.value) >= _WIDE:
        if id(node) not in indexes:
            indexes[id(node)] = {key_text(pair[0], dialect): pair for pair in node.value}
        found = indexes[id(node)].get(key)
    else:
        for key_node, value_node in node.value:
            if key_text(key_node, dialect) == key:
                found = key_node, value_node  # the last of duplicates is the one that counts
    return found if found is not None or not dialect.merges else _merged_pair(node, key, dialect, indexes)


def _merged_pair(node: yaml.MappingNode, key: str, dialect: Dialect, indexes: Indexes) -> _Pair | None:
    for key_node, value_node in node.value:
        if key_node.tag == PLAIN and key_node.value == "<<":
            for source in value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]:
                found = _pair(source, key, dialect, indexes) if isinstance(source, yaml.MappingNode) else None
                if found is not None:
                    return found
    return None


def walk(root: Node, dialect: Dialect, path: YamlPath = ROOT) -> Iterator[tuple[YamlPath, Node]]:
    """Every node under `root` with its path, each aliased collection once."""
    seen: set[int] = set()
    stack = [(path, root)]
    while stack:
        here, node = stack.pop()
        yield here, node
        if isinstance(node, yaml.ScalarNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            below = [(here / key_text(key, dialect), value) for key, value in node.value]
        else:
            below = [(here / index, value) for index, value in enumerate(node.value)]
        stack.extend(reversed(below))


def content_end(node: Node) -> int:
    """The index after the last character that belongs to `node` (a block collection's own mark lies further on)."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    return int(node.end_mark.index)
