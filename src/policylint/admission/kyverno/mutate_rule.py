"""`mutate` rules that Kyverno's webhook refuses: kyverno pkg/policy/mutate/validate.go `Validate`,
api/kyverno/v1/rule_types.go `ValidateMutationRuleTargetNamespace` and pkg/validation/policy/validate.go
`validateJSONPatch`. The patches of `foreach` blocks are not read upstream before they are applied.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.cel_rule import precondition_problems
from policylint.admission.kyverno.json_patch_text import patch_problems
from policylint.admission.kyverno.metadata_strings import metadata_problems
from policylint.admission.kyverno.rule_bodies import (
    REFUSED,
    Version,
    policy_namespace,
    rules_of,
    text_of,
)
from policylint.admission.stored import Stored
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

_MERGE = "patchStrategicMerge"
_JSON = "patchesJson6902"
_BESIDE_NESTED = ("context", "preconditions", _JSON, _MERGE)


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses in the `mutate` of each rule."""
    del kyverno  # the same in every version that is still served
    shape = Shape()
    namespace = policy_namespace(stored)
    for rule in rules_of(stored):
        here = rule.path / "mutate"
        mutate = shape.mapping(rule.data.get("mutate"), here)
        if mutate:
            yield from precondition_problems(rule)
        yield from _types(shape, mutate, here)
        yield from patch_problems(text_of(mutate.get(_JSON)), here / _JSON)
        yield from _targets(shape, mutate, here, namespace)
        yield from _metadata(shape, mutate, here)


def _patches(block: Mapping[str, Any]) -> list[str]:
    """The patches that `block` has. A text without characters counts as none."""
    return [name for name in (_MERGE, _JSON) if (block.get(name) if name == _JSON else block.get(name) is not None)]


def _types(shape: Shape, mutate: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    patches = _patches(mutate)
    if shape.sequence(mutate.get("foreach"), path / "foreach"):
        for name in patches:
            yield _beside(path, name, "foreach")
        if not patches:
            yield from _foreach(shape, mutate, path)
    elif len(patches) > 1:
        yield _beside(path, _JSON, _MERGE)


def _beside(path: YamlPath, name: str, other: str) -> Problem:
    return Problem(
        path / name,
        f"{name} stands beside {other}, of which mutate takes one only: {REFUSED}",
        help=f"Move {name} to a rule of its own.",
        related=(RelatedPath(path / other, "the other one"),),
        at="key",
    )


def _foreach(shape: Shape, owner: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """`validateForEach`, which goes into the first nested block and looks at none of the blocks after it."""
    for here, block in shape.mappings(owner.get("foreach"), path / "foreach"):
        if shape.sequence(block.get("foreach"), here / "foreach"):
            extra = next((key for key in _BESIDE_NESTED if block.get(key) not in (None, "")), None)
            if extra is not None:
                yield Problem(
                    here / extra,
                    f"{extra} stands beside a nested foreach, which takes nothing beside it: {REFUSED}",
                    help=f"Move {extra} into the nested foreach.",
                    at="key",
                )
            else:
                yield from _foreach(shape, block, here)
            return
        given = _patches(block)
        if not given:
            yield Problem(
                here,
                f"this foreach has neither {_MERGE} nor {_JSON}: {REFUSED}",
                help="Say how each element is changed, with exactly one of them.",
            )
        elif len(given) > 1:
            yield _beside(here, _JSON, _MERGE)


def _targets(shape: Shape, mutate: Mapping[str, Any], path: YamlPath, namespace: str | None) -> Iterator[Problem]:
    if namespace is None:
        return
    for here, target in shape.mappings(mutate.get("targets"), path / "targets"):
        wanted = text_of(target.get("namespace"))
        if wanted not in ("", namespace):
            yield Problem(
                here / "namespace",
                f"a Policy in namespace {namespace} cannot mutate in {wanted}: {REFUSED}",
                help=f"Set namespace: {namespace}, leave it out, or use a ClusterPolicy.",
            )


def _metadata(shape: Shape, mutate: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """Of several foreach blocks upstream looks at the first that has a merge patch."""
    if mutate.get("foreach") is None:
        yield from metadata_problems(mutate.get(_MERGE), path / _MERGE)
        return
    for here, block in shape.mappings(mutate.get("foreach"), path / "foreach"):
        if isinstance(block.get(_MERGE), dict):
            yield from metadata_problems(block[_MERGE], here / _MERGE)
            return
