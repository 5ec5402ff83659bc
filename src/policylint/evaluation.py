"""Kyverno policies evaluated in Python tests: `evaluate(policy, resource)`, and what came of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.engine.actions import denies
from policylint.engine.backends import Backends
from policylint.engine.engine import evaluate_all
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.exceptions import PolicyException
from policylint.engine.objects import completed
from policylint.engine.policy import Policy
from policylint.engine.request import Operation, Request, UserInfo
from policylint.engine.response import PolicyResponse, RuleResponse, Unmatched
from policylint.errors import SourceError, UsageError
from policylint.suites.files import Named, SuiteError, expand
from policylint.suites.policies import SuitePolicy, load_policies, own_name
from policylint.suites.resources import read_documents

# A file, a document, or plain data.
Given = str | Path | Document | Mapping[str, Any]
User = str | UserInfo | Mapping[str, Any]

_NO_BACKENDS = Backends()


class Evaluation(NamedTuple):
    """What policies made of one request. `responses` has one for each policy, `denying` the verdicts that refuse it."""

    request: Request
    responses: tuple[PolicyResponse, ...]
    denying: tuple[RuleResponse, ...]

    @property
    def denied(self) -> bool:
        """Whether the request would be refused. What only audits refuses nothing."""
        return bool(self.denying)

    @property
    def allowed(self) -> bool:
        """Whether nothing refuses the request."""
        return not self.denying

    @property
    def rules(self) -> tuple[RuleResponse, ...]:
        """The verdicts of all rules that are for the request, in the order in which they came."""
        return tuple(rule for response in self.responses for rule in response.rules)

    @property
    def unmatched(self) -> tuple[Unmatched, ...]:
        """The rules that are not for the request, and why."""
        return tuple(each for response in self.responses for each in response.unmatched)

    @property
    def failed(self) -> tuple[RuleResponse, ...]:
        """The verdicts that are failures or errors, whether they refuse the request or are only reported."""
        return tuple(rule for rule in self.rules if rule.status in ("fail", "error"))

    @property
    def messages(self) -> tuple[str, ...]:
        """What rules that failed say."""
        return tuple(rule.message for rule in self.failed)

    @property
    def patched(self) -> Mapping[str, Any]:
        """The object after all mutations. Whole numbers may be floats, as in Kyverno's command line."""
        changed = [response.patched for response in self.responses if response.patched is not None]
        subject: Mapping[str, Any] = changed[-1] if changed else self.request.resource
        return subject

    @property
    def generated(self) -> tuple[Any, ...]:
        """The objects that generate rules make."""
        return tuple(each for rule in self.rules for each in rule.generated)

    def rule(self, name: str) -> RuleResponse:
        """The verdict of the rule called `name`, with or without the prefix of autogen.

        Raises UsageError, saying why the rule gave none, when there is no such verdict.
        """
        found = next((rule for rule in self.rules if name in (rule.rule, own_name(rule.rule))), None)
        if found is not None:
            return found
        why = next((f": {each.reason}" for each in self.unmatched if each.rule == name), "")
        raise UsageError(f"the rule {name!r} gave no verdict{why}")

    def explain(self) -> str:
        """Every verdict with its message and its steps, a line each."""
        lines = []
        for rule in self.rules:
            lines.append(f"{rule.rule}: {rule.status}: {rule.message}")
            for step in rule.steps:
                at = ", ".join(str(path) for path in (step.policy_path, step.resource_path) if path)
                lines.append(f"  {step.what}: {step.outcome}" + (f" ({at})" if at else ""))
        lines += [f"{each.rule}: is not for the request: {each.reason}" for each in self.unmatched]
        return "\n".join(lines) or "no rule gave a verdict"


def evaluate(
    policy: Given | Sequence[Given],
    resource: Given,
    *,
    operation: Operation = "CREATE",
    old: Given | None = None,
    user: User | None = None,
    namespace_labels: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
    exceptions: Sequence[Given] = (),
    backends: Backends = _NO_BACKENDS,
) -> Evaluation:
    """What one policy, or several in their order, make of a request about `resource`.

    Policies and resources are files (a `str` or `Path`; a policy file may hold several), documents or plain data.
    `old` is the object before an update; for DELETE, `resource` is what is deleted. `user` is a name, or what
    `userInfo`, `roles` and `clusterRoles` of a UserInfo file hold. `variables` are values by dotted name for every
    policy. Raises UsageError for a policy that is invalid, and for one that uses what policylint does not evaluate:
    neither says anything about the request.
    """
    policies = _policies(policy)
    request = _request(resource, operation, old, user, namespace_labels or {})
    try:
        excepting = [PolicyException.of(_object(each, "exception")) for each in exceptions]
        responses = evaluate_all(
            policies,
            request,
            backends=backends,
            exceptions=excepting,
            variables={each.name: variables for each in policies} if variables else {},
        )
    except EvaluationError as error:
        raise UsageError(error.message) from error
    unsupported = next((rule for each in responses for rule in each.rules if rule.unsupported), None)
    if unsupported is not None:
        raise UsageError(f"the rule {unsupported.rule!r} uses what is not evaluated: {unsupported.unsupported}")
    denying = tuple(
        rule
        for each, response in zip(policies, responses, strict=True)
        for rule in response.rules
        if denies(each, rule, request.namespace, request.namespace_labels)
    )
    return Evaluation(request, tuple(responses), denying)


def _policies(given: Given | Sequence[Given]) -> list[Policy]:
    several = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    found = [policy for each in several for policy in _read_policies(each)]
    if not found:
        raise UsageError("there is no policy to evaluate")
    return found


def _read_policies(given: Given) -> list[Policy]:
    if not isinstance(given, str | Path):
        return [_policy(_object(given, "policy"))]
    try:
        documents = list(load_policies([(path, str(path)) for path in expand(Path(), Named(str(given), 0))]))
    except SuiteError as error:
        raise UsageError(error.message) from error
    policies = [each for each in documents if isinstance(each, SuitePolicy)]
    unsupported = next((each for each in policies if each.unsupported), None)
    if unsupported is not None:
        raise UsageError(f"{given}: {unsupported.name} is not evaluated: {unsupported.unsupported}")
    if not policies:
        raise UsageError(f"{given} holds no policy")
    return [_policy(each.document.mapping) for each in policies]


def _policy(data: Mapping[str, Any]) -> Policy:
    try:
        return Policy.of(data)
    except InvalidPolicy as error:
        place = f" ({error.path})" if error.path else ""
        raise UsageError(f"the policy is invalid: {error.message}{place}") from error


def _request(
    resource: Given, operation: Operation, old: Given | None, user: User | None, namespace_labels: Mapping[str, str]
) -> Request:
    subject = completed(_object(resource, "resource"), floats=True)
    before = completed(_object(old, "old resource"), floats=True) if old is not None else {}
    asking = Request(subject, before, operation, _user(user), namespace_labels)
    if operation == "DELETE":
        return asking._replace(resource={}, old_resource=before or subject)
    return asking._replace(old_resource=before or subject) if operation == "UPDATE" else asking


def _user(given: User | None) -> UserInfo:
    if given is None:
        return UserInfo()
    if isinstance(given, UserInfo):
        return given
    if isinstance(given, str):
        return UserInfo(username=given)
    from policylint.suites.values import user_info

    return user_info(given)


def _object(given: Given, what: str) -> Mapping[str, Any]:
    if isinstance(given, Document):
        return given.mapping
    if isinstance(given, Mapping):
        return given
    try:
        documents = read_documents(Path(given), str(given))
    except (SuiteError, SourceError) as error:
        raise UsageError(error.message) from error
    if len(documents) != 1:
        raise UsageError(f"{given} holds {len(documents)} documents, and one is the {what}")
    return documents[0].mapping
