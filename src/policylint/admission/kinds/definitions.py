"""CustomResourceDefinitions, and what makes them, read out of files: which kinds they add to a cluster."""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kinds.table import Kind
from policylint.regex import regex

# a ConstraintTemplate and a CompositeResourceDefinition make CustomResourceDefinitions
_MAKERS = ("CustomResourceDefinition", "ConstraintTemplate", "CompositeResourceDefinition")
MARKS = tuple(name.encode() for name in _MAKERS)
_TEMPLATED_KIND = regex(r"^[ \t]+kind:[ \t]*[\"']?([A-Z]\w*)[\"']?[ \t]*$", 8)  # re.MULTILINE
_TEMPLATED_SCOPE = regex(r"^[ \t]+scope:[ \t]*[\"']?Cluster\b", 8)


def kinds_in(text: str) -> Iterator[Kind]:
    """The kinds that the definitions in `text` add. What cannot be parsed, being a template, is read by its lines."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for document in yaml.load_all(text, Loader=loader):
            yield from kinds_of(document)
    except yaml.YAMLError:
        yield from _templated(text)


def kinds_of(data: Any) -> Iterator[Kind]:
    """The kinds that one object adds; a List is looked into."""
    if not isinstance(data, dict):
        return
    kind, spec = data.get("kind"), data.get("spec")
    if kind == "List":
        items = data.get("items")
        for item in items if isinstance(items, list) else ():
            yield from kinds_of(item)
    elif isinstance(spec, dict) and kind == "CustomResourceDefinition":
        yield from _custom(spec)
    elif isinstance(spec, dict) and kind == "ConstraintTemplate":
        name = _text(_mapping(_mapping(_mapping(spec.get("crd")).get("spec")).get("names")).get("kind"))
        if name:
            for version in ("v1", "v1beta1", "v1alpha1"):
                yield Kind("constraints.gatekeeper.sh", version, name, False, ("status",))
    elif isinstance(spec, dict) and kind == "CompositeResourceDefinition":
        yield from _composite(spec)


def _custom(spec: Mapping[str, Any]) -> Iterator[Kind]:
    group, name = _text(spec.get("group")), _text(_mapping(spec.get("names")).get("kind"))
    namespaced = spec.get("scope") != "Cluster"
    versions = spec.get("versions")
    for entry in versions if isinstance(versions, list) else ():
        version = _mapping(entry)
        if version.get("served") is not False and name:
            subresources = tuple(_mapping(version.get("subresources")))
            yield Kind(group, _text(version.get("name")), name, namespaced, subresources)


def _composite(spec: Mapping[str, Any]) -> Iterator[Kind]:
    group = _text(spec.get("group"))
    versions = spec.get("versions")
    names = [
        (_text(_mapping(spec.get("names")).get("kind")), spec.get("scope") == "Namespaced"),
        (_text(_mapping(spec.get("claimNames")).get("kind")), True),
    ]
    for entry in versions if isinstance(versions, list) else ():
        for name, namespaced in names:
            if name:
                yield Kind(group, _text(_mapping(entry).get("name")), name, namespaced, ("status",))


def _templated(text: str) -> Iterator[Kind]:
    for part in text.split("\n---"):
        if not any(maker in part for maker in _MAKERS):
            continue
        namespaced = _TEMPLATED_SCOPE.search(part) is None
        for name in dict.fromkeys(_TEMPLATED_KIND.findall(part)):
            yield Kind("", "", name, namespaced, None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
