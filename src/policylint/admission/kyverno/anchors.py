"""Which anchors a pattern may hold: kyverno pkg/policy/common/validate_pattern.go `ValidatePattern`."""

from collections.abc import Collection, Iterator
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED
from policylint.engine.anchors import Anchor, AnchorKind, parse_anchor
from policylint.model import Problem, YamlPath
from policylint.views.shape import type_name

IN_PATTERNS: frozenset[AnchorKind] = frozenset(("condition", "existence", "equality", "negation", "global"))


def anchor_problems(pattern: Any, path: YamlPath, allowed: Collection[AnchorKind], where: str) -> Iterator[Problem]:
    """The anchors below `path` that the webhook refuses, in order; `where` says what takes only `allowed` ones."""
    waiting = [(path, pattern)]
    while waiting:
        here, value = waiting.pop()
        below: list[tuple[YamlPath, Any]] = []
        if isinstance(value, dict):
            for key, item in value.items():
                anchor = parse_anchor(key)
                if anchor is not None:
                    yield from _problems(anchor, key, item, here / key, allowed, where)
                below.append((here / key, item))
        elif isinstance(value, list):
            below = [(here / index, item) for index, item in enumerate(value)]
        waiting.extend(reversed(below))


def _problems(
    anchor: Anchor, key: str, value: Any, path: YamlPath, allowed: Collection[AnchorKind], where: str
) -> Iterator[Problem]:
    if anchor.kind not in allowed:
        yield Problem(
            path,
            f"{key}: {where} takes no {anchor.kind} anchors: {REFUSED}",
            help=_HELP.get(anchor.kind, "Write the key without its anchor.") if allowed else "Write the key itself.",
            at="key",
        )
    elif anchor.kind == "existence" and (not isinstance(value, list) or not value):
        found = "an empty list" if value == [] else type_name(value)
        yield Problem(
            path,
            f"{key}: an existence anchor takes a list with at least one item, this is {found}: {REFUSED}",
            help=f"Give {key} a list whose items one element of {anchor.key} has to match.",
            at="key",
        )


_HELP = {"add": "+(key) means something in mutations only; write =(key) for a key that need not be there."}
