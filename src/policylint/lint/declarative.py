"""Rules written in YAML: metadata, checks that are Kyverno patterns, and documentation, in one file.

The format is `rule.schema.json` beside this module; docs/writing-rules.md explains it. What the checks are made of is
loaded when a rule first judges a document, since most files have none of its kind.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policylint.document.document import Document
from policylint.lint.loaded import Documentation, LoadedRule
from policylint.lint.rule import Option, Rule, RuleContext
from policylint.lint.rule_file import check_rule_file, read_rule_file
from policylint.model import Problem
from policylint.regex import regex

if TYPE_CHECKING:
    from policylint.lint.declarative_body import Body

_SENTENCE = regex(r".+?[.!?](?=\s|\Z)", re.DOTALL)


def load_declarative(path: Path, shown: str, validate: bool) -> LoadedRule:
    """The rule in the YAML file at `path`, which messages call `shown`.

    `validate` holds the file against its JSON Schema first, and its checks against what they name; without it the file
    must be known to be right. Raises RuleFileError, with its place, for a file that is not a rule.
    """
    document = read_rule_file(path, shown)
    if validate:
        check_rule_file(document)
    rule = _rule(document.data)
    checks = _Checks(document, rule)
    if validate:
        _ = checks.body
    return LoadedRule(rule, checks.judge, _documentation(document.data["documentation"]), path)


class _Checks:
    """The checks of a rule file, read from it when they are first needed."""

    def __init__(self, document: Document, rule: Rule) -> None:
        self._document = document
        self._rule = rule

    @cached_property
    def body(self) -> "Body":
        from policylint.lint.declarative_body import read_body

        return read_body(self._document, self._rule)

    def judge(self, document: Document, context: RuleContext) -> Iterator[Problem]:
        """A rule's `check`: a problem for everything judged that a check does not hold of."""
        return self.body.judge(document, context)


def _rule(data: Mapping[str, Any]) -> Rule:
    options = data.get("options") or {}
    return Rule(
        id=data["id"],
        name=data["name"],
        severity=data["severity"],
        kinds=tuple(data.get("kinds") or ()),
        default=data.get("default", True),
        profiles=tuple(data.get("profiles") or ()),
        options={name: Option(option["schema"], option["default"], option["doc"]) for name, option in options.items()},
        since=data.get("since", "0.1.0"),
    )


def _documentation(data: Mapping[str, Any]) -> Documentation:
    sentence = _SENTENCE.match(data["what"].strip())
    summary = data.get("summary") or (sentence[0] if sentence else data["what"])
    return Documentation(
        summary=" ".join(summary.split()),
        what=data["what"].rstrip(),
        why=data["why"].rstrip(),
        example=data.get("example", "").rstrip(),
        instead=data.get("instead", "").rstrip(),
        references=tuple(data.get("references") or ()),
    )
