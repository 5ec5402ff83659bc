"""The checks of a `validate` rule, made ready once: what it asks of objects, or of every element of a list."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policylint.engine.variables import Template
from policylint.model import YamlPath


class Check(NamedTuple):
    """A `validate`, or one entry of a `foreach`. `path` is its place; `pattern`, `any_pattern`, `deny` and `foreach`
    exclude each other. `context` and `preconditions` are those of a foreach entry: the rule's own are the rule's.
    """

    path: YamlPath
    context: Sequence[Mapping[str, Any]]
    preconditions: Any
    pattern: Template | None
    any_pattern: Template | None
    deny: Mapping[str, Any] | None
    foreach: "tuple[ForEach, ...] | None"


class ForEach(NamedTuple):
    """One entry of `foreach`: the JMESPath expression of its list, and the check of every element.

    `element_scope` is what the entry says of patterns: about the element (true) or the whole object (false).
    """

    expression: str
    element_scope: bool | None
    check: Check


def compile_check(body: Mapping[str, Any], path: YamlPath) -> Check:
    """The check in `body`, a well-formed `validate` or foreach entry at `path`.

    Raises EvaluationError for a `$( )` reference that names nothing.
    """

    def template(key: str) -> Template | None:
        return None if body.get(key) is None else Template.of(body[key], path / key)

    entries = body.get("foreach")
    foreach = None
    if entries is not None:
        foreach = tuple(
            ForEach(entry["list"], _scope(entry), compile_check(entry, path / "foreach" / index))
            for index, entry in enumerate(entries)
        )
    return Check(
        path,
        body.get("context") or (),
        body.get("preconditions"),
        template("pattern"),
        template("anyPattern"),
        body.get("deny"),
        foreach,
    )


def _scope(entry: Mapping[str, Any]) -> bool | None:
    scope = entry.get("elementScope")
    return scope if isinstance(scope, bool) else None
