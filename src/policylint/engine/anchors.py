"""Anchors: the decorations of a pattern's keys that say how the key takes part in the match."""

from functools import lru_cache
from typing import Any, Literal, NamedTuple

from policylint.regex import regex

AnchorKind = Literal["condition", "global", "negation", "add", "equality", "existence"]

_KINDS: dict[str, AnchorKind] = {
    "": "condition",
    "<": "global",
    "X": "negation",
    "+": "add",
    "=": "equality",
    "^": "existence",
}
_ANCHOR = regex(r"([+<=X^]?)\((.+)\)\Z")


class Anchor(NamedTuple):
    """An anchor and the key of the resource that it decorates.

    `condition` `(key)`: the rest of the mapping is judged only when the value matches; else the mapping is skipped.
    `global` `<(key)`: the same for the whole pattern, when the key is there.
    `equality` `=(key)`: the value must match when the key is there.
    `existence` `^(key)`: at least one item of the list must match.
    `negation` `X(key)`: the key must not be there.
    `add` `+(key)`: only means something in mutations; a validation reads it as part of the key.
    """

    kind: AnchorKind
    key: str


@lru_cache(maxsize=4096)
def parse_anchor(key: str) -> Anchor | None:
    """The anchor that `key` carries, or None for a plain key (kyverno pkg/engine/anchor/anchor.go `Parse`)."""
    match = _ANCHOR.match(key.strip())
    return Anchor(_KINDS[match[1]], match[2]) if match else None


def anchor_text(anchor: Anchor) -> str:
    """The key that reads as `anchor`."""
    return next(sign for sign, kind in _KINDS.items() if kind == anchor.kind) + f"({anchor.key})"


def decides_first(key: str) -> bool:
    """Whether a mapping judges `key` before its plain keys (anchor/utils.go `GetAnchorsResourcesFromMap`)."""
    anchor = parse_anchor(key)
    return anchor is not None and anchor.kind not in ("global", "add")


def has_anchors(pattern: Any) -> bool:
    """Whether any key at any depth of `pattern` carries an anchor (validate/utils.go `hasNestedAnchors`)."""
    waiting = [pattern]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if any((anchor := parse_anchor(key)) is not None and anchor.kind != "add" for key in value):
                return True
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False


def in_judging_order(pattern: dict[str, Any]) -> list[str]:
    """The keys of `pattern` that do not decide first, in upstream's order (`getSortedNestedAnchorResource`).

    Global anchors and values that hold anchors come first, in reverse order of their keys; the others follow sorted.
    """
    early: list[str] = []
    late: list[str] = []
    for key in sorted(key for key in pattern if not decides_first(key)):
        anchor = parse_anchor(key)
        is_early = (anchor is not None and anchor.kind == "global") or has_anchors(pattern[key])
        (early if is_early else late).append(key)
    return early[::-1] + late
