"""What a suppression is, and the names by which one may call rules."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple, Self

from policylint.document.source import Source
from policylint.errors import did_you_mean
from policylint.lint.rule import Rule
from policylint.model import Location
from policylint.regex import regex

UNUSED = "SUP001"
EXPIRED = "SUP002"
WITHOUT_REASON = "SUP003"
UNKNOWN_RULE = "SUP004"

MARKER = "policylint:"
ANNOTATION = "policylint.dev/ignore"
ZIZMOR_MARKER = "# zizmor: ignore["

Origin = Literal["comment", "annotation", "configuration", "foreign"]

_LIST_SEPARATOR = regex(r"\s*,\s*")


class Mistake(NamedTuple):
    """Why a suppression, or one name in it, means nothing."""

    message: str
    help: str


class Suppression(NamedTuple):
    """One place that says not to report rules.

    `lines` are the first and last line of `source`'s text that it governs, None for the whole source (or, in a file
    of the user's, the whole file). Entries of the configuration have no source; they govern by the patterns `path`
    (below `root`) and `resource`, either of which may be empty. `span` holds the characters of the comment itself.
    """

    origin: Origin
    location: Location
    rules: tuple[str, ...]
    reason: str = ""
    until: date | None = None
    source: Source | None = None
    lines: tuple[int, int] | None = None
    span: tuple[int, int] = (0, 0)
    path: str = ""
    resource: str = ""
    root: str = "."
    mistakes: tuple[Mistake, ...] = ()

    def expired(self, today: date) -> bool:
        """Whether the last day on which it holds is over."""
        return self.until is not None and self.until < today


class RuleNames(NamedTuple):
    """The ids of all rules by id and by name, and by the names that other tools' ignore comments use."""

    ids: Mapping[str, str]
    foreign: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Self:
        ids: dict[str, str] = {}
        foreign: dict[str, tuple[str, ...]] = {}
        for rule in rules:
            ids[rule.id] = ids[rule.name] = rule.id
            for alias in rule.aliases:
                foreign[alias] = (*foreign.get(alias, ()), rule.id)
        return cls(ids, foreign)

    def read(self, listed: str, *, everywhere: bool = False) -> tuple[tuple[str, ...], tuple[Mistake, ...]]:
        """The rule ids of a comma-separated list, each once, and what is wrong with the rest of it.

        Files that cannot be read and the rules about suppressions themselves are beyond comments and annotations;
        `everywhere` allows them too.
        """
        found: dict[str, None] = {}
        mistakes = []
        for name in _LIST_SEPARATOR.split(listed.strip()):
            rule = self.ids.get(name)
            if rule is None:
                mistakes.append(self._unknown(name))
            elif not everywhere and (rule == "PRJ001" or rule.startswith("SUP")):
                message = f"{rule} cannot be suppressed from inside the file"
                mistakes.append(Mistake(message, "deselect it in the configuration (`ignore` or `per-file-ignores`)"))
            else:
                found[rule] = None
        return tuple(found), tuple(mistakes)

    def _unknown(self, name: str) -> Mistake:
        if not name:
            return Mistake("this suppression names no rule", "name rules by id or name: `ignore[IMG001]`")
        return Mistake(f"unknown rule {name!r}{did_you_mean(name, self.ids)}", "`policylint rules` lists the rules")


def has_suppressions(text: str, names: RuleNames) -> bool:
    """Whether `text` can hold a suppression at all; a cheap question to ask of every file."""
    return MARKER in text or ANNOTATION in text or (bool(names.foreign) and ZIZMOR_MARKER in text)
