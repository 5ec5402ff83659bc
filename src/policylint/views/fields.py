"""Fields with defaults: what the value is, where it is or would be, and whether the author wrote it."""

from collections.abc import Mapping
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from policylint.model import YamlPath
from policylint.views.shape import Shape

T = TypeVar("T")

Action = Literal["Audit", "Enforce"]
ActionOrigin = Literal["entry", "earlier entry", "rule", "spec", "default"]

_ACTIONS: Mapping[str, Action] = {"Audit": "Audit", "audit": "Audit", "Enforce": "Enforce", "enforce": "Enforce"}


class Field(NamedTuple, Generic[T]):
    """One field after defaulting. `explicit` is false when it is absent or null, so that the default counts.

    `value` is None when the field is set to something of a wrong type, or is unset and has no default.
    """

    value: T | None
    path: YamlPath
    explicit: bool


class EffectiveAction(NamedTuple):
    """What happens when a rule fails, and which field decided it. `action` is None for a value Kyverno has not."""

    action: Action | None
    origin: ActionOrigin
    path: YamlPath

    @property
    def audits(self) -> bool:
        return self.action == "Audit"


def boolean(shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str, default: bool | None) -> Field[bool]:
    here = path / key
    if mapping.get(key) is None:
        return Field(default, here, explicit=False)
    return Field(shape.boolean(mapping[key], here), here, explicit=True)


def integer(shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str) -> Field[int]:
    here = path / key
    return Field(shape.integer(mapping.get(key), here), here, explicit=mapping.get(key) is not None)


def string(shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str, default: str = "") -> Field[str]:
    here = path / key
    if mapping.get(key) is None:
        return Field(default, here, explicit=False)
    return Field(shape.string(mapping[key], here), here, explicit=True)


def text(shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str) -> str:
    """A string that has no default of interest; empty when it is absent."""
    return shape.string(mapping.get(key), path / key) or ""


def action(shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str) -> Field[Action]:
    """A failure action, the deprecated lower-case spellings included (api/kyverno/v1 `ValidationFailureAction`)."""
    written = string(shape, mapping, path, key)
    return Field(_ACTIONS.get(written.value or ""), written.path, written.explicit)
