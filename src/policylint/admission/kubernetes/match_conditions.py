"""Match conditions of webhooks and admission policies (validation.go `validateMatchConditions`)."""

from collections.abc import Iterator

from policylint.admission.cel import MATCH_CONDITION_NAMES, expression_problems
from policylint.model import Problem, YamlPath
from policylint.views import fields
from policylint.views.names import is_qualified_name
from policylint.views.shape import Shape

_MOST = 64


def problems(
    shape: Shape, conditions: object, path: YamlPath, who: str, names: frozenset[str] = MATCH_CONDITION_NAMES
) -> Iterator[Problem]:
    """What `who` refuses of the list at `path`, whose expressions may use `names`."""
    listed = shape.mappings(conditions, path)
    if len(listed) > _MOST:
        yield Problem(path, f"these are {len(listed)} match conditions: {who} takes {_MOST}")
    seen: set[str] = set()
    for here, condition in listed:
        name = fields.text(shape, condition, here, "name")
        if not name:
            yield Problem(here / "name", f"this match condition has no name: {who} refuses it")
        elif not is_qualified_name(name):
            yield Problem(here / "name", f"{name!r} is no qualified name: {who} refuses this match condition")
        elif name in seen:
            yield Problem(here / "name", f"another match condition is named {name!r} already: {who} refuses the two")
        seen.add(name)
        yield from expression_problems(
            fields.text(shape, condition, here, "expression"), here / "expression", who, names
        )
