"""Kyverno validate patterns: kyverno pkg/engine/validate/validate.go `MatchPattern`, pkg/engine/anchor/handlers.go."""

from typing import Any, Literal, NamedTuple

from policylint.engine.anchors import AnchorKind, decides_first, in_judging_order, parse_anchor
from policylint.engine.leaf import matches
from policylint.engine.metadata import expand_keys, metadata_key
from policylint.model import ROOT, PathStep, YamlPath
from policylint.views.shape import type_name

MAX_PATTERN_DEPTH = 150

Outcome = Literal["pass", "fail", "skip", "error"]


class PatternResult(NamedTuple):
    """What a pattern says of a resource.

    `skip`: a conditional or global anchor was not met, so the pattern does not apply. `error`: it was not met, but
    upstream does not call that a failure: a list is shorter than the pattern's list of lists, or an anchored key of
    the pattern was in no mapping that was looked at.
    `path` is the place in the resource that decided, `pattern_path` the part of the pattern it was held against (keys
    with their anchors), `reason` names the value and what was expected, `anchor` is the anchor that decided, if any.
    """

    outcome: Outcome
    path: YamlPath = ROOT
    pattern_path: YamlPath = ROOT
    reason: str = ""
    anchor: AnchorKind | None = None


PASS = PatternResult("pass")


def match_pattern(pattern: Any, resource: Any) -> PatternResult:
    """What `pattern` says of `resource`; both are plain data without Kyverno variables left in them.

    Integers stand for Go's int64, as in a cluster; convert them to floats first to judge as `kyverno test` does.
    """
    evaluation = _Evaluation()
    try:
        miss = evaluation.element(pattern, resource, 0)
    except _TooDeepError:
        return PatternResult("error", reason=f"the pattern nests deeper than {MAX_PATTERN_DEPTH} levels")
    if miss is None:
        return PASS
    outcome: Outcome = "fail"
    if miss.skips:
        outcome = "skip"
    elif miss.anchor != "negation" and (miss.undecided or evaluation.keys_are_missing()):
        outcome = "error"
    return PatternResult(outcome, YamlPath(miss.path[::-1]), YamlPath(miss.pattern[::-1]), miss.reason, miss.anchor)


def match_any_pattern(patterns: list[Any], resource: Any) -> PatternResult:
    """What an `anyPattern` says: pass if one passes, skip if none fails, else fail with every reason.

    As `validatePatterns` in kyverno pkg/engine/handlers/validation/validate_resource.go, where the numbers of an
    `anyPattern`, other than those of a `pattern`, are floats.
    """
    results: list[PatternResult] = []
    for index, pattern in enumerate(patterns):
        result = match_pattern(_as_floats(pattern), resource)
        if result.outcome == "pass":
            return PASS
        results.append(result._replace(pattern_path=YamlPath((index, *result.pattern_path))))
    failed = [result for result in results if result.outcome != "skip"]
    decisive = failed or results
    if not decisive:
        return PASS
    reason = "; ".join(dict.fromkeys(result.reason for result in decisive))
    return decisive[0]._replace(outcome="fail" if failed else "skip", reason=reason)


class _Miss(NamedTuple):
    """Why something did not match. The paths grow at their end while the evaluation returns, so they read backwards.

    `aggregate`: it stands for several skips below, which matters to how a mapping weighs it.
    """

    reason: str
    path: list[PathStep]
    pattern: list[PathStep]
    anchor: AnchorKind | None = None
    aggregate: bool = False
    undecided: bool = False

    @property
    def skips(self) -> bool:
        return self.anchor in ("condition", "global")

    def under(self, step: PathStep, pattern_step: PathStep) -> "_Miss":
        self.path.append(step)
        self.pattern.append(pattern_step)
        return self


class _TooDeepError(Exception):
    pass


class _Evaluation:
    """One match of one pattern: what was seen of its anchors, and its metadata keys as expanded so far."""

    def __init__(self) -> None:
        self._anchored_keys: dict[str, bool] = {}
        self._expanded: dict[int, Any] = {}

    def keys_are_missing(self) -> bool:
        return not all(self._anchored_keys.values())

    def element(self, pattern: Any, resource: Any, depth: int) -> _Miss | None:
        if depth > MAX_PATTERN_DEPTH:
            raise _TooDeepError
        if isinstance(pattern, dict):
            if not isinstance(resource, dict):
                return _miss(f"is {type_name(resource)}, not a mapping")
            return self._mapping(pattern, resource, depth)
        if isinstance(pattern, list):
            if not isinstance(resource, list):
                return _miss(f"is {type_name(resource)}, not a list")
            return self._sequence(pattern, resource, depth)
        return _leaf(pattern, resource)

    def _mapping(self, pattern: dict[str, Any], resource: dict[str, Any], depth: int) -> _Miss | None:
        self._note_anchors(pattern, resource)
        pattern = self._with_expanded_metadata(pattern, resource)
        skips: list[_Miss] = []
        applied = 0
        for key in sorted(filter(decides_first, pattern)):
            miss = self._member(key, pattern[key], resource, depth)
            if miss is None:
                applied += 1
            elif miss.skips:
                skips.append(miss)
            elif all(skip.aggregate for skip in skips):
                return miss
        if skips and (applied == 0 or not all(skip.aggregate for skip in skips)):
            return skips[0]._replace(aggregate=True)
        for key in in_judging_order(pattern):
            miss = self._member(key, pattern[key], resource, depth)
            if miss is not None:
                return miss
        return None

    def _member(self, key: str, pattern: Any, resource: dict[str, Any], depth: int) -> _Miss | None:
        anchor = parse_anchor(key)
        if anchor is None or anchor.kind == "add":
            return self._plain_member(key, pattern, resource, depth)
        if anchor.key not in resource:
            if anchor.kind == "condition":
                return _miss("is not set", anchor="condition").under(anchor.key, key)
            return None
        value = resource[anchor.key]
        if anchor.kind == "negation":
            return _miss("is set, but must not be", anchor="negation").under(anchor.key, key)
        if anchor.kind == "existence":
            miss = self._existence(pattern, value, depth)
        else:
            miss = self.element(pattern, value, depth + 1)
        if miss is None:
            return None
        if anchor.kind in ("condition", "global"):
            miss = miss._replace(anchor=anchor.kind, aggregate=False)
        return miss.under(anchor.key, key)

    def _plain_member(self, key: str, pattern: Any, resource: dict[str, Any], depth: int) -> _Miss | None:
        value = resource.get(key)
        if isinstance(pattern, str) and pattern == "*":
            if value is not None:
                return None
            return _miss("is null, but must be set" if key in resource else "is not set, but must be").under(key, key)
        miss = self.element(pattern, value, depth + 1)
        if miss is None:
            return None
        if key not in resource:
            miss = miss._replace(reason=f"is not set, but must {_expectation(pattern)}")
        return miss.under(key, key)

    def _existence(self, pattern: Any, value: Any, depth: int) -> _Miss | None:
        if not isinstance(value, list):
            return _miss(f"is {type_name(value)}, not a list", anchor="existence")
        if not isinstance(pattern, list):
            return _miss(f"cannot match: the pattern holds {type_name(pattern)}, not a list", anchor="existence")
        for index, wanted in enumerate(pattern):
            if not isinstance(wanted, dict):
                reason = f"cannot match: the pattern's list holds {type_name(wanted)}, not a mapping"
                return _miss(reason, anchor="existence")
            if not any(self.element(wanted, item, depth + 1) is None for item in value):
                miss = _miss(f"has no item that must {_expectation(wanted)}", anchor="existence")
                miss.pattern.append(index)
                return miss
        return None

    def _sequence(self, pattern: list[Any], resource: list[Any], depth: int) -> _Miss | None:
        if not pattern:
            return _miss("cannot match: the pattern's list is empty")
        if isinstance(pattern[0], dict):
            return self._items([pattern[0]] * len(resource), resource, depth, same=True)
        if not isinstance(pattern[0], list):
            miss = _leaf(pattern[0], resource)
            if miss is not None:
                miss.pattern.append(0)
            return miss
        if len(resource) < len(pattern):
            return _miss(f"has length {len(resource)}, but must have at least {len(pattern)}", undecided=True)
        return self._items(pattern, resource, depth, same=False)

    def _items(self, patterns: list[Any], resource: list[Any], depth: int, *, same: bool) -> _Miss | None:
        first_skip: _Miss | None = None
        applied = 0
        for index, (pattern, item) in enumerate(zip(patterns, resource, strict=False)):
            miss = self.element(pattern, item, depth + 1)
            if miss is None:
                applied += 1
                continue
            miss.under(index, 0 if same else index)
            if not miss.skips:
                return miss
            first_skip = first_skip or miss
        if first_skip is None or applied:
            return None
        return first_skip._replace(aggregate=True)

    def _note_anchors(self, pattern: dict[str, Any], resource: dict[str, Any]) -> None:
        """`AnchorMap.CheckAnchorInResource` of anchor/anchormap.go; negations never count as missing there."""
        for key in pattern:
            anchor = parse_anchor(key)
            if anchor is not None and anchor.kind in ("condition", "existence"):
                seen = self._anchored_keys.get(key, False)
                self._anchored_keys[key] = seen or anchor.key in resource

    def _with_expanded_metadata(self, pattern: dict[str, Any], resource: dict[str, Any]) -> dict[str, Any]:
        """`pattern` with the wildcard keys of its metadata expanded.

        Upstream writes them into the pattern, so what one item of a list expanded stays so for the following items.
        """
        key = metadata_key(pattern)
        metadata = pattern.get(key)
        found = resource.get("metadata")
        if not isinstance(metadata, dict):
            return pattern
        known = self._expanded.get(id(metadata), metadata)
        expanded = expand_keys(known, found) if isinstance(found, dict) else known
        if expanded is metadata:
            return pattern
        self._expanded[id(metadata)] = expanded
        return {**pattern, key: expanded}


def _miss(reason: str, anchor: AnchorKind | None = None, undecided: bool = False) -> _Miss:
    return _Miss(reason, [], [], anchor, undecided=undecided)


def _leaf(pattern: Any, resource: Any) -> _Miss | None:
    """A scalar pattern; every item of a list must match it."""
    if not isinstance(resource, list):
        return None if matches(pattern, resource) else _mismatch(pattern, resource)
    for index, item in enumerate(resource):
        if not matches(pattern, item):
            miss = _mismatch(pattern, item)
            miss.path.append(index)
            return miss
    return None


def _mismatch(pattern: Any, value: Any) -> _Miss:
    return _miss(f"is {_shown(value)}, but must {_expectation(pattern)}")


def _expectation(pattern: Any) -> str:
    if isinstance(pattern, dict):
        return "match " + ", ".join(f"{key}: {_shown(value)}" for key, value in list(pattern.items())[:3])
    if pattern is None:
        return "be null or empty"
    return f"match {_shown(pattern)}" if not isinstance(pattern, list) else "match the pattern's list"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:59]}…"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else type_name(value)


def _as_floats(value: Any) -> Any:
    """`value` with every integer as a float."""
    if isinstance(value, dict):
        return {key: _as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    return float(value) if type(value) is int and abs(value).bit_length() <= 1023 else value
