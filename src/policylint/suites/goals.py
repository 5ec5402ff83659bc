"""What there is to reach in a policy: what a suite would have to bring about to have tried every part of each rule.

What cannot happen is no goal: a rule without preconditions, conditional anchors and exceptions is never skipped.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.coverage import GoalSort
from policylint.engine.anchors import parse_anchor
from policylint.engine.kinds import parse_kind_selector
from policylint.engine.match import MatchBlock
from policylint.engine.policy import Policy, Rule
from policylint.model import YamlPath
from policylint.regex import regex

CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
_LISTS = regex(r"\b(?:containers|initContainers|ephemeralContainers)\b")
_RESULTS = {
    "validate": ("pass", "fail"),
    "mutate": ("pass",),
    "verifyImages": ("pass", "fail"),
    "generate": ("pass",),
}
# rules with these look at every container, whatever they say
_WHOLE_PODS = ("podSecurity", "verifyImages")


class Wanted(NamedTuple):
    """One goal. `mark` is what the evaluation has to leave behind, `path` the place in the policy that it stands on."""

    sort: GoalSort
    mark: "Mark"
    name: str
    path: YamlPath


class Mark(NamedTuple):
    """A fact about an evaluation: a result, a kind or the like by name, or that what stands at a path held or not."""

    fact: str | YamlPath
    holds: bool | None = None


def goals_of(policy: Policy, is_excepted: Callable[[Rule], bool]) -> Iterator[tuple[Rule, list[Wanted]]]:
    """The goals of each rule of `policy`; `is_excepted` tells which rules some policy exception is for."""
    computed = policy.all_rules
    for rule in policy.rules:
        forms = [each for each in computed if each.source == rule.source]
        yield rule, list(_rule_goals(rule, forms, any(map(is_excepted, forms))))


def _rule_goals(rule: Rule, forms: Sequence[Rule], excepted: bool) -> Iterator[Wanted]:
    body = rule.data.get(rule.type)
    at = rule.path / rule.type
    for result in _results(rule, excepted):
        yield Wanted("result", Mark(result), result, at)
    yield from _blocks("match", rule, rule.match)
    yield from _blocks("exclude", rule, rule.exclude)
    yield from _both_ways(rule, rule.data.get("preconditions"), rule.path / "preconditions")
    if isinstance(body, Mapping):
        yield from _branches(rule, body, at)
    for name in _container_lists(rule):
        yield Wanted("containers", Mark(name), name, at)
    yield from _operations(rule)
    yield from _kinds(forms)


def _results(rule: Rule, excepted: bool) -> Iterator[str]:
    validation = rule.validation
    for result in _RESULTS[rule.type]:
        # a deny without conditions lets nothing through
        if result != "pass" or validation.get("deny") is None or validation["deny"].get("conditions"):
            yield result
    patterns = validation.get("anyPattern") or [validation.get("pattern") or rule.mutation.get("patchStrategicMerge")]
    if excepted or has_conditions(rule.data.get("preconditions")) or all(map(_can_skip, patterns)):
        yield "skip"


def has_conditions(conditions: Any) -> bool:
    """Whether there is any condition in `preconditions` or the like."""
    if isinstance(conditions, Mapping):
        if "any" in conditions or "all" in conditions:
            return any(has_conditions(conditions.get(key)) for key in ("any", "all"))
        return bool(conditions)
    return isinstance(conditions, list) and any(map(has_conditions, conditions))


def _can_skip(pattern: Any) -> bool:
    """Whether an anchor in `pattern` can keep all of it from applying."""
    if isinstance(pattern, Mapping):
        anchors = (parse_anchor(key) for key in pattern)
        if any(anchor is not None and anchor.kind in ("condition", "global") for anchor in anchors):
            return True
        return any(map(_can_skip, pattern.values()))
    return isinstance(pattern, list) and any(map(_can_skip, pattern))


def _blocks(sort: GoalSort, rule: Rule, block: MatchBlock) -> Iterator[Wanted]:
    """The blocks of a match or exclude that can each decide on their own."""
    if block.any:
        paths = [part.path for part in block.any if not part.is_empty]
    elif block.all:
        paths = [block.path / "all"]
    else:
        paths = [] if block.single.is_empty else [block.path]
    for path in paths:
        yield Wanted(sort, Mark(path, holds=sort == "match"), _name(rule, path), path)


def _both_ways(rule: Rule, conditions: Any, path: YamlPath) -> Iterator[Wanted]:
    if has_conditions(conditions):
        yield Wanted("preconditions", Mark(path, holds=True), f"{_name(rule, path)} met", path)
        yield Wanted("preconditions", Mark(path, holds=False), f"{_name(rule, path)} not met", path)


def _branches(rule: Rule, body: Mapping[str, Any], path: YamlPath) -> Iterator[Wanted]:
    """The parts of a rule's body, or of an entry of its foreach, of which one is enough, and the lists it goes over."""
    patterns = body.get("anyPattern") or ()
    for index in range(len(patterns) if len(patterns) > 1 else 0):
        at = path / "anyPattern" / index
        yield Wanted("anyPattern", Mark(at, holds=True), _name(rule, at), at)
    if body.get("deny"):
        yield from _any_conditions(rule, body["deny"].get("conditions"), path / "deny" / "conditions")
    for index, target in enumerate(_mappings(body.get("targets"))):
        yield from _both_ways(rule, target.get("preconditions"), path / "targets" / index / "preconditions")
    for index, entry in enumerate(_mappings(body.get("foreach"))):
        at = path / "foreach" / index
        yield Wanted("foreach", Mark(at / "list"), f"{_name(rule, at)} with an element", at / "list")
        yield from _both_ways(rule, entry.get("preconditions"), at / "preconditions")
        yield from _branches(rule, entry, at)


def _any_conditions(rule: Rule, conditions: Any, path: YamlPath) -> Iterator[Wanted]:
    if isinstance(conditions, list):
        for index, block in enumerate(conditions):
            if isinstance(block, Mapping):
                yield from _any_conditions(rule, block, path / index)
        return
    alternatives = conditions.get("any") if isinstance(conditions, Mapping) else None
    if isinstance(alternatives, list) and len(alternatives) > 1:
        for index in range(len(alternatives)):
            at = path / "any" / index
            yield Wanted("deny", Mark(at, holds=True), _name(rule, at), at)


def _container_lists(rule: Rule) -> Iterable[str]:
    if rule.type == "verifyImages" or any(rule.validation.get(key) for key in _WHOLE_PODS):
        return CONTAINER_LISTS
    named = set(_named_lists({key: value for key, value in rule.data.items() if key not in ("match", "exclude")}))
    return (name for name in CONTAINER_LISTS if name in named)


def _named_lists(value: Any) -> Iterator[str]:
    """The container lists that patterns and expressions name; messages are only read."""
    if isinstance(value, str):
        yield from _LISTS.findall(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _LISTS.findall(str(key))
            if key != "message":
                yield from _named_lists(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named_lists(item)


def _operations(rule: Rule) -> Iterator[Wanted]:
    known: set[str] = set()
    for part in rule.match.parts:
        for index, operation in enumerate(part.operations):
            if operation not in known:
                known.add(operation)
                path = part.path / "resources" / "operations" / index
                yield Wanted("operation", Mark(operation), f"operation {operation}", path)


def _kinds(forms: Sequence[Rule]) -> Iterator[Wanted]:
    """The kinds that the rule and what autogen makes of it are for, where there are several."""
    found: dict[str, Wanted] = {}
    for rule in forms:
        for part in rule.match.parts:
            for index, text in enumerate(part.kinds):
                selector = parse_kind_selector(text)
                kind = kind_name(selector.kind, selector.subresource)
                path = rule.original(part.path / "resources" / "kinds" / index)
                if kind and path is not None and not set(kind) & set("*?"):
                    found.setdefault(kind, Wanted("kind", Mark(f"kind {kind}"), f"kind {kind}", path))
    if len(found) > 1:
        yield from found.values()


def kind_name(kind: str, subresource: str) -> str:
    """`Pod`, or `Pod/exec` for a subresource."""
    return f"{kind}/{subresource}" if subresource else kind


def _name(rule: Rule, path: YamlPath) -> str:
    return str(YamlPath(path[len(rule.path) :]))


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
