"""From a document that kustomize built back to the file and the lines that it was made from."""

import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from policylint.document.compose import ComposedDocument, compose
from policylint.document.construct import ConstructError, key_text
from policylint.document.document import Document
from policylint.document.positions import walk
from policylint.document.scalars import KUBERNETES
from policylint.document.source import RenderedSource, Source, TemplatePlace
from policylint.model import PathStep, YamlPath

_ORIGIN = "config.kubernetes.io/origin"
_ANNOTATIONS = YamlPath.of("metadata", "annotations")


class Built(NamedTuple):
    """One built document without its origin annotation. `origin` is a path relative to where the build ran, or empty.

    `generated` says that the origin is the kustomization itself, which has no lines that look like the document.
    """

    text: str
    origin: str
    generated: bool


def read_built(text: str) -> list[Built]:
    """The documents of a build that was asked for origin annotations."""
    return [_built(part) for part in re.split(r"^---\n", text, flags=re.MULTILINE) if part.strip()]


def _built(text: str) -> Built:
    document = _document(text)
    origin = document.annotations.get(_ORIGIN) if document is not None else None
    if document is None or not isinstance(origin, str):
        return Built(text, "", generated=False)
    fields = dict(re.findall(r"^(path|configuredIn): (.*)$", origin, re.MULTILINE))
    path = _unquote(fields.get("path") or fields.get("configuredIn") or "")
    return Built(_without_annotation(document), path, generated="path" not in fields)


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'") if text[:1] == "'" == text[-1:] else text.strip('"')


def _without_annotation(document: Document) -> str:
    """The text of `document` without the lines of its origin annotation."""
    spot = document.find(_ANNOTATIONS)
    only = isinstance(spot.value, yaml.MappingNode) and len(spot.value.value) == 1
    path = _ANNOTATIONS if only else _ANNOTATIONS / _ORIGIN
    key = document.find(path).key
    lines = document.source.text.split("\n")
    if key is None:
        return document.source.text
    start, column = key.start_mark.line, key.start_mark.column
    end = start + 1
    while end < len(lines) - 1 and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > column):
        end += 1
    return "\n".join([*lines[:start], *lines[end:]])


def sources_of(
    built: list[Built], ran_in: Path, folder: Path, shown: str, kustomization: str, by: str
) -> list[RenderedSource]:
    """The built documents, grouped by the file that they come from.

    `ran_in` is where the build ran, `folder` the kustomization's real folder, printed as `shown`; `kustomization` is
    the shown path of its file, which stands for documents of unknown origin.
    """
    groups: dict[str, list[Built]] = {}
    files: dict[str, Path] = {}
    for document in built:
        path = kustomization
        if document.origin:
            file = Path(os.path.normpath(ran_in / document.origin))
            path = _shown(file, folder, shown)
            files[path] = file
        groups.setdefault(path, []).append(document)
    return [_source(path, files.get(path), groups[path], by) for path in sorted(groups)]


def _shown(file: Path, folder: Path, shown: str) -> str:
    return Path(os.path.normpath(Path(shown) / os.path.relpath(file, folder))).as_posix()


def _source(path: str, file: Path | None, documents: list[Built], by: str) -> RenderedSource:
    origins = _documents(path, file) if file is not None else []
    places: dict[int, TemplatePlace] = {}
    texts: list[str] = []
    line = 0
    for built in documents:
        text = built.text.rstrip("\n")
        if not built.generated:
            places.update({line + number: place for number, place in _places(text, origins).items()})
        texts.append(text)
        line += text.count("\n") + 2
    return RenderedSource(path, "\n---\n".join(texts) + "\n", by, places)


def _documents(path: str, file: Path) -> list[Document]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    return _read(Source(path, text))


def _read(source: Source) -> list[Document]:
    found = []
    for index, composed in enumerate(compose(source.text)):
        if isinstance(composed, ComposedDocument):
            try:
                found.append(Document(source, composed.node, composed.base, index, KUBERNETES, ""))
            except ConstructError:
                continue
    return found


def _document(text: str) -> Document | None:
    return next(iter(_read(Source("", text))), None)


def _places(text: str, origins: list[Document]) -> dict[int, TemplatePlace]:
    """The origin of each line of one document: where the same path holds the same value."""
    document = _document(text)
    origin = _origin_of(document, origins) if document is not None else None
    if document is None or origin is None:
        return {}
    places: dict[int, TemplatePlace] = {}
    for path, node in walk(document.node, KUBERNETES):
        for below, start in _lines_below(path, node):
            there = _same_place(document.data, origin.data, below)
            places.pop(start + 1, None)  # the innermost path of a line is the one that its text is about
            if there is not None and _agree(document.get(below), origin.get(there)):
                places[start + 1] = _place(origin, there)
    return places


def _lines_below(path: YamlPath, node: yaml.Node) -> list[tuple[YamlPath, int]]:
    if isinstance(node, yaml.MappingNode):
        return [(path / key_text(key, KUBERNETES), key.start_mark.line) for key, _ in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(path / index, item.start_mark.line) for index, item in enumerate(node.value)]
    return []


def _origin_of(document: Document, origins: list[Document]) -> Document | None:
    """The document of the origin file that `document` was made from, names possibly with a prefix or a suffix."""
    alike = [origin for origin in origins if (origin.kind, origin.group) == (document.kind, document.group)]
    if len(alike) > 1:
        named = [origin for origin in alike if origin.name == document.name]
        alike = named or [origin for origin in alike if origin.name and origin.name in document.name]
    return alike[0] if len(alike) == 1 else None


def _same_place(data: Any, origin: Any, path: YamlPath) -> YamlPath | None:
    """`path` of `data` as a path of `origin`: items of lists may have moved, and are known by their names."""
    found: list[PathStep] = []
    for step in path:
        if isinstance(data, dict) and isinstance(origin, dict) and step in origin:
            found.append(step)
        elif isinstance(data, list) and isinstance(origin, list) and isinstance(step, int):
            index = _same_item(data, origin, step)
            if index is None:
                return None
            found.append(index)
        else:
            return None
        data, origin = data[step], origin[found[-1]]
    return YamlPath(found)


def _same_item(items: list[Any], origins: list[Any], index: int) -> int | None:
    item = items[index]
    if isinstance(item, dict) and "name" in item:
        same = [i for i, other in enumerate(origins) if isinstance(other, dict) and other.get("name") == item["name"]]
    else:
        same = [i for i, other in enumerate(origins) if other == item]
    if len(same) == 1:
        return same[0]
    return index if len(items) == len(origins) and (not same or index in same) else None


def _agree(value: Any, origin: Any) -> bool:
    if isinstance(value, dict | list):
        return type(value) is type(origin)
    return bool(value == origin) and type(value) is type(origin)


def _place(document: Document, path: YamlPath) -> TemplatePlace:
    start, _ = document.span(path, "key")
    line, column = document.source.line_and_column(start)
    end = len(document.source.line_text(line).rstrip()) + 1
    return TemplatePlace(document.source.path, line, column, end, exact=True)
