"""What Helm printed, as the text of each template, with its lines traced to the template."""

import re

from yaml import MappingNode, SequenceNode

from policylint.document.compose import ParseError, compose
from policylint.document.source import RenderedSource
from policylint.sources.helm_chart import Chart, join, template_file
from policylint.sources.rendering import RenderFailure

_KIND = re.compile(r"^[\"']?kind[\"']?:\s*[\"']?(\w+)", re.MULTILINE)
_HOOK = re.compile(r"^\s+[\"']?helm\.sh/hook[\"']?:", re.MULTILINE)


def template_text(chart: Chart, name: str) -> str:
    """The text of the template that Helm calls `name`; empty for one in an archive, or that is no text."""
    path = chart.folder / template_file(chart, name)
    if path.suffix == ".tgz":
        return ""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def shown_template(chart: Chart, name: str) -> str:
    """How the file of the template that Helm calls `name` is printed."""
    return join(chart.shown, template_file(chart, name))


def text_of(documents: list[str], template: str) -> str:
    """The documents of one template as one text, in the order in which `template` has them."""
    return "\n---\n".join(_in_template_order(documents, template)) + "\n"


def _in_template_order(documents: list[str], template: str) -> list[str]:
    """Documents in the order of the template's `kind:` lines.

    The helm program sorts documents by when they are to be installed, hooks last, and keeps the order only within a
    kind; the SDK does not sort. The first sorting here makes both alike.
    """
    alike = sorted(documents, key=lambda document: (_kind(document), _HOOK.search(document) is not None))
    lines: dict[str, list[int]] = {}
    for match in _KIND.finditer(template):
        lines.setdefault(match.group(1), []).append(match.start())
    counts: dict[str, int] = {}
    for document in alike:
        counts[_kind(document)] = counts.get(_kind(document), 0) + 1
    seen: dict[str, int] = {}
    placed = []
    for document in alike:
        kind = _kind(document)
        own = lines.get(kind, [len(template)])
        index = seen.get(kind, 0) if len(own) == counts[kind] else 0
        seen[kind] = seen.get(kind, 0) + 1
        placed.append((own[index], document))
    return [document for _, document in sorted(placed, key=lambda item: item[0])]


def _kind(document: str) -> str:
    match = _KIND.search(document)
    return match.group(1) if match is not None else ""


def unreadable(sources: tuple[RenderedSource, ...]) -> tuple[bool, list[RenderFailure]]:
    """Whether some text is not YAML (whose reader will say so with its line), and the YAML that is no object."""
    broken = False
    failures: list[RenderFailure] = []
    for source in sources:
        for document in compose(source.text):
            if isinstance(document, ParseError):
                broken = True
            elif not isinstance(document.node, MappingNode) and document.node.value:
                start = document.base + document.node.start_mark.index
                what = "a list" if isinstance(document.node, SequenceNode) else "plain text"
                message = f"this renders to {what}, where helm wants Kubernetes objects"
                failures.append(RenderFailure(source.location(start, start), message))
    return broken, failures
