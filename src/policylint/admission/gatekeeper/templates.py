"""ConstraintTemplates as Gatekeeper takes them.

Source: frameworks constraint/pkg/client/crds/crds.go and pkg/client/drivers (one target, kind and name that agree),
pkg/client/drivers/rego/driver.go and pkg/regorewriter (packages, imports), pkg/schema (structural schemas).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.document.document import Document
from policylint.model import ROOT, Fix, Problem, SetValue, YamlPath
from policylint.regex import regex
from policylint.views import fields
from policylint.views.shape import Shape

GROUP = "templates.gatekeeper.sh"
TARGET = "admission.k8s.gatekeeper.sh"
_ENGINES = ("Rego", "K8sNativeValidation")
_SPEC = ROOT / "spec"
_SCHEMA = _SPEC / "crd" / "spec" / "validation" / "openAPIV3Schema"
_REFUSED = "Gatekeeper refuses this template"
_PACKAGE = regex(r"^\s*package\s+([A-Za-z_][\w.]*)")
_VIOLATION = regex(r"^\s*violation\b")
_IMPORT = regex(r"^\s*import\s+(\S+)")
_ALLOWED_IMPORTS = ("data.lib", "data.inventory", "input", "future.keywords", "rego.v1")


def problems(shape: Shape, document: Document) -> Iterator[Problem]:
    """What is wrong with a ConstraintTemplate."""
    spec = shape.mapping(document.mapping.get("spec"), _SPEC)
    yield from _names(shape, document, spec)
    path = _SPEC / "targets"
    targets = shape.mappings(spec.get("targets"), path)
    if len(targets) != 1:
        yield Problem(
            path, f"the template has {len(targets)} targets: {_REFUSED}, which takes exactly one", "keep one target"
        )
    for here, target in targets:
        name = fields.text(shape, target, here, "target")
        if name != TARGET:
            yield Problem(here / "target", f"target {name!r} is unknown: {_REFUSED}", f"write {TARGET}")
        yield from _code(shape, target, here)
    if document.version == "v1":
        yield from _structural(shape, schema_of(document), _SCHEMA)


def kind_of(document: Document) -> str:
    """The kind of the constraints that a template is for; empty when it names none."""
    kind = document.get(_SPEC / "crd" / "spec" / "names" / "kind")
    return kind if isinstance(kind, str) else ""


def schema_of(document: Document) -> Mapping[str, Any] | None:
    """The schema of `spec.parameters`; None when there is none."""
    schema = document.get(_SCHEMA)
    return schema if isinstance(schema, dict) else None


def _names(shape: Shape, document: Document, spec: Mapping[str, Any]) -> Iterator[Problem]:
    names, path = spec, _SPEC
    for key in ("crd", "spec", "names"):
        path /= key
        names = shape.mapping(names.get(key), path)
    kind = fields.text(shape, names, path, "kind")
    if not kind:
        yield Problem(path / "kind", f"the template names no kind for its constraints: {_REFUSED}", "name it")
        return
    metadata = shape.mapping(document.mapping.get("metadata"), ROOT / "metadata")
    name = fields.text(shape, metadata, ROOT / "metadata", "name")
    if name and name != kind.lower():
        yield Problem(
            ROOT / "metadata" / "name",
            f"the template is named {name}, and its kind {kind} wants the name {kind.lower()}: {_REFUSED}",
            "name it as its kind, in lower case",
            fix=Fix(f"name it {kind.lower()}", (SetValue(ROOT / "metadata" / "name", kind.lower()),), safe=False),
        )


def _code(shape: Shape, target: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    engines = shape.mappings(target.get("code"), path / "code")
    rego = shape.string(target.get("rego"), path / "rego")
    if not engines and not rego:
        yield Problem(path, f"the target has neither rego nor code: {_REFUSED}", "write its rego")
    if rego:
        yield from _rego(rego, path / "rego")
    for where, library in shape.strings(target.get("libs"), path / "libs"):
        yield from _library(library, where)
    seen: set[str] = set()
    for here, entry in engines:
        engine = fields.text(shape, entry, here, "engine")
        if engine not in _ENGINES:
            yield Problem(here / "engine", f"engine {engine!r} is unknown: {_REFUSED}", f"use {' or '.join(_ENGINES)}")
        elif engine in seen:
            yield Problem(here / "engine", f"engine {engine} is there twice: {_REFUSED}", "keep one of the two")
        seen.add(engine)
        source = shape.mapping(entry.get("source"), here / "source")
        inner = shape.string(source.get("rego"), here / "source" / "rego")
        if engine == "Rego" and inner is not None:
            yield from _rego(inner, here / "source" / "rego")
        for where, library in shape.strings(source.get("libs"), here / "source" / "libs"):
            yield from _library(library, where)


def _rego(text: str, path: YamlPath) -> Iterator[Problem]:
    lines = text.split("\n")
    if not any(_PACKAGE.match(line) for line in lines):
        yield Problem(path, f"the rego has no package: {_REFUSED}", "begin it with `package NAME`")
    if not any(_VIOLATION.match(line) for line in lines):
        yield Problem(path, f"the rego has no rule named violation: {_REFUSED}", "name its rule violation")
    for line in lines:
        found = _IMPORT.match(line)
        if found is not None and not _is_allowed(found.group(1)):
            message = f"import {found.group(1)} is neither in data.lib nor data.inventory: {_REFUSED}"
            yield Problem(path, message, "put what it imports into a library under `libs`, in a package lib.NAME")


def _is_allowed(name: str) -> bool:
    return any(name == each or name.startswith(each + ".") for each in _ALLOWED_IMPORTS)


def _library(text: str, path: YamlPath) -> Iterator[Problem]:
    package = next((found for line in text.split("\n") if (found := _PACKAGE.match(line)) is not None), None)
    if package is None or not package.group(1).startswith("lib."):
        says = f"is package {package.group(1)}" if package is not None else "has no package"
        message = f"this library {says}, and libraries are packages under lib: {_REFUSED}"
        yield Problem(path, message, "begin it with `package lib.NAME`")


def _structural(shape: Shape, schema: Mapping[str, Any] | None, path: YamlPath) -> Iterator[Problem]:
    """Schemas of v1 templates say the type of everything (`legacySchema` is false by default there)."""
    waiting = [(path, schema)] if schema is not None and schema else []
    while waiting:
        here, part = waiting.pop()
        if not isinstance(part, dict):
            continue
        open_ended = part.get("x-kubernetes-preserve-unknown-fields") or part.get("x-kubernetes-int-or-string")
        if not part.get("type") and not open_ended:
            yield Problem(
                here,
                "this part of the schema says no type, and the CustomResourceDefinition that Gatekeeper makes of it"
                " needs one: the API server refuses it, and no constraint can be created",
                "add `type:`",
                at="key",
            )
        properties = shape.mapping(part.get("properties"), here / "properties")
        waiting.extend((here / "properties" / str(name), value) for name, value in properties.items())
        below = [(here / key, part.get(key)) for key in ("items", "additionalProperties")]
        waiting.extend((where, inner) for where, inner in below if isinstance(inner, dict))
