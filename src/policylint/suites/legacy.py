"""The schema of suites before `apiVersion: cli.kyverno.io/v1alpha1`, which upstream refuses: known and rewritten.

What each old field meant: commands/test/command.go and apis/v1alpha1/test_result.go (`TestResultDeprecated`) of
Kyverno 1.10 and 1.11; that it is refused now: deprecations/check.go.
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from policylint.document.document import Document
from policylint.document.operations import Inapplicable, apply_operation
from policylint.model import ROOT, Fix, Operation, RemoveKey, RenameKey, SetValue, Wrap, YamlPath

API_VERSION = "cli.kyverno.io/v1alpha1"
KIND = "Test"


def is_legacy(data: Mapping[str, Any]) -> bool:
    """Whether a suite is written in the old schema, in whole or in part."""
    return any(True for _ in old_parts(data))


def old_parts(data: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str]]:
    """Each place of a suite that only the old schema allows, and what upstream says to it."""
    for key in ("apiVersion", "kind"):
        if not data.get(key):
            yield YamlPath.of(key), f"there is no {key}"
    if data.get("name"):
        yield YamlPath.of("name"), "`name` stands outside `metadata`"
    for path, result in _results(data):
        for key in ("status", "resource", "namespace", "patchedResource"):
            if key in result:
                yield path / key, f"`{key}` is no longer a field of results"


def migration(data: Mapping[str, Any]) -> Fix:
    """What turns a suite of the old schema into one that upstream reads, and that asks for the same."""
    operations = [*_heading(data)]
    # step by step over all results at once: what concerns different results is edited in one go
    for step in zip_longest(*(_result(path, result) for path, result in _results(data))):
        operations += [operation for operation in step if operation is not None]
    return Fix("rewrite the suite in the schema cli.kyverno.io/v1alpha1", tuple(operations), safe=True)


def migrated(document: Document) -> Mapping[str, Any]:
    """The data of a suite as it is once rewritten."""
    data: Any = document.mapping
    for operation in migration(document.mapping).operations:
        try:
            data = apply_operation(data, operation)
        except Inapplicable:
            continue
    return data if isinstance(data, dict) else {}


def former(document: Document, path: YamlPath) -> YamlPath:
    """Where a suite of the old schema has what is now at `path`; `path` itself when it has it nowhere."""
    at = path[:2]
    if len(path) > len(at) and at[:1] == ("results",):
        for old, new in (("resource", "resources"), ("status", "result"), ("patchedResource", "patchedResources")):
            if path[2] == new and document.get(YamlPath((*at, old))) is not None:
                return YamlPath((*at, old))
    return path


def _heading(data: Mapping[str, Any]) -> Iterator[Operation]:
    first = next(iter(data), "")
    for key, value in (("apiVersion", API_VERSION), ("kind", KIND)):
        if not data.get(key):
            yield SetValue(YamlPath.of(key), value, before=first)
    name = data.get("name")
    metadata = data.get("metadata")
    if "name" not in data:
        if metadata is None:
            yield SetValue(YamlPath.of("metadata", "name"), "kyverno-test", before=first)
    elif metadata is None and isinstance(name, str) and name:
        yield Wrap(YamlPath.of("name"), "name")
        yield RenameKey(YamlPath.of("name"), "metadata")
    else:
        if isinstance(name, str) and name and isinstance(metadata, dict) and "name" not in metadata:
            yield SetValue(YamlPath.of("metadata", "name"), name)
        yield RemoveKey(YamlPath.of("name"))


def _result(path: YamlPath, result: Mapping[str, Any]) -> Iterator[Operation]:
    yield from _renamed(path, result, "status", "result")
    yield from _renamed(path, result, "patchedResource", "patchedResources")
    namespace, resource = result.get("namespace"), result.get("resource")
    if "resource" in result:
        if "resources" in result or not isinstance(resource, str) or not resource:
            yield RemoveKey(path / "resource")
        else:
            if isinstance(namespace, str) and namespace:
                yield SetValue(path / "resource", f"{namespace}/{resource}")
            yield Wrap(path / "resource")
            yield RenameKey(path / "resource", "resources")
    if "namespace" in result:
        resources = result.get("resources")
        for index, item in enumerate(resources if isinstance(resources, list) and namespace else ()):
            if isinstance(item, str) and "/" not in item:
                yield SetValue(path / "resources" / index, f"{namespace}/{item}")
        yield RemoveKey(path / "namespace")


def _renamed(path: YamlPath, result: Mapping[str, Any], old: str, new: str) -> Iterator[Operation]:
    if old in result:
        yield RemoveKey(path / old) if new in result else RenameKey(path / old, new)


def _results(data: Mapping[str, Any]) -> Iterator[tuple[YamlPath, Mapping[str, Any]]]:
    results = data.get("results")
    for index, result in enumerate(results if isinstance(results, list) else ()):
        if isinstance(result, dict):
            yield ROOT / "results" / index, result
