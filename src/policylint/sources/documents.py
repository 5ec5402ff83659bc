"""One text to its documents: classified, resolved by their dialect, with lists and embedded manifests unpacked."""

import base64
import binascii
from collections.abc import Iterator

import yaml

from policylint.document.compose import ComposedDocument, ParseError, compose
from policylint.document.construct import ConstructError
from policylint.document.document import Document
from policylint.document.source import EmbeddedSource, Source
from policylint.errors import SourceError
from policylint.model import NotJudged, YamlPath
from policylint.sources.classify import Role, dialect_of, role_of
from policylint.sources.files import decode
from policylint.sources.unit import UNPARSED, LoadFailure

_MAX_EMBEDDING = 3

Item = Document | LoadFailure | NotJudged


def load_documents(source: Source, depth: int = 0) -> Iterator[Item]:
    """The documents of `source` in order; what cannot be one is a failure or said to be not judged."""
    index = 0
    for composed in compose(source.text):
        if isinstance(composed, ParseError):
            yield _failure(source, composed) if _is_ours(source) else _foreign_json(source, composed)
            continue
        for item in _documents(source, composed, index):
            yield item
            if isinstance(item, Document):
                index += 1
                yield from _embedded(item, depth)


def _is_ours(source: Source) -> bool:
    """Whether a text that cannot be parsed may be meant for a cluster: JSON has other uses, and dialects of its own."""
    text = source.text
    with_comments = source.path.endswith(".json") and ("//" in text or "/*" in text)
    return not with_comments or "apiVersion" in text


def _foreign_json(source: Source, error: ParseError) -> NotJudged:
    place = source.location(error.offset, error.offset)
    return NotJudged(
        place.path, place.line, "JSON file", f"it names no apiVersion, and is JSON with comments: {error.message}"
    )


def _failure(source: Source, error: ParseError) -> LoadFailure:
    message = error.message
    if error.context:
        begun = source.location(error.context_offset, error.context_offset)
        where = f", begun on line {begun.line}" if begun.rendered is None or begun.rendered.exact else ""
        message = f"{message} ({error.context}{where})"
    return LoadFailure(UNPARSED, source.location(error.offset, error.offset + 1), f"cannot be parsed: {message}")


def _documents(source: Source, composed: ComposedDocument, index: int) -> Iterator[Item]:
    role = role_of(source.path, composed.node)
    try:
        document = Document(source, composed.node, composed.base, index, dialect_of(role), role)
    except ConstructError as error:
        shifted = error.error._replace(offset=composed.base + error.error.offset)
        yield _failure(source, shifted)
        return
    if role in ("gitlab", "other"):
        yield _not_judged(document, role)
    elif role == "kubernetes" and document.kind.endswith("List") and isinstance(document.mapping.get("items"), list):
        yield from _items(document)
    else:
        yield document


_REASONS: dict[Role, tuple[str, str]] = {
    "gitlab": ("GitLab CI file", "there is no reader for GitLab CI yet"),
    "other": ("YAML document", "it is neither a Kubernetes object (apiVersion, kind) nor a workflow (on, jobs)"),
}


def _not_judged(document: Document, role: Role) -> NotJudged:
    place = document.location()
    return NotJudged(place.path, place.line, *_REASONS[role])


def _items(document: Document) -> Iterator[Document]:
    """The items of a list. In a list of one kind, such as a PodList, they may leave out their apiVersion and kind
    (apimachinery pkg/apis/meta/v1/unstructured/unstructured.go `decodeToList`).
    """
    inherited = {"apiVersion": document.api_version, "kind": document.kind.removesuffix("List")}
    for offset, node in enumerate(document.find(YamlPath.of("items")).value.value):
        item = Document(document.source, node, document.base, document.index + offset, document.dialect, document.role)
        if inherited["kind"] and isinstance(item.data, dict):
            item.data = {**inherited, **item.data}
        yield item


def _embedded(document: Document, depth: int) -> Iterator[Item]:
    """Manifests that lie as strings in a ConfigMap or Secret: nothing applies them, and nothing else looks at them."""
    if document.api_version != "v1" or document.kind not in ("ConfigMap", "Secret") or depth >= _MAX_EMBEDDING:
        return
    for field in ("data", "stringData") if document.kind == "Secret" else ("data",):
        values = document.mapping.get(field)
        for key, value in values.items() if isinstance(values, dict) else ():
            encoded = document.kind == "Secret" and field == "data"
            text = _decoded(value) if encoded and isinstance(value, str) else value
            if isinstance(text, str) and "apiVersion" in text and "kind" in text:
                yield from _embedded_text(document, YamlPath.of(field, key), text, encoded, depth)


def _embedded_text(document: Document, path: YamlPath, text: str, encoded: bool, depth: int) -> Iterator[Item]:
    node = document.find(path).value
    start, end = document.node_span(node)
    literal = isinstance(node, yaml.ScalarNode) and node.style == "|" and not encoded
    source = EmbeddedSource(document.source, text, start, end, literal)
    for item in load_documents(source, depth + 1):
        # an embedded string may be any text: only what is a Kubernetes object is ours to judge
        if isinstance(item, Document) and item.role == "kubernetes" and item.kind and item.api_version:
            yield item
        elif isinstance(item, LoadFailure):
            place = document.location(path, at="key")
            what = f"{path} of {document.resource}"
            yield NotJudged(place.path, place.line, what, f"it speaks of apiVersion and kind but {item.message}")


def _decoded(value: str) -> str | None:
    try:
        return decode(base64.b64decode(value), "").text
    except (binascii.Error, ValueError, SourceError):
        return None
