"""Policies that select nothing of what a project brings.

What a manifest does not tell may be anything: the labels of namespaces, users and their roles, operations, names that
controllers or releases give, and namespaces that `kubectl` is told. Subresources are taken for selected.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from policylint.admission.policy_set.inventory import Item, images, inventory
from policylint.document.document import Document
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.filters import Filter
from policylint.engine.images import image_info
from policylint.engine.kinds import parse_kind_selector
from policylint.engine.match import MatchBlock, MatchResult, matches
from policylint.engine.policy import Policy, Rule
from policylint.engine.wildcard import match
from policylint.model import ROOT, Problem
from policylint.views.globs import GlobError, sigstore_matches
from policylint.views.images import ImageReferenceError
from policylint.views.kyverno import KyvernoPolicy
from policylint.views.kyverno.verify_images import VerifyImages
from policylint.views.shape import Shape
from policylint.views.sigstore import ClusterImagePolicy

_SPEC = ROOT / "spec"
_NAMESPACE = ROOT / "metadata" / "namespace"
_WORKLOADS = frozenset(("Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"))
_HELP = "correct what it selects, or remove it if what it was for is gone"


class _Selecting(NamedTuple):
    """A rule's match and exclude, reduced to what is known of the items that it is asked about."""

    match: MatchBlock
    exclude: MatchBlock


def problems(documents: Sequence[Document]) -> Iterator[tuple[Document, Problem]]:
    """One problem for each rule, pattern of images or policy that selects nothing. None without workloads."""
    items = inventory(documents)
    if not any(item.kind in _WORKLOADS for item in items):
        return
    used = images(documents)
    checks = (_rules, _entries, _globs, _constraints) if used else (_rules, _constraints)
    for document in documents:
        for check in checks:
            for problem in check(document, items, used):
                yield document, problem


def _rules(document: Document, items: Sequence[Item], _images: frozenset[str]) -> Iterator[Problem]:
    if document.group != "kyverno.io" or document.kind not in ("ClusterPolicy", "Policy"):
        return
    try:
        policy = Policy.of(document.mapping)
    except InvalidPolicy:
        return
    namespace = document.namespace or ""
    for rule in policy.rules:
        if not _may_select_unknown(rule):
            missed = _missed(rule, items, namespace)
            if missed is not None:
                yield Problem(
                    rule.path / "match",
                    f"rule {rule.name} selects nothing of this project: {missed}",
                    _HELP,
                    at="key",
                )


def _may_select_unknown(rule: Rule) -> bool:
    """Whether the rule is for requests that no manifest tells of: subresources, and whatever certain users ask for."""
    blocks = rule.match.any or rule.match.all or (rule.match.single,)
    if any(not block.names_resources for block in blocks):
        return True
    return any(parse_kind_selector(kind).subresource for kind in rule.match.kinds)


def _missed(rule: Rule, items: Iterable[Item], namespace: str) -> str | None:
    """Why no item is selected, by the one that comes nearest; None when one is."""
    reduced: dict[tuple[bool, bool], _Selecting] = {}
    nearest = None
    for item in items:
        known = item.named, item.placed
        if known not in reduced:
            reduced[known] = _Selecting(_reduced(rule.match, *known), _reduced_exclude(rule.exclude, *known))
        result = matches(reduced[known], item.request, namespace if item.placed else "")
        if result.matched:
            return None
        if nearest is None or (_is_far(nearest[0]) and not _is_far(result)):
            nearest = result, item
    if nearest is None or nearest[0].policy_path == _NAMESPACE:
        return f"the policy is for namespace {namespace}, and everything that it brings is elsewhere"
    result, item = nearest
    if _is_far(result):
        kinds = list(dict.fromkeys(rule.match.kinds))
        return f"it brings no {' and no '.join(kinds[:4])}{' or others' if len(kinds) > 4 else ''}"
    return f"{result.reason} ({item.kind} {item.request.name} comes nearest)"


def _is_far(result: MatchResult) -> bool:
    """Whether not even the kind fits, or the namespace of the policy."""
    path = result.policy_path
    return path is not None and (path == _NAMESPACE or path[-1] in ("kinds", "any"))


def _reduced(block: MatchBlock, named: bool, placed: bool) -> MatchBlock:
    return block._replace(
        any=tuple(_known(part, named, placed) for part in block.any),
        all=tuple(_known(part, named, placed) for part in block.all),
        single=_known(block.single, named, placed),
    )


def _reduced_exclude(block: MatchBlock, named: bool, placed: bool) -> MatchBlock:
    """An exclude block without what excludes for certain only some requests."""
    nothing = Filter.of(Shape(), {}, block.path)
    kept = tuple(part for part in block.any if _known(part, named, placed) == part)
    if block.any:
        return MatchBlock(block.path, kept, (), nothing)
    every = block.all if all(_known(part, named, placed) == part for part in block.all) else ()
    single = block.single if not block.all and _known(block.single, named, placed) == block.single else nothing
    return MatchBlock(block.path, (), every, single)


def _known(part: Filter, named: bool, placed: bool) -> Filter:
    return part._replace(
        names_users=False,
        namespace_selector=None,
        operations=(),
        roles=(),
        cluster_roles=(),
        subjects=(),
        name=part.name if named else "",
        names=part.names if named else (),
        namespaces=part.namespaces if placed else (),
    )


def _entries(document: Document, _items: Sequence[Item], used: frozenset[str]) -> Iterator[Problem]:
    for policy in KyvernoPolicy.of(document):
        for rule in policy.rules:
            for entry in rule.verify_images:
                references = [text for _, text in entry.image_references]
                if references and not any("{{" in text for text in references) and not _is_used(references, used):
                    yield _no_image(entry, references, used)


def _is_used(references: Sequence[str], used: frozenset[str]) -> bool:
    for image in used:
        try:
            full = image_info(image)["reference"]
        except EvaluationError:
            return True  # it is filled in later, or a defect of its own
        if any(match(reference, full) for reference in references):
            return True
    return False


def _no_image(entry: VerifyImages, references: Sequence[str], used: frozenset[str]) -> Problem:
    path = entry.image_references[0][0]
    return Problem(
        path.parent if isinstance(path[-1], int) else path,
        f"none of this project's {len(used)} images matches {' or '.join(references[:4])}",
        _HELP,
        at="key",
    )


def _globs(document: Document, items: Sequence[Item], used: frozenset[str]) -> Iterator[Problem]:
    for policy in ClusterImagePolicy.of(document):
        globs = [image.glob for image in policy.images]
        if globs and all(globs) and not any(_is_for(glob, image) for glob in globs for image in used):
            yield Problem(
                _SPEC / "images",
                f"none of this project's {len(used)} images matches {' or '.join(globs[:4])}",
                _HELP,
                at="key",
            )
        resources = [each.resource for each in policy.match]
        if resources and not any(_is_brought(each.resource, each.group, items) for each in policy.match):
            yield Problem(_SPEC / "match", f"this project brings no {' and no '.join(resources)}", _HELP, at="key")


def _is_for(glob: str, image: str) -> bool:
    try:
        return sigstore_matches(glob, image)
    except (GlobError, ImageReferenceError):
        return True


def _constraints(document: Document, items: Sequence[Item], _images: frozenset[str]) -> Iterator[Problem]:
    if document.group not in ("policies.kyverno.io", "admissionregistration.k8s.io"):
        return
    shape = Shape()
    here = _SPEC / "matchConstraints"
    spec = shape.mapping(document.mapping.get("spec"), _SPEC)
    constraints = shape.mapping(spec.get("matchConstraints"), here)
    rules = shape.mappings(constraints.get("resourceRules"), here / "resourceRules")
    wanted: list[str] = []
    for path, rule in rules:
        groups = [text for _, text in shape.strings(rule.get("apiGroups"), path / "apiGroups")]
        resources = [text for _, text in shape.strings(rule.get("resources"), path / "resources")]
        if not groups or not resources:
            return  # the API server refuses it
        if any(_is_brought(resource, group, items) for group in groups for resource in resources):
            return
        wanted += resources
    if wanted:
        yield Problem(here / "resourceRules", f"this project brings no {' and no '.join(wanted[:4])}", _HELP, at="key")


def _is_brought(resource: str, group: str, items: Sequence[Item]) -> bool:
    """Whether an item may be one of `resource`; what the plural of a kind is, only its cluster knows for certain."""
    if "/" in resource or "*" in resource:
        return True
    return any(group in ("*", item.group) and resource in _plurals(item.kind) for item in items)


def _plurals(kind: str) -> tuple[str, ...]:
    name = kind.lower()
    return name, f"{name}s", f"{name}es", f"{name[:-1]}ies"
