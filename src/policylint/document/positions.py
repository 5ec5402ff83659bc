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


def find(root: Node, path: YamlPath, dialect: Dialect) -> Spot:
    """The nodes at `path`, or at its longest prefix that exists."""
    spot = Spot(None, root, None, ROOT)
    for depth, step in enumerate(path):
        below = _step(spot.value, step, dialect)
        if below is None:
            return spot._replace(missing=YamlPath(path[depth:]))
        spot = Spot(below[0], below[1], spot.value, ROOT)
    return spot


def _step(node: Node, step: PathStep, dialect: Dialect) -> tuple[Node | None, Node] | None:
    if isinstance(node, yaml.SequenceNode):
        if isinstance(step, int) and -len(node.value) <= step < len(node.value):
            return None, node.value[step]
        return None
    if isinstance(node, yaml.MappingNode):
        return _pair(node, str(step), dialect)
    return None


def _pair(node: yaml.MappingNode, key: str, dialect: Dialect) -> tuple[Node, Node] | None:
    found = None
    for key_node, value_node in node.value:
        if key_text(key_node, dialect) == key:
            found = key_node, value_node  # the last of duplicates is the one that counts
    return found if found is not None or not dialect.merges else _merged_pair(node, key, dialect)


def _merged_pair(node: yaml.MappingNode, key: str, dialect: Dialect) -> tuple[Node, Node] | None:
    for key_node, value_node in node.value:
        if key_node.tag == PLAIN and key_node.value == "<<":
            for source in value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]:
                found = _pair(source, key, dialect) if isinstance(source, yaml.MappingNode) else None
                if found is not None:
                    return found
    return None


def path_of(root: Node, target: Node, dialect: Dialect) -> YamlPath:
    """The path of the collection `target` under `root`; the root's when it is not there."""
    for path, node in walk(root, dialect):
        if node is target:
            return path
    return ROOT


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
