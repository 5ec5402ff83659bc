"""A suite file to suites: strictly as upstream decodes it, and in the old schema that upstream no longer takes.

Source: test/load.go `LoadTest`, apis/v1alpha1/test.go and test_result.go, deprecations/check.go.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.model import ROOT, YamlPath
from policylint.suites import legacy, schema
from policylint.suites.files import Named, SuiteError, one_file
from policylint.suites.resources import read_documents
from policylint.suites.schema import Schema, SchemaProblem

_NOTE = "the suite is written in an old schema that Kyverno no longer reads; `policylint check --fix` rewrites it"


class ResourceSpec(NamedTuple):
    """A resource named in full; `group` is empty for the core group."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind}/{place}" if self.kind else place


class Entry(NamedTuple):
    """One item of `results`. `resources` is None when the suite does not list any; lists keep the lines they are on."""

    line: int
    path: YamlPath
    policy: Named
    rule: str
    expected: str
    kind: str
    operation: str
    resources: tuple[Named, ...] | None
    specs: tuple[ResourceSpec, ...]
    patched: Named | None
    generated: tuple[Named, ...]
    clone_source: Named | None
    fail_on_missing: bool
    deleting: bool

    @property
    def policy_name(self) -> str:
        return self.policy.text.rpartition("/")[2]

    @property
    def policy_namespace(self) -> str:
        return self.policy.text.rpartition("/")[0]


class Suite(NamedTuple):
    """One Test document. `data` has the fields' own spelling and, for the old schema, its present form."""

    folder: Path
    document: Document
    data: Mapping[str, Any]
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]

    def named(self, text: str, *steps: str | int) -> Named:
        """What a field says, and where the file has it; the old schema's fields are where their heirs are asked for."""
        path = schema.spelled(self.document, YamlPath(steps))
        if self.document.find(path).missing:
            path = legacy.former(self.document, path)
        return Named(text, self.document.location(path).line, path)

    def paths(self, field: str) -> list[Named]:
        """The paths that a list of paths, or a field for one path, holds."""
        value = self.data.get(field)
        if isinstance(value, str):
            return [self.named(value, field)] if value else []
        items: Sequence[Any] = value if isinstance(value, list) else ()
        return [self.named(item, field, index) for index, item in enumerate(items) if isinstance(item, str)]

    def path(self, field: str) -> Named | None:
        return next(iter(self.paths(field)), None)


def load_suites(path: Path, shown: str) -> list[Suite]:
    """The suites of a file, in either schema. Raises SuiteError, with the line, for what upstream refuses."""
    documents = read_documents(path, shown)
    if not documents:
        raise SuiteError("the file is empty: there is no suite in it", 1)
    return [read_suite(path.parent, document) for document in documents]


def read_suite(folder: Path, document: Document) -> Suite:
    """The suite in `document`, whose paths start from `folder`. Raises SuiteError."""
    if not isinstance(document.data, dict):
        raise SuiteError("a suite is a mapping with policies, resources and results", document.location().line)
    old = dict(legacy.old_parts(document.mapping))
    refused = [problem for problem in schema.problems(document, schema.TEST) if problem.path not in old]
    if refused:
        raise _refusal(document, refused)
    written = legacy.migrated(document) if old else document.mapping
    data: Mapping[str, Any] = schema.canonical(written, schema.TEST) or {}
    suite = Suite(folder, document, data, (), (_NOTE,) if old else ())
    return suite._replace(entries=tuple(_entries(suite)))


def _refusal(document: Document, refused: Sequence[SchemaProblem]) -> SuiteError:
    places = [(document.location(problem.path, at="key").line, problem.message) for problem in refused]
    first = places[0][0]
    messages = [places[0][1], *(f"line {line}: {message}" for line, message in places[1:])]
    return SuiteError("; ".join(messages), first)


def _entries(suite: Suite) -> list[Entry]:
    results = suite.data.get("results")
    items: Sequence[Any] = results if isinstance(results, list) else ()
    return [_entry(suite, index, item or {}) for index, item in enumerate(items)]


def _entry(suite: Suite, index: int, item: Mapping[str, Any]) -> Entry:
    document = suite.document
    at = schema.spelled(document, ROOT / "results" / index)
    line = document.location(at).line

    def text(field: str) -> str:
        return item.get(field) or ""

    def named(field: str) -> Named | None:
        return suite.named(text(field), "results", index, field) if text(field) else None

    def listed(field: str) -> tuple[Named, ...]:
        values = item.get(field) or ()
        return tuple(suite.named(each, "results", index, field, at) for at, each in enumerate(values) if each)

    return Entry(
        line=line,
        path=at,
        policy=named("policy") or Named("", line, at),
        rule=text("rule"),
        expected=text("result"),
        kind=text("kind"),
        operation=text("operation"),
        resources=listed("resources") if item.get("resources") is not None else None,
        specs=tuple(_spec(spec or {}) for spec in item.get("resourceSpecs") or ()),
        patched=named("patchedResources"),
        generated=(*filter(None, [named("generatedResource")]), *listed("generatedResources")),
        clone_source=named("cloneSourceResource"),
        fail_on_missing=bool(item.get("failOnMissingResources")),
        deleting=bool(item.get("isDeletingPolicy")),
    )


def _spec(spec: Mapping[str, Any]) -> ResourceSpec:
    return ResourceSpec(*(spec.get(field) or "" for field in ("group", "version", "kind", "namespace", "name")))


class SuiteFile(NamedTuple):
    """A file that a suite is helped by: its data in the fields' own spelling."""

    document: Document
    data: Mapping[str, Any]


def load_beside(folder: Path, named: Named, wanted: Schema, shown: str) -> SuiteFile:
    """A Values, UserInfo or ClusterResource file. Raises SuiteError for what upstream's decoder refuses.

    A file without apiVersion and kind, as old ones are, is read all the same.
    """
    documents = read_documents(one_file(folder, named), shown)
    if len(documents) != 1:
        raise SuiteError(f"{shown} holds {len(documents)} documents, and one is read", named.line)
    document = documents[0]
    refused = list(schema.problems(document, wanted))
    if refused:
        error = _refusal(document, refused)
        raise SuiteError(f"{shown}:{error.line}: {error.message}", named.line)
    data: Mapping[str, Any] = schema.canonical(document.data, wanted) or {}
    return SuiteFile(document, data)
