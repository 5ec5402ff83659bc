"""The objects of a render as plain data, and where two renders of them differ."""

from collections.abc import Iterator
from typing import Any

from policylint.document.compose import ParseError, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.scalars import KUBERNETES
from policylint.model import ROOT, YamlPath

MISSING: Any = object()
"""What stands at a place that an object does not have."""

# template, apiVersion, kind, namespace, name
Identity = tuple[str, str, str, str | None, str]
Objects = dict[Identity, Any]


def objects_in(name: str, documents: list[str]) -> Iterator[tuple[Identity, Any]]:
    """The objects that the template `name` rendered to; text that cannot be read is passed over."""
    for text in documents:
        for composed in compose(text):
            if isinstance(composed, ParseError):
                continue
            try:
                data = construct(composed.node, KUBERNETES).data
            except ConstructError:
                continue
            if isinstance(data, dict):
                metadata = data.get("metadata")
                metadata = metadata if isinstance(metadata, dict) else {}
                space = metadata.get("namespace")
                version, kind, own = data.get("apiVersion"), data.get("kind"), metadata.get("name")
                yield (name, _text(version), _text(kind), space if isinstance(space, str) else None, _text(own)), data


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def changed(before: Objects, after: Objects) -> Objects:
    """Every object that differs, or that only one of the renders has, with the places where it does."""
    found: Objects = {}
    for identity in (*before, *(each for each in after if each not in before)):
        places = differences(before.get(identity, MISSING), after.get(identity, MISSING))
        if places:
            found[identity] = dict.fromkeys(places)
    return found


def differences(before: Any, after: Any, path: YamlPath = ROOT) -> list[YamlPath]:
    """The places of the smallest values that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = (*before, *(key for key in after if key not in before))
        pairs = [(key, before.get(key, MISSING), after.get(key, MISSING)) for key in keys]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [(index, *pair) for index, pair in enumerate(zip(before, after, strict=True))]
    elif before is MISSING and isinstance(after, dict) and after and path:
        pairs = [(key, MISSING, value) for key, value in after.items()]
    else:
        return [] if before is not MISSING and type(before) is type(after) and before == after else [path]
    return [place for key, old, new in pairs for place in differences(old, new, path / key)]
