"""Which variables a rule may use: kyverno pkg/validation/policy/validate.go `buildContext`, pkg/engine/context
`ReservedKeys` and mock_context.go `MockContext.Query`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.kyverno.expressions import expression_defect
from policylint.admission.kyverno.rule_bodies import text_of
from policylint.engine.variables.syntax import occurrences
from policylint.engine.wildcard import match
from policylint.model import ROOT
from policylint.regex import regex
from policylint.views.shape import Shape

_CALL = r"([a-z_0-9]+\()[^{}]"
_ELEMENTS = r"element|elementIndex|@|images"
_ANY = regex(rf"request|serviceAccountName|serviceAccountNamespace|{_ELEMENTS}|image|{_CALL}")
_BACKGROUND = regex(rf"request\.|{_ELEMENTS}|images\.|image\.|{_CALL}")
_TARGET = regex(rf"request\.|serviceAccountName|serviceAccountNamespace|{_ELEMENTS}|images\.|image\.|target\.|{_CALL}")
_BACKGROUND_TARGET = regex(rf"request\.|{_ELEMENTS}|images\.|image\.|target\.|{_CALL}")
_CLEANUP = regex(r"([a-z_0-9]+)|(target\.|images\.|([a-z_0-9]+\()[^{}])")
# no text that an API server takes has as many
_ROUNDS = 64


class Allowed(NamedTuple):
    """The variables that are known in some place. The expressions look anywhere in a variable, as upstream's do."""

    pattern: Any
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, rule: Mapping[str, Any], *, background: bool, target: bool) -> "Allowed":
        """Those of a rule; with `target`, also what mutations of existing objects know."""
        if target:
            return cls(_BACKGROUND_TARGET if background else _TARGET, tuple(_names(rule)))
        return cls(_BACKGROUND if background else _ANY, tuple(_names(rule)))

    @classmethod
    def of_cleanup(cls) -> "Allowed":
        return cls(_CLEANUP)

    def has(self, query: str) -> bool:
        plain = query.replace('"', "")
        return self.pattern.search(plain) is not None or any(match(name, plain) for name in self.names)

    @property
    def named(self) -> str:
        """The names that context entries add, for a sentence."""
        return ", ".join(dict.fromkeys(name.partition(".")[0].removesuffix("*") for name in self.names))


class Defect(NamedTuple):
    """Why a variable is refused; `unknown` tells that it is one that is not known, and no mistake in its text."""

    query: str
    reason: str
    unknown: bool


def defect_in(text: str, allowed: Allowed) -> Defect | None:
    """The first variable in `text` that is refused. Those inside others come first and become null."""
    for _ in range(_ROUNDS):
        found = list(occurrences(text))
        for occurrence in found:
            defect = _defect(occurrence.query, allowed)
            if defect is not None:
                return defect
        if not found or any(occurrence.shallow for occurrence in found):
            return None
        parts: list[str] = []
        end = 0
        for occurrence in found:
            parts += text[end : occurrence.start], "null"
            end = occurrence.end
        text = "".join([*parts, text[end:]])
    return None


def _defect(query: str, allowed: Allowed) -> Defect | None:
    if query == "@":  # the place itself: a path below request.object
        return None
    if not query:
        return Defect(query, "the variable is empty", unknown=False)
    reason = expression_defect(query)
    if reason:
        return Defect(query, reason, unknown=False)
    return None if allowed.has(query) else Defect(query, f"{query} is not known here", unknown=True)


def _names(rule: Mapping[str, Any]) -> Iterator[str]:
    """What context entries and attestations are called; those of loops count for the whole rule, of inner loops not."""
    shape = Shape()
    owners: list[Mapping[str, Any]] = [rule]
    for body, key in (("validate", "foreach"), ("mutate", "foreach"), ("mutate", "targets"), ("generate", "foreach")):
        owner = shape.mapping(rule.get(body), ROOT)
        owners += (item for _, item in shape.mappings(owner.get(key), ROOT))
    for owner in owners:
        for _, entry in shape.mappings(owner.get("context"), ROOT):
            yield from _entry_names(entry)
    images = [item for _, item in shape.mappings(rule.get("verifyImages"), ROOT)]
    if any(item.get("validate") for item in images):
        for image in images:
            for _, attestation in shape.mappings(image.get("attestations"), ROOT):
                yield f"{text_of(attestation.get('name'))}*"


def _entry_names(entry: Mapping[str, Any]) -> Iterator[str]:
    name = text_of(entry.get("name"))
    if any(entry.get(source) is not None for source in ("apiCall", "globalReference", "imageRegistry", "variable")):
        yield f"{name}*"
    if entry.get("configMap") is not None:
        yield from (f"{name}.data", f"{name}.metadata", f"{name}.data.*", f"{name}.metadata.*")
