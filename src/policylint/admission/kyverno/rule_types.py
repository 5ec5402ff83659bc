"""What a rule does: kyverno api/kyverno/v1/rule_types.go `ValidateRuleType`, spec_types.go `ValidateRuleNames`, and
pkg/validation/policy/validate.go `validateRuleImageExtractorsJMESPath`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED, RuleBody, Version, is_at_least, rules_of, text_of
from policylint.admission.stored import Stored
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

OPERATIONS = ("validate", "mutate", "generate", "verifyImages")
_EMPTY_CLONES = ("clone", "cloneList")


def operations(rule: Mapping[str, Any]) -> list[str]:
    """Which of `OPERATIONS` the rule has; an empty one does not count, but for `validate`, which has defaults."""
    return [key for key in OPERATIONS if _is_there(key, rule.get(key))]


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """Rules that do nothing or several things, share a name, or have image extractors that cannot be used."""
    shape = Shape()
    named: dict[str, YamlPath] = {}
    for rule in rules_of(stored):
        yield from _one_operation(rule)
        yield from _extractors(rule, shape, kyverno)
        name = text_of(rule.data.get("name"))
        if name in named:
            yield Problem(
                rule.path / "name",
                f"another rule has the name {name} too: {REFUSED}" if name else f"two rules have no name: {REFUSED}",
                help="Give every rule of a policy a name of its own.",
                related=(RelatedPath(named[name], "the first rule of this name"),),
            )
        named.setdefault(name, rule.path / "name")


def _one_operation(rule: RuleBody) -> Iterator[Problem]:
    found = operations(rule.data)
    if len(found) == 1 or (not found and any(map(_is_misshapen, OPERATIONS, map(rule.data.get, OPERATIONS)))):
        return
    if found:
        what = f"a rule does one thing, this has {' and '.join(found)}"
        remedy = "Make a rule of each."
    else:
        what = f"the rule has none of {', '.join(OPERATIONS)}"
        remedy = "Say what the rule does, or remove it."
    related = tuple(RelatedPath(rule.path / key, "this is one operation") for key in found[1:])
    yield Problem(rule.path / (found[0] if found else "name"), f"{what}: {REFUSED}", remedy, related=related, at="key")


def _extractors(rule: RuleBody, shape: Shape, kyverno: Version) -> Iterator[Problem]:
    path = rule.path / "imageExtractors"
    extractors = shape.mapping(rule.data.get("imageExtractors"), path)
    if rule.data.get("imageExtractors") is None:
        return
    if "verifyImages" not in operations(rule.data):
        yield Problem(
            path,
            f"only rules with verifyImages have imageExtractors: {REFUSED}",
            help="Remove imageExtractors: other rules find images in the object itself.",
            at="key",
        )
        return
    images = shape.mappings(rule.data.get("verifyImages"), rule.path / "verifyImages")
    mutating = next((at for at, entry in images if entry.get("mutateDigest") is not False), None)
    if mutating is None or not is_at_least(kyverno, (1, 11)):
        return
    for kind, items in extractors.items():
        for at, item in shape.mappings(items, path / kind):
            if item.get("jmesPath"):
                yield Problem(
                    at / "jmesPath",
                    f"an image extractor has a jmesPath while mutateDigest is true: {REFUSED}",
                    help="Set mutateDigest: false, or leave the jmesPath out.",
                    related=(RelatedPath(mutating / "mutateDigest", "true here, or by default"),),
                )


def _is_misshapen(key: str, body: Any) -> bool:
    """Whether the schema refuses the operation for its type, which says more than that there is none."""
    return body is not None and not isinstance(body, list if key == "verifyImages" else Mapping)


def _is_there(key: str, body: Any) -> bool:
    if key == "verifyImages":
        return isinstance(body, list) and bool(body)
    if not isinstance(body, Mapping):
        return False
    if key == "validate":
        return True  # its allowExistingViolations has a default
    return any(
        value not in (None, "", [], False) and not (name in _EMPTY_CLONES and value == {})
        for name, value in body.items()
    )
