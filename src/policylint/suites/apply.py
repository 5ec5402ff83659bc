"""Policies asked about resources outside any suite: what would happen to these objects, and why.

Source: cmd/cli/kubectl-kyverno/commands/apply, for what is read and in which order; admission for what is denied.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policylint.config import Config
from policylint.document.document import Document
from policylint.document.source import EmbeddedSource
from policylint.engine.actions import denies, failure_action
from policylint.engine.backends import Backends, RuleValues
from policylint.engine.engine import evaluate_all
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.exceptions import PolicyException
from policylint.engine.objects import completed, key_of
from policylint.engine.policy import Policy
from policylint.engine.request import Operation, Request, UserInfo
from policylint.engine.response import PolicyResponse, RuleResponse
from policylint.errors import UsageError
from policylint.model import Location, NotJudged
from policylint.outcome import Answer, AnswerStatus, Applied, Unread
from policylint.sources.discover import discover, show
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource, LoadFailure
from policylint.suites import schema
from policylint.suites.compare import changes
from policylint.suites.decisions import located
from policylint.suites.files import Named, SuiteError, expand
from policylint.suites.load import load_beside
from policylint.suites.policies import SuitePolicy, load_policies, own_name
from policylint.suites.resources import Loaded
from policylint.suites.run import compile_policies
from policylint.suites.values import Values, user_info

_SCORED = "policies.kyverno.io/scored"
_JUDGING = ("validate", "verifyImages")


class ApplyRequest(NamedTuple):
    """What to apply to what: paths of policies and of resources; `values` and `user_info` are files, or empty."""

    policies: tuple[str, ...]
    resources: tuple[str, ...]
    config: Config
    values: str = ""
    user_info: str = ""
    operation: Operation = "CREATE"


def apply(request: ApplyRequest) -> Applied:
    """What every policy says to every resource. Raises UsageError for files that do not exist or cannot be read as
    what they are named for; what is wrong in a policy or resource file is said in the outcome.
    """
    return _Applying(request).all()


class _Applying:
    def __init__(self, request: ApplyRequest) -> None:
        self._request = request
        self._unread: list[Unread] = []
        self._notes: list[str] = []
        self._exceptions: list[PolicyException] = []
        values = _beside(request.values, schema.VALUES)
        self._values = Values(values) if values is not None else Values()
        user = _beside(request.user_info, schema.USER_INFO)
        self._user = user_info(user) if user is not None else UserInfo()

    def all(self) -> Applied:
        policies = list(self._policies())
        resources = list(self._resources())
        marked, compiled = compile_policies(policies)
        for policy in marked:
            if policy.unsupported or policy.invalid:
                reason = policy.invalid or f"unsupported: {policy.unsupported}"
                self._unread.append(Unread(policy.document.location(), f"policy {policy.name!r}: {reason}"))
        documents = {policy.name: policy.document for policy in marked}
        objects = [each.object for each in resources]
        backends = self._backends([policy.name for policy in compiled], objects)
        labels = {**_labels_of(objects), **self._values.namespace_labels()}
        answers = [
            answer
            for resource in resources
            for answer in self._asked(resource, compiled, documents, backends, labels.get(resource.key.namespace) or {})
        ]
        return Applied(tuple(answers), len(policies), len(resources), tuple(self._unread), tuple(self._notes))

    def _policies(self) -> Iterator[SuitePolicy]:
        for given in self._request.policies:
            try:
                files = [(path, show(str(path))) for path in expand(Path(), Named(given, 0))]
                found = list(load_policies(files))
            except SuiteError as error:
                raise UsageError(error.message) from error
            for each in found:
                if isinstance(each, SuitePolicy):
                    yield each
                else:
                    self._other(each)

    def _other(self, document: Document) -> None:
        """A document among the policies that is none."""
        if document.kind == "PolicyException" and document.group == "kyverno.io":
            try:
                self._exceptions.append(PolicyException.of(document.mapping))
            except InvalidPolicy as error:
                place = document.location(error.path) if error.path is not None else document.location()
                self._unread.append(Unread(place, error.message))
            return
        place = document.location()
        self._notes.append(f"{place.path}:{place.line}: {document.resource or 'this'} is no policy")

    def _resources(self) -> Iterator[Loaded]:
        config = self._request.config
        discovery = discover(self._request.resources, config)
        for failure in discovery.failures:
            self._unread.append(Unread(failure.location, failure.message))
        # what a chart is tested with would bring the same objects again
        for target in (target for target in discovery.targets if not target.ci):
            for loaded in load(target, config, {}).sources:
                items = loaded.items if isinstance(loaded, LoadedSource) else iter((loaded,))
                for item in items:
                    if isinstance(item, Document):
                        if item.kind and item.role == "kubernetes" and not isinstance(item.source, EmbeddedSource):
                            yield Loaded.of(completed(item.mapping, floats=True), item)
                    else:
                        self._not_loaded(item)

    def _not_loaded(self, item: LoadFailure | NotJudged) -> None:
        if isinstance(item, LoadFailure):
            self._unread.append(Unread(item.location, item.message))
        else:
            place = f"{item.path}:{item.line}" if item.line else item.path
            self._notes.append(f"{place}: {item.what} left out: {item.reason}")

    def _backends(self, policies: Iterable[str], objects: Sequence[Mapping[str, Any]]) -> Backends:
        """The values, and the given objects in place of those of a cluster."""
        keyed = ((key_of(each), each) for each in objects)
        return Backends(
            rule_values={
                (policy, rule): RuleValues(given, foreach)
                for policy in policies
                for rule, given, foreach in self._values.rules(policy)
            },
            config_maps={
                (key.namespace, key.name): each
                for key, each in keyed
                if (key.api_version, key.kind) == ("v1", "ConfigMap")
            },
            objects=objects,
        )

    def _asked(
        self,
        resource: Loaded,
        policies: Sequence[Policy],
        documents: Mapping[str, Document],
        backends: Backends,
        labels: Mapping[str, str],
    ) -> Iterator[Answer]:
        key = resource.key
        operation = {"request.operation": self._request.operation}
        variables = {policy.name: {**self._values.variables(policy.name, key.name), **operation} for policy in policies}
        request = Request(resource.object, user=self._user, namespace_labels=labels)
        try:
            responses = evaluate_all(
                policies, request, backends=backends, exceptions=self._exceptions, variables=variables
            )
        except EvaluationError as error:
            place = resource.document.location()
            yield Answer(
                "", "", str(key), "error", f"the policies cannot be asked: {error.message}", resource_place=place
            )
            return
        before = resource.object
        for policy, response in zip(policies, responses, strict=True):
            explained = _Explained(policy, documents[policy.name], resource, labels)
            said: set[tuple[str, str, str]] = set()
            for rule in response.rules:
                # rules that verify images are asked twice, and mostly answer the same
                if (rule.rule, rule.status, rule.message) not in said:
                    yield explained.answer(rule, before)
                said.add((rule.rule, rule.status, rule.message))
                if rule.patched is not None and rule.target is None:
                    before = rule.patched
            yield from explained.unmatched(response)


class _Explained:
    """One policy's answers to one resource."""

    def __init__(self, policy: Policy, document: Document, resource: Loaded, labels: Mapping[str, str]) -> None:
        self._policy = policy
        self._document = document
        self._resource = resource
        self._labels = labels

    def answer(self, rule: RuleResponse, before: Mapping[str, Any]) -> Answer:
        policy, document, resource = self._policy, self._document, self._resource
        namespace = resource.key.namespace
        status: AnswerStatus = rule.status
        if status == "fail" and policy.annotations.get(_SCORED) == "false":
            status = "warn"
        action = failure_action(policy, rule.source_rule, namespace, self._labels) if rule.type in _JUDGING else ""
        return Answer(
            policy.name,
            rule.rule,
            str(resource.key),
            status,
            f"unsupported: {rule.unsupported}" if rule.unsupported else rule.message,
            rule.type,
            action,
            denies(policy, rule, namespace, self._labels),
            document.location(rule.policy_path) if rule.policy_path is not None else document.location(),
            _place(resource.document, rule),
            located(rule.steps, document, resource.document),
            _difference(rule, before),
            bool(rule.unsupported),
        )

    def unmatched(self, response: PolicyResponse) -> Iterator[Answer]:
        spoken = {own_name(rule.rule) for rule in response.rules}
        # of a rule's own form and those for pod controllers, the last one was meant
        silent = {own_name(each.rule): each for each in response.unmatched if own_name(each.rule) not in spoken}
        for each in silent.values():
            place = self._document.location(each.policy_path) if each.policy_path is not None else None
            yield Answer(
                self._policy.name, each.rule, str(self._resource.key), "unmatched", each.reason, policy_place=place
            )


def _place(document: Document, rule: RuleResponse) -> Location:
    return document.location() if rule.resource_path is None else document.location(rule.resource_path)


def _difference(rule: RuleResponse, before: Mapping[str, Any]) -> str:
    made = "".join(changes({}, each) for each in rule.generated)
    if rule.patched is None:
        return made
    return changes(rule.target if rule.target is not None else before, rule.patched) + made


def _beside(file: str, wanted: schema.Schema) -> Mapping[str, Any] | None:
    if not file:
        return None
    try:
        return load_beside(Path(), Named(file, 0), wanted, show(file)).data
    except SuiteError as error:
        raise UsageError(error.message) from error


def _labels_of(objects: Iterable[Mapping[str, Any]]) -> Mapping[str, Mapping[str, str]]:
    """The labels of the namespaces among the objects."""
    return {
        key_of(each).name: (each.get("metadata") or {}).get("labels") or {}
        for each in objects
        if key_of(each)[:2] == ("v1", "Namespace")
    }
