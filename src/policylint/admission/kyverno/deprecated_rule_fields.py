"""Fields of rules that Kyverno has deprecated: kyverno api/kyverno/v1/{rule,match_resources,resource_description,
image_verification}_types.go. One problem for each field of a policy, however many rules use it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.kyverno.rule_bodies import Version, is_at_least
from policylint.document.document import Document
from policylint.model import ROOT, Fix, Operation, Problem, RelatedPath, RenameKey, Wrap, YamlPath
from policylint.views.shape import Shape

_RULES = ROOT / "spec" / "rules"
_DIRECT = ("resources", "subjects", "roles", "clusterRoles")
_TYPE_SINCE = (1, 11)
_OLD_VERSION = "v1"
# before attestors: what an entry verified by
_OLD_ATTESTORS = ("key", "roots", "issuer", "subject", "additionalExtensions")


class _Use(NamedTuple):
    """One use of a deprecated field. `mend` is empty where nothing can mend it by itself."""

    path: YamlPath
    mend: tuple[Operation, ...] = ()


class _Deprecated(NamedTuple):
    message: str
    remedy: str
    uses: Callable[[Shape, YamlPath, Mapping[str, Any]], Iterator[_Use]]


def rule_field_problems(
    shape: Shape, document: Document, spec: Mapping[str, Any], kyverno: Version
) -> Iterator[Problem]:
    """The deprecated fields that the rules of `spec` use, each at its first use."""
    rules = shape.mappings(spec.get("rules"), _RULES)
    fields = _ONLY_V1 if document.version == _OLD_VERSION else ()
    for deprecated in (*fields, *(_TYPED if is_at_least(kyverno, _TYPE_SINCE) else ())):
        uses = [use for path, rule in rules for use in deprecated.uses(shape, path, rule)]
        if uses:
            yield _problem(deprecated, uses)


def _problem(deprecated: _Deprecated, uses: list[_Use]) -> Problem:
    fix = None
    if all(use.mend for use in uses):
        operations = tuple(operation for use in uses for operation in use.mend)
        fix = Fix(deprecated.remedy[0].lower() + deprecated.remedy[1:].rstrip("."), operations, safe=True)
    return Problem(
        uses[0].path,
        deprecated.message,
        help=deprecated.remedy,
        related=tuple(RelatedPath(use.path, "here too") for use in uses[1:]),
        fix=fix,
        at="key",
    )


def _blocks(shape: Shape, path: YamlPath, rule: Mapping[str, Any]) -> Iterator[tuple[YamlPath, Mapping[str, Any]]]:
    for key in ("match", "exclude"):
        yield path / key, shape.mapping(rule.get(key), path / key)


def _direct(shape: Shape, path: YamlPath, rule: Mapping[str, Any]) -> Iterator[_Use]:
    """`match` and `exclude` that hold filters themselves; beside `any` or `all` they are refused, not deprecated."""
    for here, block in _blocks(shape, path, rule):
        used = next((key for key in _DIRECT if block.get(key)), None)
        if used is not None and block.get("any") is None and block.get("all") is None:
            yield _Use(here / used, (Wrap(here), Wrap(here, "any")))


def _names(shape: Shape, path: YamlPath, rule: Mapping[str, Any]) -> Iterator[_Use]:
    for here, block in _blocks(shape, path, rule):
        filters = [(here, block)]
        for key in ("any", "all"):
            filters += shape.mappings(block.get(key), here / key)
        for at, one in filters:
            resources = shape.mapping(one.get("resources"), at / "resources")
            if isinstance(resources.get("name"), str) and resources["name"]:
                yield _renamed(resources, at / "resources", "name", "names", to_list=True)


def _images(shape: Shape, path: YamlPath, rule: Mapping[str, Any]) -> Iterator[_Use]:
    for here, entry in shape.mappings(rule.get("verifyImages"), path / "verifyImages"):
        if isinstance(entry.get("image"), str) and entry["image"]:
            use = _renamed(entry, here, "image", "imageReferences", to_list=True)
            # without image, upstream no longer turns its annotations into an attestor
            yield use._replace(mend=()) if entry.get("annotations") else use


def _old_attestors(shape: Shape, path: YamlPath, rule: Mapping[str, Any]) -> Iterator[_Use]:
    for here, entry in shape.mappings(rule.get("verifyImages"), path / "verifyImages"):
        used = next((key for key in _OLD_ATTESTORS if entry.get(key)), None)
        if used is not None:
            yield _Use(here / used)


def _predicates(shape: Shape, path: YamlPath, rule: Mapping[str, Any]) -> Iterator[_Use]:
    for here, entry in shape.mappings(rule.get("verifyImages"), path / "verifyImages"):
        for at, attestation in shape.mappings(entry.get("attestations"), here / "attestations"):
            if isinstance(attestation.get("predicateType"), str) and attestation["predicateType"]:
                yield _renamed(attestation, at, "predicateType", "type", to_list=False)


def _renamed(owner: Mapping[str, Any], path: YamlPath, old: str, new: str, *, to_list: bool) -> _Use:
    if new in owner:
        return _Use(path / old)
    wrap = (Wrap(path / new),) if to_list else ()
    return _Use(path / old, (RenameKey(path / old, new), *wrap))


_ONLY_V1 = (
    _Deprecated(
        "match and exclude with filters of their own are deprecated: any and all took their place",
        "Put them below any.",
        _direct,
    ),
    _Deprecated("resources.name is deprecated: names took its place", "Write names, with a list.", _names),
    _Deprecated(
        "verifyImages[].image is deprecated: imageReferences took its place",
        "Write imageReferences, with a list.",
        _images,
    ),
    _Deprecated(
        "key, roots, issuer, subject and additionalExtensions of verifyImages[] are deprecated: attestors took their"
        " place",
        "Write attestors with entries of keys or keyless.",
        _old_attestors,
    ),
)
_TYPED = (_Deprecated("predicateType is deprecated: type took its place", "Write type.", _predicates),)
