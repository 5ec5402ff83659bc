"""The values that pass between the layers: where, what, how bad, and how to mend it.

They are named tuples: immutable, picklable for worker processes, and a tenth of a dataclass's import cost, which
decides what `policylint check one.yaml` costs.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, Self

from policylint.regex import regex

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

PathStep = str | int

_BARE_KEY = regex(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_STEP = regex(r"""\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]""")


class YamlPath(tuple[PathStep, ...]):
    """A place in a document: keys and indices from the root, printed `spec.rules[0].verifyImages[0].mutateDigest`."""

    __slots__ = ()

    @classmethod
    def of(cls, *steps: PathStep) -> Self:
        return cls(steps)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The path that `str()` would print as `text`. Raises ValueError for anything else."""
        steps: list[PathStep] = []
        position = 0
        while position < len(text):
            match = _STEP.match(text, position)
            if match is None:
                raise ValueError(f"{text!r} is not a path: cannot read {text[position:]!r}")
            key, index, quoted = match.groups()
            if index is not None:
                steps.append(int(index))
            else:
                steps.append(key if key is not None else re.sub(r"\\(.)", r"\1", quoted))
            position = match.end()
        return cls(steps)

    def __truediv__(self, step: PathStep | Iterable[PathStep]) -> Self:
        if isinstance(step, str | int):
            return type(self)((*self, step))
        return type(self)((*self, *step))

    @property
    def parent(self) -> Self:
        return type(self)(self[:-1])

    def __str__(self) -> str:
        text = ""
        for step in self:
            if isinstance(step, int):
                text += f"[{step}]"
            elif _BARE_KEY.match(step):
                text += f".{step}" if text else step
            else:
                escaped = step.replace("\\", "\\\\").replace('"', '\\"')
                text += f'["{escaped}"]'
        return text


ROOT = YamlPath()


class Rendered(NamedTuple):
    """What a tool rendered at the place of a finding, for places in charts and kustomizations.

    `line` counts in the rendered text from 1; `exact` tells whether the location's line in the user's own file was
    established, and not only the file.
    """

    by: str
    line: int
    excerpt: tuple[str, ...]
    first_line: int
    exact: bool


class Location(NamedTuple):
    """A region of a file. Lines and columns count from 1 in characters; the end column is the one after the last."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    rendered: Rendered | None = None


class ResourceId(NamedTuple):
    """Which Kubernetes object (or workflow) a finding is about."""

    api_version: str
    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind}/{place}"


Plain = str | int | bool | list[Any] | dict[str, Any]


class SetValue(NamedTuple):
    """Make the value at `path` be `value`, adding the key to its mapping when it is absent.

    Lists and mappings are written on one line, and only where there was nothing. `before` names the key in whose place
    an added key goes; without it, the key goes after the mapping's first.
    """

    path: YamlPath
    value: Plain
    before: str = ""


class RemoveKey(NamedTuple):
    """Remove the key (or the list item) at `path` with its value."""

    path: YamlPath


class RenameKey(NamedTuple):
    """Give the key at `path` another name, its value untouched."""

    path: YamlPath
    name: str


class Wrap(NamedTuple):
    """Put the value at `path` one level deeper: below `key` in a mapping of its own, or as a list's only item."""

    path: YamlPath
    key: str | None = None


Operation = SetValue | RemoveKey | RenameKey | Wrap


class Fix(NamedTuple):
    """How to mend a problem, in terms of paths. `safe` means that the meaning the author wrote is kept."""

    title: str
    operations: tuple[Operation, ...]
    safe: bool = False


class Edit(NamedTuple):
    """Replace the characters [start, end) of the file at `path` by `text`."""

    path: str
    start: int
    end: int
    text: str


class TextFix(NamedTuple):
    """A fix made concrete: all of its edits apply, or none."""

    title: str
    safe: bool
    edits: tuple[Edit, ...]


class RelatedPath(NamedTuple):
    """Another place of the same document that explains a problem."""

    path: YamlPath
    message: str


class Problem(NamedTuple):
    """What a rule yields. It knows paths, never lines.

    `message` says what is wrong and which value decided it; `help` says what to do. `severity` overrides the rule's
    own for this problem. `at` chooses what of an existing key to point at; a path that does not exist resolves to its
    nearest existing parent's key.
    """

    path: YamlPath
    message: str
    help: str = ""
    severity: Severity | None = None
    related: tuple[RelatedPath, ...] = ()
    fix: Fix | None = None
    at: Literal["value", "key"] = "value"


class Related(NamedTuple):
    location: Location
    message: str


class Renders(NamedTuple):
    """Which renders of a chart a finding is in: `names` of `total`. `chart` is how the chart's folder is printed."""

    chart: str
    names: tuple[str, ...]
    total: int = 1


class Finding(NamedTuple):
    """A problem made concrete. Findings order by place: path, line, column, then rule.

    `renders` is given for findings in charts: the same finding of several renders is one.
    """

    location: Location
    rule: str
    name: str
    severity: Severity
    message: str
    help: str
    url: str
    resource: ResourceId | None
    yaml_path: str
    related: tuple[Related, ...] = ()
    fix: TextFix | None = None
    fingerprint: str = ""
    renders: Renders | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        place = self.location
        return (place.path, place.line, place.column, self.rule, self.yaml_path)


class NotJudged(NamedTuple):
    """Something that was seen and not judged, and why. `line` is 0 when the whole file is meant."""

    path: str
    line: int
    what: str
    reason: str


class InternalError(NamedTuple):
    """A rule that broke on an input: our defect or a rule author's, never a verdict (exit code 3)."""

    rule: str
    path: str
    message: str
    resource: ResourceId | None = None


class Counts(NamedTuple):
    """The denominators of a run.

    `documents` = `judged` + `unmatched`; `unparsed` counts files and documents that could not be read at all.
    """

    files: int = 0
    documents: int = 0
    judged: int = 0
    unparsed: int = 0
    unmatched: int = 0
    suppressed: int = 0
    baselined: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


class Report(NamedTuple):
    """Everything that one run of `check` has to say, in the order in which it is printed."""

    findings: tuple[Finding, ...]
    counts: Counts
    not_judged: tuple[NotJudged, ...] = ()
    errors: tuple[InternalError, ...] = ()
    notes: tuple[str, ...] = ()

    def severities(self) -> dict[Severity, int]:
        totals: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
        for finding in self.findings:
            totals[finding.severity] += 1
        return totals

    def fails(self, fail_on: Severity) -> bool:
        """Whether a finding is at least as severe as `fail_on`."""
        bar = SEVERITIES.index(fail_on)
        return any(SEVERITIES.index(finding.severity) <= bar for finding in self.findings)
