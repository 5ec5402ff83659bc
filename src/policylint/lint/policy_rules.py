"""Kyverno policies as rules: each `validate` rule of the policies that the configuration names judges the manifests.

A policy is evaluated once for a document, whatever the number of its rules. What it would do besides, such as mutating,
generating and verifying signatures, is no finding; mutations take place before its validations, as in a cluster.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from policylint.config import Config
from policylint.config.file import locate_setting
from policylint.document.document import Document
from policylint.engine.actions import failure_action
from policylint.engine.engine import evaluate
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.engine.exceptions import PolicyException
from policylint.engine.objects import completed, key_of
from policylint.engine.policy import Policy
from policylint.engine.policy_kinds import policy_sort
from policylint.engine.request import Request
from policylint.engine.response import PolicyResponse, RuleResponse
from policylint.errors import ConfigError, RuleFileError
from policylint.lint.loaded import Documentation, LoadedRule
from policylint.lint.rule import POLICY_FAMILY, Rule, RuleContext
from policylint.model import ROOT, Problem, Severity, YamlPath
from policylint.paths import is_file, is_folder
from policylint.sources.discover import show
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource, LoadFailure, Target

_SUFFIXES = (".yaml", ".yml")
_MAGIC = "*?["
_ANNOTATION = "policies.kyverno.io/"
_SEVERITIES: dict[str, Severity] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "info",
    "info": "info",
}


def load_policy_rules(config: Config) -> list[LoadedRule]:
    """The rules that `policies` of the configuration comes to, in the order of its files.

    Raises ConfigError for an entry that names no policy, or none that validates anything, and RuleFileError, with the
    place, for a policy that is invalid or not evaluated.
    """
    entries: list[list[Document]] = []
    exceptions: list[PolicyException] = []
    for index, written in enumerate(config.policies):
        found = [document for path in _files(config, written) for document in _documents(path, config)]
        policies = [document for document in found if policy_sort(document.group, document.kind) in ("classic", "cel")]
        exceptions += [_exception(each) for each in found if each.kind == "PolicyException"]
        if not policies:
            raise _entry_error(config, index, "names no policy of Kyverno")
        entries.append(policies)
    rules: list[LoadedRule] = []
    for index, policies in enumerate(entries):
        found_rules = [rule for document in policies for rule in _rules(document, exceptions)]
        if not found_rules:
            raise _entry_error(config, index, "has no validate rule, so that it cannot judge manifests")
        rules += found_rules
    return rules


def _entry_error(config: Config, index: int, message: str) -> ConfigError:
    place = locate_setting(config, YamlPath.of("policies", index))
    return ConfigError(f"policies: {config.policies[index]!r} {message}", place)


def _files(config: Config, written: str) -> list[Path]:
    path = Path(config.root, written)
    if is_folder(path):
        return sorted(entry for entry in path.rglob("*") if _is_listed(entry.relative_to(path)) and is_file(entry))
    if is_file(path) or not any(character in written for character in _MAGIC):
        return [path] if is_file(path) else []
    from glob import glob

    found = glob(str(path), recursive=True)  # noqa: PTH207 -- Path.glob refuses `..`
    return sorted(each for each in map(Path, found) if is_file(each))


def _is_listed(path: Path) -> bool:
    """Whether a file below a folder counts: hidden folders hold the policies' tests."""
    return path.suffix in _SUFFIXES and not any(part.startswith(".") for part in path.parts)


def _documents(path: Path, config: Config) -> Iterator[Document]:
    for loaded in load(Target("file", str(path), show(str(path))), config, {}).sources:
        items = loaded.items if isinstance(loaded, LoadedSource) else iter((loaded,))
        for item in items:
            if isinstance(item, LoadFailure):
                raise RuleFileError(item.message, item.location)
            if isinstance(item, Document):
                yield item


def _exception(document: Document) -> PolicyException:
    try:
        return PolicyException.of(document.mapping)
    except InvalidPolicy as error:
        raise _refused(document, error) from error


def _refused(document: Document, error: EvaluationError) -> RuleFileError:
    return RuleFileError(f"the policy is invalid: {error.message}", document.location(error.path or ROOT))


def _rules(document: Document, exceptions: Sequence[PolicyException]) -> Iterator[LoadedRule]:
    if policy_sort(document.group, document.kind) == "cel":
        message = f"unsupported: {document.kind} (CEL) {document.name!r} cannot judge manifests yet"
        raise RuleFileError(message, document.location(YamlPath.of("kind")))
    try:
        policy = Policy.of(document.mapping)
    except InvalidPolicy as error:
        raise _refused(document, error) from error
    judging = _PolicyAnswers(policy, exceptions)
    for index, rule in enumerate(policy.rules):
        if rule.type == "validate":
            yield _RuleOfPolicy(document, policy, judging, index).loaded()


class _PolicyAnswers:
    """What a policy says to documents, each asked about once while all of its rules judge it."""

    def __init__(self, policy: Policy, exceptions: Sequence[PolicyException]) -> None:
        self._policy = policy
        self._exceptions = exceptions
        self._last: tuple[Document, PolicyResponse] | None = None

    def to(self, document: Document) -> PolicyResponse:
        if self._last is None or self._last[0] is not document:
            request = Request(completed(document.mapping, floats=True))
            self._last = (document, evaluate(self._policy, request, exceptions=self._exceptions))
        return self._last[1]


class _Answer(NamedTuple):
    """One verdict of the rule on one document, or why it could not be had."""

    document: Document
    verdict: RuleResponse | None
    error: str = ""


class _RuleOfPolicy:
    """One rule of a policy: what it judges by, and what it reports."""

    def __init__(self, document: Document, policy: Policy, judging: _PolicyAnswers, index: int) -> None:
        self._document = document
        self._policy = policy
        self._judging = judging
        self._index = index
        self._severity = _SEVERITIES.get(policy.annotations.get(f"{_ANNOTATION}severity", "").lower())

    def loaded(self) -> LoadedRule:
        """The rule as `check` runs it; it judges by itself, so that only documents that it is for are judged."""
        policy = self._policy
        name = f"{policy.key}/{policy.rules[self._index].name}"
        enforces = policy.enforces_rule(policy.rules[self._index])
        severity = self._severity or ("error" if enforces else "warning")
        rule = Rule(id=f"{POLICY_FAMILY}:{name}", name=name, severity=severity, judges=self, since="")
        return LoadedRule(rule, self.check, self._documentation(), Path(self._document.source.path))

    def of(self, document: Document) -> Iterator[_Answer]:
        """The verdicts on `document`; none where the rule is not for it."""
        if document.role != "kubernetes" or not document.kind:
            return
        try:
            response = self._judging.to(document)
        except EvaluationError as error:
            yield _Answer(document, None, error.message)
            return
        for verdict in response.rules:
            if verdict.source_rule == self._index and verdict.type == "validate":
                yield _Answer(document, verdict)

    def check(self, answer: _Answer, _context: RuleContext) -> Iterable[Problem]:
        """A problem for a failure, and for a document that cannot be judged."""
        verdict = answer.verdict
        if verdict is None:
            yield Problem(ROOT, f"the policy cannot be asked: {answer.error}", help=self._help(ROOT))
            return
        place = verdict.resource_path if verdict.resource_path is not None else ROOT
        help_ = self._help(verdict.policy_path)
        if verdict.unsupported:
            yield Problem(place, f"cannot be judged: unsupported: {verdict.unsupported}", help=help_)
        elif verdict.status == "error":
            yield Problem(place, f"cannot be judged: {verdict.message}", help=help_)
        elif verdict.status in ("fail", "warn"):
            yield Problem(place, verdict.message, help=help_, severity=self._severity_for(answer.document))

    def _severity_for(self, document: Document) -> Severity | None:
        """What the annotation says; else by what the failure leads to where the document goes."""
        if self._severity is not None:
            return None
        if self._policy.annotations.get(f"{_ANNOTATION}scored") == "false":
            return "warning"
        namespace = key_of(completed(document.mapping, floats=False)).namespace
        return "error" if failure_action(self._policy, self._index, namespace, {}) == "Enforce" else "warning"

    def _help(self, path: YamlPath | None) -> str:
        place = self._document.location(path or ROOT)
        return f"The policy decides this at {place.path}:{place.line}."

    def _documentation(self) -> Documentation:
        annotations, rule = self._policy.annotations, self._policy.rules[self._index]
        title = annotations.get(f"{_ANNOTATION}title") or rule.validation.get("message") or rule.name
        what = annotations.get(f"{_ANNOTATION}description") or ""
        return Documentation(" ".join(str(title).split()), what.strip())
