"""Overrides of the failure action that contradict each other: kyverno pkg/validation/policy/validate.go
`validateNamespaces` and `validateWildcardsWithNamespaces`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.admission.kyverno.rule_bodies import REFUSED
from policylint.engine.wildcard import has_wildcard, match
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape


class _Namespace(NamedTuple):
    path: YamlPath
    text: str
    enforces: bool


def override_problems(shape: Shape, overrides: Sequence[tuple[YamlPath, Mapping[str, Any]]]) -> Iterator[Problem]:
    """The first namespace in `overrides` for which an earlier one, by name or wildcard, sets the other action."""
    seen: list[_Namespace] = []
    for path, override in overrides:
        enforces = override.get("action") in ("Enforce", "enforce")
        names = [
            _Namespace(place, text, enforces)
            for place, text in shape.strings(override.get("namespaces"), path / "namespaces")
        ]
        for name in names:
            other = next((old for old in seen if old.enforces is not enforces and _overlap(old.text, name.text)), None)
            if other is not None:
                yield _conflict(name, other)
                return
        seen += names


def _overlap(left: str, right: str) -> bool:
    """Whether one of the two is the other, or a pattern that matches its text."""
    if left == right:
        return True
    return (has_wildcard(left) and match(left, right)) or (has_wildcard(right) and match(right, left))


def _conflict(name: _Namespace, other: _Namespace) -> Problem:
    actions = ("Enforce", "Audit") if name.enforces else ("Audit", "Enforce")
    if name.text == other.text:
        what = f"the namespace {name.text} has the action {actions[0]} here, and {actions[1]} before"
    else:
        what = f"{name.text} has the action {actions[0]}, and {other.text}, which overlaps with it, {actions[1]}"
    return Problem(
        name.path,
        f"{what}: {REFUSED}",
        help="Let every namespace have one action.",
        related=(RelatedPath(other.path, f"{actions[1]} comes from here"),),
    )
