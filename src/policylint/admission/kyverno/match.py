"""The match and exclude blocks of a rule: kyverno api/kyverno/v1/rule_types.go `Validate`, and
pkg/validation/policy/validate.go `validateResources`, `validateMatchKindHelper`, `containsUserVariables`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.match_blocks import Terms, block_problems, filters, is_empty
from policylint.admission.kyverno.match_conflict import conflict
from policylint.admission.kyverno.rule_bodies import REFUSED, RuleBody, Version, rules_of
from policylint.admission.stored import Stored
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What is refused of the blocks of every rule, except which kinds they name."""
    terms = Terms(REFUSED, namespaced=stored.document.kind == "Policy", legacy=True)
    for rule in rules_of(stored):
        yield from _rule(rule, terms)


def _rule(rule: RuleBody, terms: Terms) -> Iterator[Problem]:
    shape = Shape()
    wanted = shape.mapping(rule.data.get("match"), rule.path / "match")
    excluded = shape.mapping(rule.data.get("exclude"), rule.path / "exclude")
    for block, name in ((wanted, "match"), (excluded, "exclude")):
        yield from block_problems(shape, block, rule.path / name, terms)
    if rule.data.get("match") is not None:
        yield from _without_kinds(shape, wanted, rule.path / "match")
    # a match of nothing is reported as such
    found = conflict(wanted, excluded, rule.path / "exclude") if wanted else None
    if found is not None:
        yield Problem(
            found,
            f"the rule excludes what it matches, so it is for nothing: {REFUSED}",
            help="Take out of exclude what match asks for.",
            related=(RelatedPath(rule.path / "match", "what the rule matches"),),
            at="key",
        )


def _without_kinds(shape: Shape, block: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    if block.get("any") or block.get("all"):
        parts = [(at / "resources", item.get("resources")) for at, item in filters(shape, block, path)]
    else:
        parts = [(path / "resources", block.get("resources"))]
    for at, value in parts:
        resources = shape.mapping(value, at)
        if is_empty(resources):
            yield Problem(
                at,
                f"the match names no resources: {REFUSED}",
                help="Say in resources.kinds what the rule is for.",
            )
        elif not resources.get("kinds"):
            yield Problem(
                at,
                f"the match names no kinds: {REFUSED}",
                help="Say in kinds what the rule is for.",
                at="key",
            )
