"""Rules that say which requests a webhook or an admission policy is for.

Source: validation.go `validateRuleWithOperations`, `validateRule`, `validateResources`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.model import Problem, YamlPath
from policylint.views.shape import Shape

_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT", "*")
_SCOPES = ("Cluster", "Namespaced", "*")
_REFUSED = "the API server refuses this rule"


def problems(shape: Shape, rule: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """What is wrong with one rule: operations, groups, versions, resources and scope."""
    operations = shape.strings(rule.get("operations"), path / "operations")
    yield from _listed(shape, rule, path, "operations", may_be_empty=False)
    for where, operation in operations:
        if operation and operation not in _OPERATIONS:
            yield Problem(where, f"operation {operation!r}: {_REFUSED}", f"use {', '.join(_OPERATIONS)}")
    yield from _listed(shape, rule, path, "apiGroups", may_be_empty=True)
    yield from _listed(shape, rule, path, "apiVersions", may_be_empty=False)
    yield from _resources(shape, rule, path / "resources")
    scope = shape.string(rule.get("scope"), path / "scope")
    if scope is not None and scope not in _SCOPES:
        yield Problem(path / "scope", f"scope {scope!r}: {_REFUSED}", f"use {', '.join(_SCOPES)}")


def _listed(
    shape: Shape, rule: Mapping[str, Any], path: YamlPath, key: str, *, may_be_empty: bool
) -> Iterator[Problem]:
    here = path / key
    items = shape.strings(rule.get(key), here)
    if not items:
        yield Problem(here, f"{key} is empty: {_REFUSED}", f'list what is meant, or "*" for all {key}')
    for where, item in items:
        if not item and not may_be_empty:
            yield Problem(where, f"an item of {key} is empty: {_REFUSED}")
    if len(items) > 1 and any(item == "*" for _, item in items):
        yield Problem(here, f"{key} has '*' beside others: {_REFUSED}", "remove '*' or the others")


def _resources(shape: Shape, rule: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    items = shape.strings(rule.get("resources"), path)
    if not items:
        yield Problem(path, f"resources is empty: {_REFUSED}", 'list the resources, such as "pods", or "*" for all')
    covered: set[str] = set()
    for where, item in items:
        resource, slash, sub = item.partition("/")
        if not item:
            yield Problem(where, f"an item of resources is empty: {_REFUSED}")
        elif slash and (wider := next((each for each in (f"{resource}/*", f"*/{sub}") if each in covered), "")):
            yield Problem(where, f"{item!r} is among {wider!r} already: {_REFUSED}", "remove one of the two")
        if slash and "*" in (resource, sub):
            covered.add(item)
        elif item and not item.islower() and item != "*":
            yield Problem(
                where,
                f"{item!r} names no resource (those are in lower case and in the plural), so that it matches nothing",
                f"write {item.lower() if item.lower().endswith('s') else item.lower() + 's'!r} if that is meant",
                severity="warning",
            )
    names = [item for _, item in items]
    if "*/*" in names and len(names) > 1:
        yield Problem(path, f"resources has '*/*' beside others: {_REFUSED}", "remove '*/*' or the others")
    if "*" in names and any("/" not in name and name != "*" for name in names):
        yield Problem(path, f"resources has '*' beside others: {_REFUSED}", "remove '*' or the others")
