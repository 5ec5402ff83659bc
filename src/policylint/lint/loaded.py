"""A rule as it comes out of its file: metadata, check and documentation."""

import re
from pathlib import Path
from typing import NamedTuple

from policylint.lint.rule import Check, Gather, Rule
from policylint.regex import regex


class Documentation(NamedTuple):
    """What a rule's author says of it, in Markdown. `summary` is one sentence; `references` are addresses."""

    summary: str = ""
    what: str = ""
    why: str = ""
    example: str = ""
    instead: str = ""
    references: tuple[str, ...] = ()


class LoadedRule(NamedTuple):
    """A rule that can be run. `check` is None for rules whose findings the runner makes itself.

    `text` is its documentation, or the docstring that holds it: few runs print any. Rules that judge a project may
    `gather` a value that is no document from each document while it is judged: the values that are not None, each once
    and picklable, are the project's `facts`.
    """

    rule: Rule
    check: Check | None
    text: Documentation | str
    path: Path
    gather: Gather | None = None

    @property
    def documentation(self) -> Documentation:
        return parse_docstring(self.text) if isinstance(self.text, str) else self.text


_SECTIONS = {
    "What it does": "what",
    "Why is this bad": "why",
    "Example": "example",
    "Use instead": "instead",
    "References": "references",
}
_HEADING = regex(r"^({})\??[ \t]*\n-{{3,}}[ \t]*$".format("|".join(_SECTIONS)), re.MULTILINE)


def parse_docstring(text: str) -> Documentation:
    """The documentation in a Python rule's docstring: a sentence, then sections under headings underlined with dashes.

    Sections may be missing; other headings are text of the section that they stand in.
    """
    parts = _HEADING.split(text)
    found = {_SECTIONS[title]: _trimmed(body) for title, body in zip(parts[1::2], parts[2::2], strict=True)}
    references = tuple(
        line.removeprefix("-").strip() for line in found.pop("references", "").splitlines() if line.strip(" \t-")
    )
    summary = " ".join(parts[0].strip().partition("\n\n")[0].split())
    return Documentation(summary=summary, references=references, **found)


def _trimmed(body: str) -> str:
    """`body` without blank lines around it; the indentation of its first line stays, since it may be code."""
    return re.sub(r"\A(?:[ \t]*\n)+", "", body).rstrip()
