"""Rules for the same resources that say the same, or the opposite."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.model import ROOT, Problem, YamlPath
from policylint.regex import regex
from policylint.views.kyverno import KyvernoPolicy
from policylint.views.shape import Shape

_SELECTING = ("match", "exclude", "preconditions", "celPreconditions", "context")
_WORDS = ("message", "failureAction", "failureActionOverrides")
_RULES = ROOT / "spec" / "rules"
# operators, wildcards, anchors, variables: such a value has more than one meaning
_OPEN = regex(r"[*?|&!<>()\[\]{}^=+]|-\d|\d-")


class _Ruling(NamedTuple):
    """A validate rule of a policy; `selects` and `check` are texts that are equal when they mean the same."""

    document: Document
    path: YamlPath
    name: str
    enforces: bool
    selects: str
    check: str
    pattern: object


def repeated(documents: Sequence[Document]) -> Iterator[tuple[Document, Problem]]:
    """One problem for each rule that an earlier policy has already, with the same check for the same resources."""
    seen: dict[tuple[str, str], _Ruling] = {}
    for ruling in _rulings(documents):
        first = seen.setdefault((ruling.selects, ruling.check), ruling)
        if first is not ruling and first.document is not ruling.document:
            same = "and both enforce" if first.enforces else "and both audit"
            differs = "and only one of the two enforces"
            how = same if first.enforces == ruling.enforces else differs
            yield (
                ruling.document,
                Problem(
                    ruling.path / "name",
                    f"rule {ruling.name} checks what {_where(first)} checks, for the same resources, {how}",
                    "keep one of the two",
                ),
            )


def contradictions(documents: Sequence[Document]) -> Iterator[tuple[Document, Problem]]:
    """One problem for each enforced rule that demands another value than an earlier one, for the same resources."""
    groups: dict[str, list[_Ruling]] = {}
    for ruling in _rulings(documents):
        if ruling.enforces and isinstance(ruling.pattern, dict):
            groups.setdefault(ruling.selects, []).append(ruling)
    for members in groups.values():
        demanded: dict[tuple[str | int, ...], tuple[object, _Ruling]] = {}
        for ruling in members:
            for steps, value in _demands(ruling.pattern):
                before, other = demanded.setdefault(steps, (value, ruling))
                if before != value and other is not ruling:
                    path = ruling.path / "validate" / "pattern"
                    for step in steps:
                        path /= step
                    yield (
                        ruling.document,
                        Problem(
                            path,
                            f"rule {ruling.name} demands {value!r} here and {_where(other)} {before!r}, for the same"
                            " resources: nothing passes both, so that none of them is admitted",
                            "let one of the two select other resources, or agree on the value",
                        ),
                    )


def _where(ruling: _Ruling) -> str:
    return f"rule {ruling.name} of {ruling.document.resource} ({ruling.document.source.path})"


def _rulings(documents: Sequence[Document]) -> Iterator[_Ruling]:
    for document in documents:
        for policy in KyvernoPolicy.of(document):
            shape = Shape()
            spec = shape.mapping(document.mapping.get("spec"), ROOT / "spec")
            raw = shape.mappings(spec.get("rules"), _RULES)
            for (path, rule), view in zip(raw, policy.rules, strict=True):
                validate = rule.get("validate")
                if not isinstance(validate, dict):
                    continue
                namespace = document.resource.namespace if document.resource is not None else None
                check = {key: value for key, value in validate.items() if key not in _WORDS}
                yield _Ruling(
                    document,
                    path,
                    view.name,
                    view.action.action == "Enforce" and not view.overrides,
                    _text([namespace, *(rule.get(key) for key in _SELECTING)]),
                    _text(check),
                    validate.get("pattern"),
                )


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _demands(pattern: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Values that are demanded of every resource, with the keys that lead to them."""
    if isinstance(pattern, Mapping):
        for key, value in pattern.items():
            if not _OPEN.search(str(key)):
                yield from _demands(value, (*steps, str(key)))
    elif isinstance(pattern, bool | int | float) or (
        isinstance(pattern, str) and pattern and not _OPEN.search(pattern)
    ):
        yield steps, str(pattern).lower() if isinstance(pattern, bool) else str(pattern)
