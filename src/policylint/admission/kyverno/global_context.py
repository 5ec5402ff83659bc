"""Global context entries: kyverno api/kyverno/v2/global_context_entry_types.go `Validate`.

That an entry has one source is in the schema.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.expressions import expression_defect
from policylint.admission.kyverno.rule_bodies import Version, text_of
from policylint.admission.stored import Stored
from policylint.engine.durations import parse_duration
from policylint.model import ROOT, Fix, Problem, SetValue
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_REFUSED = "Kyverno refuses this entry"


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses of a GlobalContextEntry."""
    if stored.document.group != "kyverno.io" or stored.document.kind != "GlobalContextEntry":
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    if isinstance(spec.get("kubernetesResource"), Mapping):
        yield from _resource(spec["kubernetesResource"])
    if isinstance(spec.get("apiCall"), Mapping):
        written = shape.mapping(shape.mapping(stored.document.mapping.get("spec"), _SPEC).get("apiCall"), _SPEC)
        yield from _call(spec["apiCall"], names_method=written.get("method") is not None)
    name = text_of(shape.mapping(stored.data.get("metadata"), ROOT / "metadata").get("name"))
    yield from _projections(shape, spec, name)


def _resource(resource: Mapping[str, Any]) -> Iterator[Problem]:
    path = _SPEC / "kubernetesResource"
    version = resource.get("version")
    if not text_of(resource.get("group")) and isinstance(version, str) and version not in ("v1", ""):
        yield Problem(
            path / "group",
            f"the resource has no group, and its version is {version}, not the core group's v1: {_REFUSED}",
            help="Add the resource's group.",
        )
    for key in ("version", "resource"):
        if resource.get(key) == "":
            yield Problem(
                path / key, f"the {key} is empty: {_REFUSED}", help="Name the resource's version and its plural."
            )


def _call(call: Mapping[str, Any], *, names_method: bool) -> Iterator[Problem]:
    path = _SPEC / "apiCall"
    service, url = call.get("service"), text_of(call.get("urlPath"))
    if (service is None) is not bool(url):
        what = "both urlPath and service" if url else "neither urlPath nor service"
        yield Problem(
            path / ("service" if url else "urlPath"),
            f"the apiCall has {what}: {_REFUSED}",
            help="Use urlPath for the Kubernetes API, service for another server.",
            at="key",
        )
    method = call.get("method")
    if call.get("data") is not None and method != "POST":
        yield Problem(
            path / ("method" if names_method else "data"),
            f"the apiCall has data, and its method is {method or 'GET'}: {_REFUSED}",
            help="Set method: POST, or remove data.",
            at="value" if names_method else "key",
            fix=Fix("set method: POST", (SetValue(path / "method", "POST"),)),
        )
    interval = call.get("refreshInterval")
    if isinstance(interval, str) and _is_zero(interval):
        yield Problem(
            path / "refreshInterval",
            f"the refresh interval is {interval}, and has to be longer than nothing: {_REFUSED}",
            help="Write an interval such as 10m.",
        )


def _is_zero(interval: str) -> bool:
    try:
        return parse_duration(interval) == 0
    except ValueError:
        return False  # the schema's format


def _projections(shape: Shape, spec: Mapping[str, Any], name: str) -> Iterator[Problem]:
    for path, projection in shape.mappings(spec.get("projections"), _SPEC / "projections"):
        own, query = projection.get("name"), projection.get("jmesPath")
        if own == "":
            yield Problem(path / "name", f"the projection has an empty name: {_REFUSED}", help="Name it.")
        elif own == name and name:
            yield Problem(
                path / "name",
                f"the projection is called {name} like the entry: {_REFUSED}",
                help="Give the projection another name.",
            )
        if isinstance(query, str):
            defect = expression_defect(query)
            if defect:
                yield Problem(path / "jmesPath", f"{defect}: {_REFUSED}", help="Correct the expression.")
