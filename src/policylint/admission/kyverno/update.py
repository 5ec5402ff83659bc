"""What Kyverno does not let a change of a policy do: generate rules are fixed once they have generated.

Source: kyverno/kyverno pkg/validation/policy/generate.go `immutableGenerateFields`. The webhook compares generate rules
with what may change taken out of them. A rule whose `generate` block differs in the rest gets a warning, and the
comparison ends there; any other difference is refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.stored import Stored
from policylint.model import ROOT, Problem, YamlPath
from policylint.views.shape import Shape

_RULES = ROOT / "spec" / "rules"
_MAY_CHANGE = ("synchronize", "data", "foreach", "orphanDownstreamOnPolicyDelete", "generateExisting")
_HOW = "add a new rule beside it, or delete the policy and create it again"


class _Generating(NamedTuple):
    """A generate rule: the part of its `generate` that is fixed, and the rest of the rule that is fixed."""

    path: YamlPath
    name: str
    generate: Mapping[str, Any]
    rule: Mapping[str, Any]


def problems(old: Stored, new: Stored) -> Iterator[Problem]:
    """What the webhook says when `new` is applied over `old`; warnings carry that severity."""
    match_is_fixed = _synchronizes(old)
    before, after = _generating(old, match_is_fixed), _generating(new, match_is_fixed)
    stale = [rule for rule in before if all(rule.generate != other.generate for other in after)]
    for rule in stale:
        path, what = _changed_generate(rule, after)
        yield Problem(
            path,
            f"generate rule {rule.name!r} {what}: Kyverno admits this with a warning and stops synchronising what"
            " the rule generated before, so that stale objects may stay",
            _HOW,
            severity="warning",
        )
    if stale:
        return
    for rule in before:
        if all(rule.rule != other.rule for other in after):
            path, what = _changed_rule(rule, after)
            yield Problem(path, f"generate rule {rule.name!r} {what}: Kyverno refuses this change", _HOW)


def _synchronizes(policy: Stored) -> bool:
    return any(Shape().mapping(rule.get("generate"), path).get("synchronize") is True for path, rule in _rules(policy))


def _rules(policy: Stored) -> list[tuple[YamlPath, Mapping[str, Any]]]:
    shape = Shape()
    return shape.mappings(shape.mapping(policy.data.get("spec"), ROOT / "spec").get("rules"), _RULES)


def _generating(policy: Stored, match_is_fixed: bool) -> list[_Generating]:
    found = []
    for path, rule in _rules(policy):
        generate = rule.get("generate")
        if isinstance(generate, dict) and generate:
            left_out = ("generate",) if match_is_fixed else ("generate", "match")
            found.append(
                _Generating(
                    path,
                    str(rule.get("name", "")),
                    _without(generate, _MAY_CHANGE),
                    _without(rule, left_out),
                )
            )
    return found


def _without(mapping: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """`mapping` as Go writes it again: without `keys`, and without what is empty."""
    return {key: _written(value) for key, value in mapping.items() if key not in keys and not _is_empty(value)}


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items() if not _is_empty(item)}
    return [_written(item) for item in value] if isinstance(value, list) else value


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _named(name: str, rules: list[_Generating]) -> _Generating | None:
    return next((rule for rule in rules if rule.name == name), None)


def _changed_generate(rule: _Generating, after: list[_Generating]) -> tuple[YamlPath, str]:
    now = _named(rule.name, after)
    if now is None:
        return _RULES, "is gone, or has another name now"
    fields = _differing(rule.generate, now.generate)
    return now.path / "generate" / fields[0], f"changes {', '.join(f'generate.{field}' for field in fields)}"


def _changed_rule(rule: _Generating, after: list[_Generating]) -> tuple[YamlPath, str]:
    now = _named(rule.name, after)
    if now is None:
        return _RULES, "is gone, or has another name now"
    fields = _differing(rule.rule, now.rule)
    return now.path / fields[0], f"changes {', '.join(fields)}"


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
