"""Operators of conditions that Kyverno has deprecated: kyverno pkg/engine/variables/operator/operator.go
`deprecatedOperators`, and what each means from in.go, notin.go, allin.go and anynotin.go beside it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.rule_bodies import Version, rules_of
from policylint.admission.stored import Stored
from policylint.model import Fix, Problem, SetValue, YamlPath
from policylint.regex import regex
from policylint.views.shape import Shape

_SPELLINGS = {"Equal": "Equals", "NotEqual": "NotEquals"}
# a list as key is in the values when all of it is, and not in them when any of it is not
_MEMBERSHIP = {"In": ("AllIn", "AnyIn"), "NotIn": ("AnyNotIn", "AllNotIn")}
# versions whose schema knows the operators of preconditions and deny conditions, and refuses the deprecated ones
_TYPED = ("v2beta1",)
# yields a text without wildcards, or nothing: there In and AllIn are the same
_TEXT_KEY = regex(
    r"\{\{\s*(?:request\.(?:operation|namespace|name|kind\.kind|object\.metadata\.(?:name|namespace)|object\.kind)"
    r"|serviceAccountName|serviceAccountNamespace)(?:\s*\|\|\s*'[^'*?{}]*')?\s*\}\}\Z"
)


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """The deprecated operators in the conditions of every rule, except where the schema refuses them."""
    del kyverno  # deprecated since before any version that is still served
    typed = stored.document.version in _TYPED
    for rule in rules_of(stored):
        for path, condition, spellings in _conditions(rule.data, rule.path, typed):
            operator = condition.get("operator")
            if not isinstance(operator, str):
                continue
            if spellings and operator in _SPELLINGS:
                yield _problem(path, operator, _SPELLINGS[operator], (_SPELLINGS[operator],), safe=True)
            elif operator in _MEMBERSHIP:
                alternatives = _MEMBERSHIP[operator]
                same = alternatives[0] if isinstance(condition.get("value"), list) else ""
                yield _problem(path, operator, same, alternatives, safe=_is_text(condition.get("key")))


def _problem(path: YamlPath, operator: str, same: str, alternatives: tuple[str, ...], *, safe: bool) -> Problem:
    here = path / "operator"
    fix = Fix(f"write {same}", (SetValue(here, same),), safe=safe) if same else None
    remedy = f"Write {alternatives[0]}."
    if len(alternatives) > 1:
        remedy = (
            f"Write {alternatives[0]}, which means the same for a list of values without wildcards,"
            f" or {alternatives[1]}, if that is what is meant for a key with several items."
        )
    return Problem(
        here,
        f"the operator {operator} is deprecated: {' and '.join(alternatives)} took its place",
        help=remedy,
        fix=fix,
    )


def _is_text(key: Any) -> bool:
    return isinstance(key, str) and (
        ("{{" not in key and "*" not in key and "?" not in key) or bool(_TEXT_KEY.match(key))
    )


_Conditions = Iterator[tuple[YamlPath, Mapping[str, Any], bool]]


def _conditions(rule: Mapping[str, Any], path: YamlPath, typed: bool) -> _Conditions:
    """The conditions of a rule, each with whether `Equal` and `NotEqual` get past the schema there."""
    shape = Shape()
    if not typed:
        yield from _block(shape, rule.get("preconditions"), path / "preconditions", True)
    validate, mutate, generate = (
        shape.mapping(rule.get(key), path / key) for key in ("validate", "mutate", "generate")
    )
    if not typed:
        yield from _denied(shape, validate, path / "validate")
    for body, here in ((validate, path / "validate"), (mutate, path / "mutate"), (generate, path / "generate")):
        yield from _foreach(shape, body, here, nested=False)
    for here, target in shape.mappings(mutate.get("targets"), path / "mutate" / "targets"):
        yield from _block(shape, target.get("preconditions"), here / "preconditions", True)
    for here, entry in shape.mappings(rule.get("verifyImages"), path / "verifyImages"):
        for at, attestation in shape.mappings(entry.get("attestations"), here / "attestations"):
            for block, value in shape.mappings(attestation.get("conditions"), at / "conditions"):
                yield from _block(shape, value, block, False)
        if not typed:
            yield from _denied(shape, shape.mapping(entry.get("validate"), here / "validate"), here / "validate")


def _denied(shape: Shape, owner: Mapping[str, Any], path: YamlPath) -> _Conditions:
    deny = shape.mapping(owner.get("deny"), path / "deny")
    yield from _block(shape, deny.get("conditions"), path / "deny" / "conditions", True)


def _foreach(shape: Shape, owner: Mapping[str, Any], path: YamlPath, *, nested: bool) -> _Conditions:
    """Nested blocks are open to the schema, the outermost ones are not."""
    for here, block in shape.mappings(owner.get("foreach"), path / "foreach"):
        yield from _block(shape, block.get("preconditions"), here / "preconditions", nested)
        yield from _denied(shape, block, here)
        yield from _foreach(shape, block, here, nested=True)


def _block(shape: Shape, conditions: Any, path: YamlPath, spellings: bool) -> _Conditions:
    lists = [(path, conditions)]
    if isinstance(conditions, dict):
        lists = [(path / key, conditions.get(key)) for key in ("any", "all")]
    for here, items in lists:
        for at, condition in shape.mappings(items, here):
            yield at, condition, spellings
