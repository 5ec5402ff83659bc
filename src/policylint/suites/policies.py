"""The policies of a suite: those that the engine evaluates, those it does not, and those upstream's CLI leaves out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.engine.policy_kinds import policy_sort
from policylint.suites.resources import read_documents

_AUTOGEN = ("autogen-cronjob-", "autogen-")


class SuitePolicy(NamedTuple):
    """One policy. One that is `unsupported` or `invalid`, for the reason given, is not evaluated."""

    document: Document
    unsupported: str = ""
    invalid: str = ""

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def namespace(self) -> str:
        return self.document.namespace or ""

    @property
    def annotations(self) -> Mapping[str, Any]:
        return self.document.annotations

    @property
    def rules(self) -> Sequence[Mapping[str, Any]]:
        """The rules as written; none for kinds that have no rules."""
        spec = self.document.mapping.get("spec")
        rules = spec.get("rules") if isinstance(spec, dict) else None
        return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []

    @property
    def rule_names(self) -> list[str]:
        return [str(rule.get("name") or "") for rule in self.rules]

    @property
    def answers_always(self) -> bool:
        """Whether upstream has an answer for resources that no rule matches: not so for policies that only generate."""
        return any(rule.get(part) for rule in self.rules for part in ("validate", "mutate", "verifyImages"))

    def has_rule(self, name: str) -> bool:
        """Whether a rule is called `name`, as written or as autogen calls it."""
        names = self.rule_names
        stripped = own_name(name)
        # names made by autogen are cut at 63 characters
        return name in names or any(own == stripped or own.startswith(stripped) for own in names if stripped != name)


def own_name(rule: str) -> str:
    """The name that a rule has in its policy, for the names that autogen makes of it."""
    return next((rule.removeprefix(prefix) for prefix in _AUTOGEN if rule.startswith(prefix)), rule)


def load_policies(paths: Iterable[tuple[Path, str]]) -> Iterator[SuitePolicy | Document]:
    """The policies of files, each given with the path to show; documents of another kind come as they are.

    Bindings of native policies are left out. Raises SuiteError.
    """
    for path, shown in paths:
        for document in read_documents(path, shown):
            sort = policy_sort(document.group, document.kind)
            if sort == "classic":
                yield SuitePolicy(document)
            elif sort == "cel":
                yield SuitePolicy(document, unsupported=f"{document.kind} (CEL)")
            elif sort == "none":
                yield document
