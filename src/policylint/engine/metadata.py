"""Wildcards in the keys of `metadata.labels` and `metadata.annotations` of a pattern."""

from typing import Any

from policylint.engine.anchors import anchor_text, parse_anchor
from policylint.engine.wildcard import has_wildcard, match


def expand_keys(metadata: Any, resource_metadata: Any) -> Any:
    """The pattern's `metadata` with wildcard keys of its labels and annotations replaced by keys of the resource.

    As kyverno pkg/engine/wildcards `ExpandInMetadata`: a key that matches none stays as it is (and is then missing);
    of several that match, the resource's first is taken (upstream takes any). Where both sides have such a mapping,
    values of the pattern that are not strings are dropped, as upstream drops them.
    """
    if not isinstance(metadata, dict):
        return metadata
    expanded = metadata
    for tag in ("labels", "annotations"):
        wanted_key = _key_for(tag, metadata)
        wanted = _strings(metadata.get(wanted_key))
        present = _strings(resource_metadata.get(_key_for(tag, resource_metadata))) if resource_metadata else None
        if wanted is not None and present is not None:
            expanded = {**expanded, wanted_key: {_expand(key, present): value for key, value in wanted.items()}}
    return expanded


def metadata_key(mapping: dict[str, Any]) -> str:
    """The key, with its anchor if it has one, under which `mapping` holds its metadata."""
    return _key_for("metadata", mapping)


def _key_for(tag: str, mapping: dict[str, Any]) -> str:
    if tag in mapping:
        return tag
    return next((key for key in mapping if (anchor := parse_anchor(key)) is not None and anchor.key == tag), tag)


def _strings(mapping: Any) -> dict[str, str] | None:
    if not isinstance(mapping, dict):
        return None
    return {key: value for key, value in mapping.items() if isinstance(value, str)}


def _expand(key: str, present: dict[str, str]) -> str:
    if not has_wildcard(key):
        return key
    anchor = parse_anchor(key)
    wanted = anchor.key if anchor else key
    found = next((candidate for candidate in present if match(wanted, candidate)), wanted)
    return anchor_text(anchor._replace(key=found)) if anchor else found
