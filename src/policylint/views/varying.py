"""What of a rendered document comes out differently each time its chart is rendered."""

import yaml

from policylint.document.document import Document
from policylint.document.positions import walk
from policylint.model import YamlPath


def varying_paths(document: Document) -> list[tuple[YamlPath, bool]]:
    """The scalars on lines that differ, in document order; True where `lookup` in a cluster may keep them the same."""
    source, found = document.source, []
    for path, node in walk(document.node, document.dialect):
        if isinstance(node, yaml.ScalarNode):
            start, end = document.node_span(node)
            first, last = source.line_and_column(start)[0], source.line_and_column(end)[0]
            kept = [source.varying[line] for line in range(first, last + 1) if line in source.varying]
            if kept:
                found.append((path, all(kept)))
    return found
