"""What a Pod Security check finds: a reason, and the fields that it is about."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from policylint.model import YamlPath
from policylint.regex import regex

_NUMBER = regex(r"[0-9]+")
BadValue = str | bool | int | tuple[str, ...] | None


class FieldError(NamedTuple):
    """A field that may not be as it is. `path` is its place in the pod, `container` the name of the container it is in.

    `value` is what it has; empty where it has nothing to show.
    """

    path: YamlPath
    value: BadValue = ""
    kind: Literal["forbidden", "required"] = "forbidden"
    container: str | None = None

    @property
    def field(self) -> str:
        """The path as upstream writes it, such as `spec.containers[0].securityContext.privileged`."""
        if self.path[:2] == ("metadata", "annotations"):
            return f"metadata.annotations[{self.path[-1]}]"
        return str(self.path)

    @property
    def general_field(self) -> str:
        """The field of any item of its lists, as `restrictedField` names it."""
        return _NUMBER.sub("*", self.field)

    @property
    def values(self) -> tuple[str, ...]:
        """The value as texts, which the values of an exclusion are patterns for."""
        if isinstance(self.value, tuple):
            return self.value
        if isinstance(self.value, bool):
            return ("true" if self.value else "false",)
        if self.value is None:
            return ("nil",)
        return (str(self.value),) if self.value != "" else ()

    def described(self, above: YamlPath) -> str:
        """The error as upstream writes it, for a pod that is at `above` in its object."""
        field = f"{above}.{self.field}" if above else self.field
        if self.kind == "required":
            return f"{field}: Required value"
        if self.value == "":
            return f"{field}: Forbidden"
        shown = f"[{' '.join(self.value)}]" if isinstance(self.value, tuple) else self.values[0]
        return f"{field} is forbidden, forbidden values found: {shown}"


class Violation(NamedTuple):
    """What one check has against a pod: `check` is its id, `detail` upstream's sentence without field paths."""

    check: str
    reason: str
    detail: str
    errors: tuple[FieldError, ...]


class Found(NamedTuple):
    """A check's answer when it has something against the pod."""

    reason: str
    detail: str
    errors: Sequence[FieldError]


def quoted(texts: Iterable[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)


def plural(one: str, count: int) -> str:
    return one if count == 1 else f"{one}s"


def named(what: str, names: Collection[str]) -> str:
    """`container "a"` or `containers "a", "b"`."""
    return f"{plural(what, len(names))} {quoted(names)}"
