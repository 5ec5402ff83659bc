"""The `mutate` of a rule, checked and made ready once."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policylint.engine.errors import InvalidPolicy
from policylint.engine.mutate.patches import JSON, STRATEGIC
from policylint.engine.variables import Template
from policylint.model import YamlPath
from policylint.views.shape import Shape

_PATCHES = (STRATEGIC, JSON, "foreach")


class ForEach(NamedTuple):
    """One entry of `foreach`: the JMESPath expression of its list, and what is done for every element.

    `patches` are its patches; it has none when it has entries of its own.
    """

    path: YamlPath
    expression: str
    descending: bool
    context: Sequence[Mapping[str, Any]]
    preconditions: Any
    patches: Template
    foreach: "tuple[ForEach, ...] | None"


class Mutation(NamedTuple):
    """A `mutate` at `path`: `foreach`, or else the patches in `rule`, which is the whole rule as upstream fills in its
    variables.
    """

    path: YamlPath
    rule: Template
    foreach: tuple[ForEach, ...] | None


def compile_mutation(rule: Mapping[str, Any], path: YamlPath) -> Mutation:
    """The mutation of `rule`, a well-formed rule at `path`.

    Raises EvaluationError for a `$( )` reference that names nothing.
    """
    body, at = rule["mutate"], path / "mutate"
    if body.get("foreach") is not None:
        return Mutation(at, Template({}, path, dynamic=False), _compiled(body["foreach"], at / "foreach"))
    return Mutation(at, Template.of(rule, path), None)


def check_mutation(body: Mapping[str, Any], path: YamlPath, shape: Shape) -> None:
    """Raises InvalidPolicy when a `mutate`, or an entry of its `foreach`, has not one kind of patch; wrong types go to
    `shape` (pkg/policy/mutate/validate.go).
    """
    shape.mappings(body.get("targets"), path / "targets")
    _check_patches(body, path, shape)


def _check_patches(body: Mapping[str, Any], path: YamlPath, shape: Shape) -> None:
    found = [key for key in _PATCHES if body.get(key) is not None]
    if len(found) != 1:
        present = " and ".join(found) if found else "none"
        raise InvalidPolicy(f"a mutation has one of {', '.join(_PATCHES)}, this has {present}", path)
    shape.mapping(body.get(STRATEGIC), path / STRATEGIC)
    shape.string(body.get(JSON), path / JSON)
    for at, entry in shape.mappings(body.get("foreach"), path / "foreach"):
        if not isinstance(entry.get("list"), str) or not entry["list"]:
            raise InvalidPolicy("a foreach has no list", at)
        if entry.get("order") not in (None, "Ascending", "Descending"):
            raise InvalidPolicy("the order of a foreach is Ascending or Descending", at / "order")
        shape.mappings(entry.get("context"), at / "context")
        _check_patches(entry, at, shape)


def _compiled(entries: Sequence[Mapping[str, Any]], path: YamlPath) -> tuple[ForEach, ...]:
    return tuple(_entry(entry, path / index) for index, entry in enumerate(entries))


def _entry(entry: Mapping[str, Any], path: YamlPath) -> ForEach:
    order = entry.get("order")
    inner = entry.get("foreach")
    return ForEach(
        path,
        entry["list"],
        # what strategic merges add goes to the front, so that the last element has to come first
        order == "Descending" if order is not None else entry.get(STRATEGIC) is not None,
        entry.get("context") or (),
        entry.get("preconditions"),
        Template.of({key: entry[key] for key in (STRATEGIC, JSON) if entry.get(key) is not None}, path),
        None if inner is None else _compiled(inner, path / "foreach"),
    )
