"""A suite run: its policies asked about its resources, and its expected results held against the answers.

Source: commands/test/test.go `runTest`, processor/policy_processor.go, processor/operation.go.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from policylint.coverage import PolicyCoverage
from policylint.engine.backends import Backends
from policylint.engine.engine import evaluate_all
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.objects import key_of
from policylint.engine.policy import Policy
from policylint.engine.request import Request
from policylint.outcome import Row, SuiteOutcome
from policylint.suites.coverage import Recorder
from policylint.suites.declared import clone_sources, signatures
from policylint.suites.expected import ExpectedObjects
from policylint.suites.files import SuiteError
from policylint.suites.inputs import load_inputs
from policylint.suites.load import Suite, load_suites
from policylint.suites.mocks import backends_of
from policylint.suites.policies import SuitePolicy
from policylint.suites.resources import Loaded
from policylint.suites.results import World, rows_of
from policylint.suites.selection import Answers


def run_suite(path: Path, *, compat: bool = False, shown: str | None = None, coverage: bool = False) -> SuiteOutcome:
    """Runs every suite of the file at `path`, printed as `shown`. What cannot be read or run is said in the outcome.

    With `compat`, rows that upstream's runner passes count as passed. With `coverage`, the outcome says what was
    reached of the policies.
    """
    label = shown if shown is not None else path.as_posix()
    rows: list[Row] = []
    notes: list[str] = []
    measured: list[PolicyCoverage] = []
    try:
        suites = load_suites(path, label)
    except SuiteError as error:
        return SuiteOutcome(label, (), error.message, error.line or None, compat=compat)
    problem: SuiteError | None = None
    for suite in suites:
        try:
            running = _Running(suite, label, compat, coverage)
            rows += running.rows()
            notes += running.notes
            measured += running.coverage
        except SuiteError as error:
            problem = problem or error
    outcome = SuiteOutcome(label, tuple(rows), notes=tuple(notes), compat=compat, coverage=tuple(measured))
    if problem is not None:
        return outcome._replace(error=problem.message, error_line=problem.line or None)
    return outcome


class _Running:
    """One suite with all that it names loaded. Raises SuiteError when that fails."""

    def __init__(self, suite: Suite, label: str, compat: bool, coverage: bool) -> None:
        self._suite = suite
        self._compat = compat
        folder = label.rpartition("/")[0] or ("/" if label.startswith("/") else ".")
        self._inputs = load_inputs(suite, folder, compat=compat)
        self._clone_sources = clone_sources(suite, folder, self._inputs.scopes)
        self._signatures = signatures(suite, folder)
        self._expected = ExpectedObjects(suite.folder, folder, self._inputs.scopes)
        self._policies, self._compiled = compile_policies(self._inputs.policies)
        self._recorder = Recorder(self._policies, self._compiled, self._inputs.exceptions) if coverage else None
        self._answered: dict[str, list[Answers]] = {}
        self._missing_namespaces: set[str] = set()

    @property
    def notes(self) -> Sequence[str]:
        """What the suite's author should know; complete once the rows were read."""
        missing = (
            f"clusterResources has no Namespace {name!r}, which upstream asks for: it counts as one without labels"
            for name in sorted(self._missing_namespaces)
        )
        return [*self._inputs.notes, *missing]

    @property
    def coverage(self) -> Sequence[PolicyCoverage]:
        """What was reached of the policies, if it was recorded; complete once the rows were read."""
        return self._recorder.coverage() if self._recorder is not None else ()

    def rows(self) -> Iterator[Row]:
        world = World(self._policies, self._answers, self._inputs.targets, self._expected)
        for entry in self._suite.entries:
            yield from rows_of(entry, world, compat=self._compat)

    def _answers(self, operation: str) -> list[Answers]:
        """What every policy says to every resource, asked once for each operation that results name."""
        if operation not in self._answered:
            self._answered[operation] = [self._asked(resource, operation) for resource in self._inputs.resources]
        return self._answered[operation]

    def _asked(self, resource: Loaded, operation: str) -> Answers:
        inputs = self._inputs
        variables = {
            policy.name: self._variables(policy.name, resource.key.name, operation) for policy in self._compiled
        }
        request = Request(resource.object, user=inputs.user, namespace_labels=self._labels(resource))
        request = self._as_subresource(request)
        try:
            responses = evaluate_all(
                self._compiled,
                request,
                backends=self._backends,
                exceptions=inputs.exceptions,
                variables=variables,
            )
        except EvaluationError as error:
            return Answers(resource, (), f"the policies cannot be asked: {error.message}")
        if self._recorder is not None:
            operations = (
                variables[policy.name].get("request.operation", request.operation) for policy in self._compiled
            )
            self._recorder.note(request, operations, responses)
        return Answers(resource, tuple(responses))

    def _variables(self, policy: str, resource: str, operation: str) -> Mapping[str, Any]:
        variables = self._inputs.values.variables(policy, resource)
        return {**variables, "request.operation": operation} if operation else variables

    @cached_property
    def _backends(self) -> Backends:
        inputs = self._inputs
        names = {policy.name for policy in self._compiled}
        mocks = backends_of(self._suite, inputs.values, names, inputs.objects, inputs.global_files)
        return mocks._replace(clone_sources=self._clone_sources, declared_images=self._signatures)

    @cached_property
    def _namespace_labels(self) -> Mapping[str, Mapping[str, str]]:
        return self._inputs.values.namespace_labels()

    def _labels(self, resource: Loaded) -> Mapping[str, str]:
        """The labels of a resource's namespace, as values or else the stand-in cluster have them."""
        key, inputs = resource.key, self._inputs
        labels = self._namespace_labels.get(key.namespace) or {}
        if labels or not inputs.has_cluster or key.kind == "Namespace" or not key.namespace:
            return labels
        for each in inputs.objects:
            if key_of(each)[:2] == ("v1", "Namespace") and key_of(each).name == key.namespace:
                return (each.get("metadata") or {}).get("labels") or {}
        self._missing_namespaces.add(key.namespace)
        return labels

    def _as_subresource(self, request: Request) -> Request:
        """The request for an object that stands for a subresource of another type, as the values may declare."""
        if not self._inputs.has_cluster:
            for each in self._inputs.values.subresources():
                if request.gvk == each.gvk:
                    return request._replace(subresource=each.name, parent=each.parent)
        return request


def compile_policies(policies: Sequence[SuitePolicy]) -> tuple[list[SuitePolicy], list[Policy]]:
    """The policies, with those that are invalid marked so; and those that can be evaluated."""
    marked: list[SuitePolicy] = []
    compiled: list[Policy] = []
    for policy in policies:
        if not policy.unsupported:
            try:
                compiled.append(Policy.of(policy.document.mapping))
            except InvalidPolicy as error:
                place = policy.document.location(error.path) if error.path is not None else policy.document.location()
                policy = policy._replace(invalid=f"{error.message} ({place.path}:{place.line})")
        marked.append(policy)
    return marked, compiled
