"""The documented rules of patterns, conditions and match blocks, restated as plainly as can be, on random cases."""

from fnmatch import fnmatchcase
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.anchors import parse_anchor
from policylint.engine.conditions import evaluate_conditions
from policylint.engine.context import Context
from policylint.engine.leaf import matches as leaf_matches
from policylint.engine.match import MatchBlock, matches
from policylint.engine.pattern import match_any_pattern, match_pattern
from policylint.engine.request import Request
from policylint.model import ROOT
from policylint.views.shape import Shape

Answer = Literal["yes", "no", "skip"]

values = st.sampled_from(["x", "y", 1, 2])
resources = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)
signs = st.sampled_from(["", "()", "=()", "X()", "<()"])


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    """A mapping of a pattern, each key with an anchor or without."""
    pattern: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4)):
        sign = draw(signs)
        pattern[f"{sign[:-1]}{key})" if sign else key] = draw(values)
    return pattern


def answer(outcome: str) -> Answer:
    """Upstream has two words for a pattern that is not met."""
    return "yes" if outcome == "pass" else "skip" if outcome == "skip" else "no"


def judged(pattern: dict[str, Any], resource: dict[str, Any]) -> Answer:
    """One mapping without mappings in it: what the documentation of anchors says, one rule after the other."""
    by_kind: dict[str, dict[str, Any]] = {}
    for written, wanted in pattern.items():
        anchor = parse_anchor(written)
        kind, key = (anchor.kind, anchor.key) if anchor else ("plain", written)
        by_kind.setdefault(kind, {})[key] = wanted

    def differ(kind: str, *, when_absent: bool) -> bool:
        wanted = by_kind.get(kind, {})
        return any(resource[key] != value if key in resource else when_absent for key, value in wanted.items())

    # the mapping is only judged if all of its conditions are met
    if differ("condition", when_absent=True):
        return "skip"
    # `=( )`: if it is there, then with this value; `X( )`: not there
    if differ("equality", when_absent=False) or any(key in resource for key in by_kind.get("negation", {})):
        return "no"
    # `<( )`: if it is there with another value, the whole pattern is left
    if differ("global", when_absent=False):
        return "skip"
    return "no" if differ("plain", when_absent=True) else "yes"


@given(mappings(), resources)
def test_anchors_of_a_mapping(pattern: dict[str, Any], resource: dict[str, Any]) -> None:
    assert answer(match_pattern(pattern, resource).outcome) == judged(pattern, resource)


@given(mappings(), st.lists(resources, max_size=4))
def test_anchors_in_a_list_are_about_each_item(pattern: dict[str, Any], items: list[dict[str, Any]]) -> None:
    each = [judged(pattern, item) for item in items]
    expected: Answer = "no" if "no" in each else "skip" if each and set(each) == {"skip"} else "yes"
    assert answer(match_pattern({"items": [pattern]}, {"items": items}).outcome) == expected


@given(mappings(), st.lists(resources, max_size=4))
def test_existence_asks_for_one_item(pattern: dict[str, Any], items: list[dict[str, Any]]) -> None:
    found = match_pattern({"^(items)": [pattern]}, {"items": items})
    assert (found.outcome == "pass") == any(judged(pattern, item) == "yes" for item in items)
    assert match_pattern({"^(items)": [pattern]}, {}).outcome == "pass"


@given(st.lists(mappings(), min_size=1, max_size=3), resources)
def test_one_of_any_pattern_is_enough(patterns: list[dict[str, Any]], resource: dict[str, Any]) -> None:
    each = [judged(pattern, resource) for pattern in patterns]
    expected: Answer = "yes" if "yes" in each else "no" if "no" in each else "skip"
    assert answer(match_any_pattern(patterns, resource).outcome) == expected


words = st.text("ab", max_size=3)
wildcards = st.text("ab*?", min_size=1, max_size=3)
terms = st.tuples(st.booleans(), wildcards)


@given(st.lists(st.lists(terms, min_size=1, max_size=3), min_size=1, max_size=3), words)
def test_alternatives_of_conjunctions_of_wildcards(pattern: list[list[tuple[bool, str]]], word: str) -> None:
    text = " | ".join(" & ".join(f"{'!' if negated else ''}{term}" for negated, term in part) for part in pattern)
    expected = any(all(fnmatchcase(word, term) is not negated for negated, term in part) for part in pattern)
    assert leaf_matches(text, word) is expected


truths = st.lists(st.booleans(), max_size=4)


def conditions(answers: list[bool]) -> list[dict[str, Any]]:
    return [{"key": "a", "operator": "Equals", "value": "a" if holds else "b"} for holds in answers]


@given(st.none() | truths, st.none() | truths)
def test_any_and_all(some: list[bool] | None, every: list[bool] | None) -> None:
    block: dict[str, Any] = {}
    if some is not None:
        block["any"] = conditions(some)
    if every is not None:
        block["all"] = conditions(every)
    expected = (some is None or any(some)) and all(every or ())
    assert evaluate_conditions(block, Context()).passed is expected
    assert evaluate_conditions([{**block, "all": block.get("all", [])}], Context()).passed is expected


@given(truths)
def test_a_plain_list_is_all_of_it(answers: list[bool]) -> None:
    result = evaluate_conditions(conditions(answers), Context())
    assert result.passed is all(answers)
    decided = answers.index(False) + 1 if False in answers else len(answers)
    assert [step.holds for step in result.steps] == answers[:decided]


kinds = st.lists(st.sampled_from(["Pod", "Service", "*"]), min_size=1, max_size=2)
names = st.none() | st.lists(wildcards, min_size=1, max_size=2)
filters = st.tuples(kinds, names, st.none() | st.just({"app": "a"}))
blocks = st.tuples(st.sampled_from(["any", "all"]), st.lists(filters, min_size=1, max_size=2))
Block = tuple[str, list[tuple[list[str], list[str] | None, dict[str, str] | None]]]


def written(block: Block) -> dict[str, Any]:
    sort, parts = block
    return {
        sort: [
            {
                "resources": {
                    "kinds": kinds,
                    **({} if names is None else {"names": names}),
                    **({} if labels is None else {"selector": {"matchLabels": labels}}),
                }
            }
            for kinds, names, labels in parts
        ]
    }


def selects(block: Block, kind: str, name: str, labels: dict[str, str]) -> bool:
    """Every clause of a filter has to be met, by any of its values; then any filter, or all of them."""
    sort, parts = block
    met = [
        any(fnmatchcase(kind, each) for each in kinds)
        and (names is None or any(fnmatchcase(name, each) for each in names))
        and (wanted is None or wanted.items() <= labels.items())
        for kinds, names, wanted in parts
    ]
    return any(met) if sort == "any" else all(met)


class Rule:
    def __init__(self, match: dict[str, Any], exclude: dict[str, Any] | None) -> None:
        self.match = MatchBlock.of(Shape(), match, ROOT / "match")
        self.exclude = MatchBlock.of(Shape(), exclude, ROOT / "exclude")


@given(blocks, st.none() | blocks, st.sampled_from(["Pod", "Service"]), words, st.sampled_from([{}, {"app": "a"}]))
def test_match_and_exclude(match: Block, exclude: Block | None, kind: str, name: str, labels: dict[str, str]) -> None:
    resource = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "labels": labels}}
    found = matches(Rule(written(match), None if exclude is None else written(exclude)), Request(resource))
    excluded = exclude is not None and selects(exclude, kind, name, labels)
    assert found.matched is (selects(match, kind, name, labels) and not excluded)
    assert found.policy_path is not None
    assert found.reason
