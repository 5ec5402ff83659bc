"""Kinds that a rule may not name where it does: wildcards, subresources and the two scopes.

Source: kyverno pkg/validation/policy/validate.go `validateWildcard` and `validKinds`, api/kyverno/v1
`ResourceDescription.Validate`, `GeneratePattern.Validate` and `ValidateCloneList`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kinds.find import find
from policylint.admission.kinds.places import KindList, PolicyRule, clone_kinds, generate_patterns, rules
from policylint.admission.kinds.project import ProjectKinds
from policylint.admission.kinds.table import Kind
from policylint.admission.stored import Stored
from policylint.engine.kinds import KindSelector, parse_kind_selector
from policylint.engine.wildcard import has_wildcard
from policylint.model import ROOT, Fix, Problem, RelatedPath, RemoveKey, SetValue, YamlPath
from policylint.regex import regex
from policylint.views.shape import Shape

_REFUSED = "Kyverno refuses this policy"
_BACKGROUND = ROOT / "spec" / "background"
# validate.go `wildCardAllowedVariables`
_ALLOWED_VARIABLE = regex(r"\{\{\s*(request\.|serviceAccountName|serviceAccountNamespace)[^{}]*\}\}")


def problems(stored: Stored, project: ProjectKinds) -> Iterator[Problem]:
    """What Kyverno refuses of the kinds that the rules of a ClusterPolicy or Policy name."""
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), ROOT / "spec")
    background = spec.get("background") is not False
    for rule in rules(stored):
        for listed in rule.lists:
            if listed.matches_everything:
                yield from _wildcard(listed, rule, background)
            elif background and rule.data.get("validate"):
                yield from _subresources(listed, project)
            if stored.document.kind == "Policy":
                yield from _cluster_wide(listed, project)
        for path, pattern in generate_patterns(rule):
            yield from _generated(path, pattern, stored, project)


def _wildcard(listed: KindList, rule: PolicyRule, background: bool) -> Iterator[Problem]:
    path = next(where for where, text in listed.kinds if text == "*")
    if background:
        yield Problem(
            path,
            f"`*` matches every kind, which rules that scan in the background may not: {_REFUSED}",
            "set `spec.background: false`, or name the kinds",
            related=(RelatedPath(_BACKGROUND, "background scans are on unless this is false"),),
        )
    if len(listed.kinds) > 1:
        yield Problem(path, f"`*` stands in a list with other kinds: {_REFUSED}", "keep `*` alone, or name the kinds")
    validate = rule.data.get("validate")
    checks: Mapping[str, Any] = validate if isinstance(validate, dict) else {}
    unfit = next((key for key in ("generate", "verifyImages") if rule.data.get(key)), "")
    unfit = unfit or ("validate.foreach" if checks.get("foreach") is not None else "")
    if unfit:
        yield Problem(path, f"a rule with `{unfit}` may not match `*`: {_REFUSED}", "name the kinds")
        return
    reaches = _beyond_metadata(rule, checks)
    if reaches is not None:
        yield Problem(
            reaches,
            f"the rule matches `*` and looks at more than `metadata`, which is all that every kind has: {_REFUSED}",
            "name the kinds, or look at `metadata` only",
            related=(RelatedPath(path, "every kind is matched here"),),
        )


def _beyond_metadata(rule: PolicyRule, checks: Mapping[str, Any]) -> YamlPath | None:
    """The first place where the rule looks beyond metadata (`ruleOnlyDealsWithResourceMetaData`)."""
    here = rule.path / "validate"
    candidates: list[tuple[YamlPath, Any]] = [(here / "pattern", checks.get("pattern"))]
    patterns = checks.get("anyPattern")
    candidates += [(here / "anyPattern" / index, item) for index, item in enumerate(_items(patterns))]
    mutate = rule.data.get("mutate")
    if isinstance(mutate, dict):
        where = rule.path / "mutate" / "patchStrategicMerge"
        candidates.append((where, mutate.get("patchStrategicMerge")))
    for path, pattern in candidates:
        for field in pattern if isinstance(pattern, dict) else ():
            if field != "metadata":
                return path / str(field)
    deny = checks.get("deny")
    conditions = deny.get("conditions") if isinstance(deny, dict) else None
    for index, condition in enumerate(_items(conditions)):
        about = condition.get("key") if isinstance(condition, dict) else None
        if isinstance(about, str) and not _is_about_metadata(about):
            return here / "deny" / "conditions" / index / "key"
    return None


def _is_about_metadata(key: str) -> bool:
    if "request.object.metadata." in key:
        return True
    return _ALLOWED_VARIABLE.search(key) is not None and "request.object.spec" not in key


def _subresources(listed: KindList, project: ProjectKinds) -> Iterator[Problem]:
    for path, text in listed.kinds:
        selector = parse_kind_selector(text)
        if not selector.subresource:
            continue
        found = find(selector, project)
        # most kinds of which nothing is known have these two
        likely = selector.subresource in ("status", "scale")
        if found.subresources or (likely and any(kind.subresources is None for kind in found.kinds)):
            yield Problem(
                path,
                f"`{text}` names a subresource, which validate rules that scan in the background may not: {_REFUSED}",
                "set `spec.background: false`, or match the resource itself",
                related=(RelatedPath(_BACKGROUND, "background scans are on unless this is false"),),
            )


def _cluster_wide(listed: KindList, project: ProjectKinds) -> Iterator[Problem]:
    for path, text in listed.kinds:
        if has_wildcard(text):
            continue  # upstream compares names as they are
        selector = parse_kind_selector(text)
        # a name without a group may be of several kinds, of which other projects' are not installed for certain
        kinds = [kind for kind in find(selector, project).kinds if kind.version or selector.group != "*"]
        cluster_wide = [kind for kind in kinds if not kind.namespaced]
        if cluster_wide and not selector.subresource:
            kind = cluster_wide[0]
            yield Problem(
                path,
                f"{kind.name} is cluster-wide, and a Policy may only match kinds of its namespace: {_REFUSED}",
                "make it a ClusterPolicy, or match another kind",
            )


def _generated(path: YamlPath, pattern: Mapping[str, Any], stored: Stored, project: ProjectKinds) -> Iterator[Problem]:
    shape = Shape()
    namespaced = stored.document.kind == "Policy"
    api_version, kind_name = (shape.string(pattern.get(key), path / key) or "" for key in ("apiVersion", "kind"))
    namespace = shape.string(pattern.get("namespace"), path / "namespace") or ""
    kind = _exact(api_version, kind_name, project)
    if kind is not None and not kind.namespaced:
        if namespaced:
            yield _cannot_make(path / "kind", kind)
        if namespace:
            message = f"{kind.name} is cluster-wide, but the rule gives it a namespace: {_REFUSED}"
            fix = Fix("remove the namespace", (RemoveKey(path / "namespace"),))
            yield Problem(path / "namespace", message, "remove `namespace`", fix=fix)
    elif kind is not None and not namespace:
        message = f"{kind.name} lives in a namespace, but the rule gives it none: {_REFUSED}"
        yield Problem(path / "namespace", message, "add `namespace`")
    elif namespaced:
        yield from _other_namespace(path, pattern, namespace, stored)
    yield from _clone_list(path, pattern, stored, project)


def _other_namespace(path: YamlPath, pattern: Mapping[str, Any], namespace: str, stored: Stored) -> Iterator[Problem]:
    own = stored.document.namespace
    if own is None:
        return  # whoever applies the file decides
    if namespace != own:
        where = f"in `{namespace}`" if namespace else "without a namespace"
        message = f"a Policy may only make objects in its own namespace `{own}`, not {where}: {_REFUSED}"
        fix = Fix(f"make it in {own}", (SetValue(path / "namespace", own),))
        yield Problem(path / "namespace", message, f"write `namespace: {own}`, or make it a ClusterPolicy", fix=fix)
    clone = pattern.get("clone")
    if isinstance(clone, dict) and clone.get("name") and clone.get("namespace") != own:
        message = f"a Policy may only clone objects of its own namespace `{own}`: {_REFUSED}"
        yield Problem(path / "clone" / "namespace", message, "make it a ClusterPolicy, or clone within the namespace")


def _clone_list(path: YamlPath, pattern: Mapping[str, Any], stored: Stored, project: ProjectKinds) -> Iterator[Problem]:
    kinds = [(where, _cloned(text, project)) for where, text in clone_kinds(pattern, path)]
    known = [(where, kind) for where, kind in kinds if kind is not None]
    if not known or len(known) < len(kinds):
        return
    clone_list, own = pattern["cloneList"], stored.document.namespace
    here, namespace = path / "cloneList" / "namespace", clone_list.get("namespace") or ""
    cluster_wide = [not kind.namespaced for _, kind in known]
    if stored.document.kind == "Policy":
        for where, kind in known:
            if not kind.namespaced:
                yield _cannot_make(where, kind)
        if own is not None and namespace != own:
            message = f"a Policy may only clone objects of its own namespace `{own}`: {_REFUSED}"
            yield Problem(here, message, f"write `namespace: {own}`, or make it a ClusterPolicy")
            return
    if any(cluster_wide) and not all(cluster_wide):
        where, kind = known[cluster_wide.index(not cluster_wide[0])]
        message = (
            f"{known[0][1].name} and {kind.name} differ in scope, and a cloneList takes one of the two: {_REFUSED}"
        )
        yield Problem(where, message, "make a rule of its own for the cluster-wide kinds")
    if not all(cluster_wide) and not namespace:
        yield Problem(here, f"the cloneList names no namespace to clone from: {_REFUSED}", "add `namespace`")
    elif all(cluster_wide) and namespace and stored.document.kind != "Policy":
        message = f"{known[0][1].name} is cluster-wide, but the cloneList has a namespace: {_REFUSED}"
        yield Problem(here, message, "remove `namespace`", fix=Fix("remove the namespace", (RemoveKey(here),)))


def _cannot_make(path: YamlPath, kind: Kind) -> Problem:
    message = f"{kind.name} is cluster-wide, and a Policy may only make objects of its own namespace: {_REFUSED}"
    return Problem(path, message, "make it a ClusterPolicy")


def _exact(api_version: str, name: str, project: ProjectKinds) -> Kind | None:
    """The kind that is meant, None when it is not known for certain."""
    if not api_version or not name or "{{" in api_version + name or has_wildcard(api_version + name):
        return None
    group, _, version = api_version.rpartition("/")
    found = find(KindSelector(group, version, name.partition("/")[0], ""), project).kinds
    return found[0] if found else None


def _cloned(text: str, project: ProjectKinds) -> Kind | None:
    # upstream looks for `group/version/Kind` or `Kind` among the cluster-wide kinds, as they are written
    if "{{" in text or has_wildcard(text):
        return None
    found = find(parse_kind_selector(text), project).kinds
    return found[0] if found else None


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
