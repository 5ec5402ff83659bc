"""`validate` rules that Kyverno's webhook refuses: kyverno pkg/policy/validate/validate.go `Validate`.

The webhook stops at the first defect; here every one is told. Patterns below `foreach` are not looked into upstream.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.anchors import IN_PATTERNS, anchor_problems
from policylint.admission.kyverno.cel_rule import cel_problems, precondition_problems
from policylint.admission.kyverno.metadata_strings import metadata_problems
from policylint.admission.kyverno.rule_bodies import REFUSED, Version, is_at_least, rules_of, text_of
from policylint.admission.stored import Stored
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape, type_name

_TYPES = ("pattern", "anyPattern", "deny", "foreach", "podSecurity", "cel", "manifests", "assert")
_FOREACH_TYPES = ("pattern", "anyPattern", "deny", "foreach")
_ASSERT_UNTIL = (1, 19)


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses in the `validate` of each rule."""
    shape = Shape()
    for rule in rules_of(stored):
        here = rule.path / "validate"
        validate = shape.mapping(rule.data.get("validate"), here)
        if not validate:
            continue
        yield from _types(validate, here)
        yield from _patterns(validate, here)
        for path, block in shape.mappings(validate.get("foreach"), here / "foreach"):
            yield from _foreach(block, path)
        yield from _metadata(shape, validate, here)
        yield from cel_problems(shape, rule, validate, here, kyverno)
        yield from _assert(validate, here, kyverno)
        if validate.get("cel") is None:
            yield from precondition_problems(rule)


def _is_given(name: str, value: Any) -> bool:
    if name == "manifests":
        return isinstance(value, dict) and bool(value.get("attestors"))
    return name in _TYPES and value is not None


def _types(validate: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """Exactly one of the sub-types, as `validationElemCount` counts them: `manifests` only with attestors."""
    given = [name for name, value in validate.items() if _is_given(name, value)]
    if not given and "manifests" in validate:
        yield Problem(
            path / "manifests",
            f"manifests has no attestors, so this rule checks nothing: {REFUSED}",
            help="Name the attestors that have to have signed the manifest.",
        )
    elif not given:
        yield Problem(
            path,
            f"validate has none of pattern, anyPattern, deny, foreach, podSecurity, cel and manifests: {REFUSED}",
            help="Say what to validate, with exactly one of them.",
            at="key",
        )
    for extra in given[1:]:
        yield _one_only(path, given[0], extra)


def _one_only(path: YamlPath, first: str, extra: str) -> Problem:
    return Problem(
        path / extra,
        f"{extra} stands beside {first}, of which one rule takes one only: {REFUSED}",
        help=f"Move {extra} to a rule of its own.",
        related=(RelatedPath(path / first, "the other one"),),
        at="key",
    )


def _patterns(validate: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    yield from anchor_problems(validate.get("pattern"), path / "pattern", IN_PATTERNS, "a validate pattern")
    patterns = validate.get("anyPattern")
    if patterns is not None and not isinstance(patterns, list):
        yield Problem(
            path / "anyPattern",
            f"anyPattern takes a list of patterns, this is {type_name(patterns)}: {REFUSED}",
            help="Write pattern for a single one, or put a dash before each.",
            at="key",
        )
        return
    yield from anchor_problems(patterns, path / "anyPattern", IN_PATTERNS, "a validate pattern")


def _foreach(block: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """`validateForEach`; what is below a nested foreach is not checked."""
    if not text_of(block.get("list")):
        yield Problem(
            path / "list",
            f"this foreach has no list to go through: {REFUSED}",
            help="Set list to a JMESPath expression, such as request.object.spec.containers.",
        )
    given = [name for name, value in block.items() if name in _FOREACH_TYPES and value not in (None, [])]
    if not given:
        yield Problem(
            path,
            f"this foreach has none of pattern, anyPattern, deny and a nested foreach: {REFUSED}",
            help="Say what each element is held against, with exactly one of them.",
        )
    for extra in given[1:]:
        yield _one_only(path, given[0], extra)


def _metadata(shape: Shape, validate: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """Of several foreach blocks upstream looks at the first that has a pattern."""
    if validate.get("foreach") is not None:
        for here, block in shape.mappings(validate.get("foreach"), path / "foreach"):
            if isinstance(block.get("pattern"), dict):
                yield from metadata_problems(block["pattern"], here / "pattern")
                return
        return
    if isinstance(validate.get("pattern"), dict):
        yield from metadata_problems(validate["pattern"], path / "pattern")
        return
    patterns = validate.get("anyPattern")
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
        yield from metadata_problems(pattern, path / "anyPattern" / index)


def _assert(validate: Mapping[str, Any], path: YamlPath, kyverno: Version) -> Iterator[Problem]:
    if validate.get("assert") is not None and is_at_least(kyverno, _ASSERT_UNTIL):
        yield Problem(
            path / "assert",
            "validate.assert has no effect since Kyverno 1.19: this rule checks nothing by it",
            help="Write what it asserts as pattern, deny or cel.",
            severity="warning",
            at="key",
        )
