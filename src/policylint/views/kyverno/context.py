"""Context entries of rules and foreach blocks, and what of them leaves the cluster's API server."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from policylint.model import YamlPath
from policylint.views import fields
from policylint.views.shape import Shape

Called = Literal["registry", "service"]
ContextSource = Literal["apiCall", "configMap", "globalReference", "imageRegistry", "variable"]

_SOURCES: tuple[ContextSource, ...] = ("apiCall", "configMap", "globalReference", "imageRegistry", "variable")


class CallOut(NamedTuple):
    """A request that Kyverno makes while the API server waits for its answer.

    A `registry` serves images, signatures and attestations; a `service` is any other HTTP server. Calls to the API
    server itself (`apiCall.urlPath`, `configMap`, CEL `resource.Get`) do not count: it is there, or nothing is
    admitted. Nor does `globalReference`, which reads a cache. `audits` tells whether the rule only audits.
    """

    path: YamlPath
    what: Called
    audits: bool = False

    @property
    def callee(self) -> str:
        """How to name it in a sentence."""
        return "a registry" if self.what == "registry" else "another service"


class ContextEntry(NamedTuple):
    """One entry. `source` is None when it has none of the known sources, `address` what is called, else empty."""

    path: YamlPath
    name: str
    source: ContextSource | None
    address: str

    @property
    def calls(self) -> Called | None:
        if self.source == "imageRegistry":
            return "registry"
        return "service" if self.source == "apiCall" and self.address else None

    @property
    def source_path(self) -> YamlPath:
        return self.path / self.source if self.source is not None else self.path


def read_context(shape: Shape, owner: Mapping[str, Any], path: YamlPath) -> Iterator[ContextEntry]:
    """The entries of `owner.context`."""
    for here, entry in shape.mappings(owner.get("context"), path / "context"):
        source = next((known for known in _SOURCES if entry.get(known) is not None), None)
        yield ContextEntry(here, fields.text(shape, entry, here, "name"), source, _address(shape, entry, here, source))


def _address(shape: Shape, entry: Mapping[str, Any], path: YamlPath, source: ContextSource | None) -> str:
    if source == "imageRegistry":
        registry = shape.mapping(entry[source], path / source)
        return fields.text(shape, registry, path / source, "reference")
    if source == "apiCall":
        call = shape.mapping(entry[source], path / source)
        service = shape.mapping(call.get("service"), path / source / "service")
        return fields.text(shape, service, path / source / "service", "url")
    return ""


def read_foreach(shape: Shape, owner: Mapping[str, Any], path: YamlPath) -> Iterator[ContextEntry]:
    """The context entries of `owner.foreach`, nested ones included."""
    for here, block in shape.mappings(owner.get("foreach"), path / "foreach"):
        yield from read_context(shape, block, here)
        yield from read_foreach(shape, block, here)
