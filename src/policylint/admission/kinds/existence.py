"""Kinds that no cluster has, which Kyverno refuses or warns of.

Source: kyverno pkg/validation/policy/validate.go `validKinds`, pkg/policy/auth `CanI` for what rules make or change.
Early releases refuse a policy for any kind that they do not find. Later ones warn of a kind that stands beside others
which exist, and refuse kinds that stand alone, as upstream's conformance tests have it.
"""

from collections.abc import Iterable, Iterator

from policylint.admission.kinds.find import SUBRESOURCE_KINDS, Found, find, is_foreign, names, same_name
from policylint.admission.kinds.places import KindList, cleanup_lists, rules, targets
from policylint.admission.kinds.project import ProjectKinds
from policylint.admission.kinds.table import Kind
from policylint.admission.stored import Stored
from policylint.engine.kinds import KindSelector, parse_kind_selector
from policylint.errors import did_you_mean
from policylint.model import Problem, YamlPath

_REFUSED = "Kyverno refuses this policy"
_WARNED = "Kyverno warns of it, and the rule never sees one"
_GIVE = "when a CustomResourceDefinition adds it, name its file with --crd or `crds:`"


def problems(stored: Stored, project: ProjectKinds) -> Iterator[Problem]:
    """One problem for each kind that a policy names and no cluster serves; what nobody can know is an info."""
    for rule in rules(stored):
        unknown = list(_listed(rule.lists, project))
        alone = len(unknown) == sum(len(listed.kinds) for listed in rule.lists)
        for problem in unknown:
            yield problem if alone else _weakened(problem)
        for target in targets(rule):
            yield from _problems(target.path, target.text, target.selector, project)
    yield from _listed(cleanup_lists(stored), project)


def _listed(lists: Iterable[KindList], project: ProjectKinds) -> Iterator[Problem]:
    for listed in lists:
        if not listed.matches_everything:  # `validateKinds` looks no kinds up then
            for path, text in listed.kinds:
                yield from _problems(path, text, parse_kind_selector(text), project)


def _weakened(problem: Problem) -> Problem:
    if problem.severity is not None:
        return problem
    return problem._replace(message=problem.message.replace(_REFUSED, _WARNED), severity="warning")


def _problems(path: YamlPath, text: str, selector: KindSelector, project: ProjectKinds) -> Iterator[Problem]:
    found = find(selector, project)
    if not found.is_something(selector):
        yield _unknown(path, text, selector, found, project)


def _unknown(path: YamlPath, text: str, selector: KindSelector, found: Found, project: ProjectKinds) -> Problem:
    if not selector.kind:
        return Problem(path, f"`{text}` is not read as a kind: {_REFUSED}", "write `Kind` or `group/version/Kind`")
    if found.kinds:
        return _without_subresource(path, text, selector, found.kinds[0])
    if selector.kind in SUBRESOURCE_KINDS:
        instead = SUBRESOURCE_KINDS[selector.kind]
        message = f"there are no resources of kind `{text}`, which only subresources hold: {_REFUSED}"
        return Problem(path, message, f"name the resource and its subresource, such as `{instead}`")
    if is_foreign(selector.group):
        message = f"whether the cluster has `{text}` is not known: its CustomResourceDefinition is not in the project"
        return Problem(path, message, "name the definition's file with --crd or `crds:`", severity="info")
    elsewhere = same_name(selector.kind, project)
    if elsewhere:
        return _elsewhere(path, text, elsewhere, project)
    nearest = did_you_mean(selector.kind, names(project)).removeprefix("; ")
    message = f"no kind `{text}` is known, neither of Kubernetes nor of the project's definitions: {_REFUSED}"
    return Problem(path, message, f"{nearest} Otherwise, {_GIVE}" if nearest else _GIVE)


def _without_subresource(path: YamlPath, text: str, selector: KindSelector, kind: Kind) -> Problem:
    known = kind.subresources or ()
    has = f"it has {', '.join(known)}" if known else "it has none"
    message = f"`{text}` names a subresource that {kind.name} does not have: {_REFUSED}"
    return Problem(path, message, did_you_mean(selector.subresource, known).removeprefix("; ") or has)


def _elsewhere(path: YamlPath, text: str, kinds: list[Kind], project: ProjectKinds) -> Problem:
    versions = dict.fromkeys(kind.api_version for kind in kinds if kind.version)
    release = f"Kubernetes 1.{project.minor}" if project.minor is not None else "no cluster"
    serves = "does not serve" if project.minor is not None else "serves"
    message = f"{release} {serves} `{text}`: {_REFUSED}"
    return Problem(path, message, f"{kinds[0].name} is served as {' and '.join(versions)}")
