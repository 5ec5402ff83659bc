"""Everything that a suite names, loaded: policies, resources, values, users, exceptions and mocks.

Source: commands/test/test.go `runTest`, utils/common/common.go, policy/load.go, exception/load.go.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.engine.errors import InvalidPolicy
from policylint.engine.exceptions import PolicyException
from policylint.engine.objects import Scopes, completed
from policylint.engine.request import UserInfo
from policylint.errors import did_you_mean
from policylint.paths import is_folder
from policylint.suites import schema
from policylint.suites.expected import show
from policylint.suites.files import Named, SuiteError, expand
from policylint.suites.load import Suite, load_beside
from policylint.suites.policies import SuitePolicy, load_policies
from policylint.suites.resources import Loaded, load_objects, read_documents, without_duplicates
from policylint.suites.values import Values, user_info

_CEL_EXCEPTIONS = "policies.kyverno.io"


class Inputs(NamedTuple):
    """What a suite works with. `objects` are all of its stand-in cluster: resources, targets, those declared in
    ClusterResource files (`has_cluster` when there are such files), and those that rules clone.

    `global_files` are the objects of the files of each global context entry; `notes` what its author should know.
    """

    policies: Sequence[SuitePolicy]
    resources: Sequence[Loaded]
    targets: Sequence[Loaded]
    values: Values
    user: UserInfo
    exceptions: Sequence[PolicyException]
    objects: Sequence[Mapping[str, Any]]
    has_cluster: bool
    global_files: Mapping[str, list[Any]]
    scopes: Scopes
    notes: Sequence[str]


def load_inputs(suite: Suite, shown_folder: str, *, compat: bool) -> Inputs:
    """Loads all that `suite` names; `shown_folder` is how its folder is printed. Raises SuiteError.

    With `compat`, resource files after the first may be missing, as upstream has it.
    """
    return _Loading(suite, shown_folder, compat).all()


class _Loading:
    def __init__(self, suite: Suite, shown_folder: str, compat: bool) -> None:
        self._suite = suite
        self._folder = shown_folder
        self._compat = compat
        self._notes: list[str] = [*suite.notes]

    def all(self) -> Inputs:
        declared, crds = self._cluster()
        scopes = frozenset(_cluster_scoped(crds))
        values = self._values()
        policies = [each for each in load_policies(self._files("policies")) if self._is_policy(each)]
        loaded = load_objects(self._resource_files("resources"), floats=True, scoped=scopes)
        resources, duplicates = without_duplicates(loaded)
        for each in duplicates:
            self._notes.append(f"{each.file}:{each.line()}: {each.key} is in the suite twice; this one is left out")
        targets = list(load_objects(self._resource_files("targetResources"), floats=False, scoped=scopes))
        added = (completed(each, floats=False, scoped=scopes) for each in declared or ())
        loaded_objects = (*resources, *targets, *self._clone_sources(scopes))
        objects = [*(each.object for each in loaded_objects), *added, *crds]
        self._check_values(values, policies, resources)
        return Inputs(
            [policy for policy in policies if isinstance(policy, SuitePolicy)],
            resources,
            targets,
            values,
            self._user(),
            list(self._exceptions()),
            objects,
            declared is not None,
            self._global_files(),
            scopes,
            self._notes,
        )

    def _show(self, path: Path) -> str:
        from os.path import relpath

        return show(self._folder, Path(relpath(path, self._suite.folder)).as_posix())

    def _files(self, field: str) -> Iterator[tuple[Path, str]]:
        for named in self._suite.paths(field):
            yield from self._shown(expand(self._suite.folder, named))

    def _shown(self, paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
        return ((path, self._show(path)) for path in paths)

    def _resource_files(self, field: str) -> Iterator[tuple[Path, str]]:
        named = self._suite.paths(field)
        if self._compat and named and is_folder(self._suite.folder / named[0].text):
            # a folder that comes first is all that upstream reads
            named = named[:1]
        for index, each in enumerate(named):
            try:
                yield from self._shown(expand(self._suite.folder, each))
            except SuiteError as error:
                if not self._compat or index == 0:
                    raise
                self._notes.append(f"line {each.line}: {error.message}")

    def _is_policy(self, found: SuitePolicy | Document) -> bool:
        if isinstance(found, Document):
            place = found.location()
            self._notes.append(f"{place.path}:{place.line}: {found.resource or 'this'} is no policy")
        return isinstance(found, SuitePolicy)

    def _values(self) -> Values:
        inline, named = self._suite.data.get("values"), self._suite.path("variables")
        if isinstance(inline, dict):
            return Values(inline)
        if named is None:
            return Values()
        shown = show(self._folder, named.text)
        return Values(load_beside(self._suite.folder, named, schema.VALUES, shown).data)

    def _user(self) -> UserInfo:
        named = self._suite.path("userinfo")
        if named is None:
            return UserInfo()
        shown = show(self._folder, named.text)
        return user_info(load_beside(self._suite.folder, named, schema.USER_INFO, shown).data)

    def _exceptions(self) -> Iterator[PolicyException]:
        for path, shown in self._files("exceptions"):
            for document in read_documents(path, shown):
                if document.kind != "PolicyException":
                    line = document.location().line
                    self._notes.append(f"{shown}:{line}: {document.resource or 'this'} is no PolicyException")
                elif document.group != _CEL_EXCEPTIONS:  # those are for policies that are not evaluated
                    try:
                        yield PolicyException.of(document.mapping)
                    except InvalidPolicy as error:
                        line = document.location(error.path).line if error.path is not None else 1
                        raise SuiteError(f"{shown}:{line}: {error.message}") from error

    def _cluster(self) -> tuple[list[Mapping[str, Any]] | None, list[Mapping[str, Any]]]:
        """The objects and CRDs of ClusterResource files; no objects at all when there are no such files."""
        objects: list[Mapping[str, Any]] | None = None
        crds: list[Mapping[str, Any]] = []
        for named in self._suite.paths("clusterResources"):
            shown = show(self._folder, named.text)
            beside = load_beside(self._suite.folder, named, schema.CLUSTER_RESOURCE, shown)
            spec = beside.data.get("spec") or {}
            objects = [*(objects or ()), *(each for each in spec.get("resources") or () if each)]
            for text in spec.get("crds") or ():
                files = self._shown(expand(self._suite.folder, Named(text, named.line)))
                crds += [each.object for each in load_objects(files, floats=False)]
        return objects, crds

    def _clone_sources(self, scopes: Scopes) -> Iterator[Loaded]:
        named = {entry.clone_source.text: entry.clone_source for entry in self._suite.entries if entry.clone_source}
        for each in named.values():
            files = self._shown(expand(self._suite.folder, each))
            yield from load_objects(files, floats=False, scoped=scopes)

    def _global_files(self) -> Mapping[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for index, entry in enumerate(self._suite.data.get("globalContextEntries") or ()):
            for text in (entry or {}).get("resourceFiles") or ():
                line = self._suite.named(text, "globalContextEntries", index).line
                files = self._shown(expand(self._suite.folder, Named(text, line)))
                objects = [dict(each.object) for each in load_objects(files, floats=False)]
                found.setdefault(entry.get("name") or "", []).extend(objects)
        return found

    def _check_values(
        self, values: Values, policies: Sequence[SuitePolicy | Document], resources: Sequence[Loaded]
    ) -> None:
        """Values for what is not there change nothing, and nobody says so."""
        by_name = {policy.name: policy for policy in policies if isinstance(policy, SuitePolicy)}
        names = {each.key.name for each in resources}
        for sort, policy, name in values.named():
            known: Iterable[str] = by_name if sort == "policy" else names
            if sort == "rule":
                if policy not in by_name or by_name[policy].unsupported or by_name[policy].has_rule(name):
                    continue
                known = by_name[policy].rule_names
            if name not in known:
                self._notes.append(f"there are values for the {sort} {name!r}, and no {sort} is called so")
                self._notes[-1] += did_you_mean(name, sorted(known))


def _cluster_scoped(crds: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for crd in crds:
        spec = crd.get("spec")
        if isinstance(spec, dict) and spec.get("scope") == "Cluster":
            names = spec.get("names")
            yield str(spec.get("group") or ""), str(names.get("kind") or "") if isinstance(names, dict) else ""
