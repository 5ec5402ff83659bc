"""What a rule is: metadata beside a `check` function, in one file."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from policylint.admission.kinds.project import ProjectKinds
from policylint.config import Config
from policylint.document.document import Document
from policylint.model import Problem, Severity
from policylint.views.release import Project, Release, Update

DOCS_URL = "https://policylint.dev/rules/"
# the family of rules that are policies: `policy:<policy>/<rule>`
POLICY_FAMILY = "policy"


class Option(NamedTuple):
    """A parameter of a rule: its JSON Schema, its default, and one line of documentation."""

    schema: Mapping[str, Any]
    default: Any
    doc: str


class Rule(NamedTuple):
    """A rule's metadata.

    `judges` is what `check` is called with: `Document`, a view class (anything with a classmethod
    `of(document)` that yields views), `Release`, `Project` for rules that need several files, or `Update` for
    rules that need the object before a change.
    `kinds` narrows by kind, as `Kind`, `group/Kind`, `apiVersion/Kind` or `group/*`, and by what else a file can be, as
    `workflow`.
    Of rules that judge a `Project`, those with `needs` run only where there is a document of one of these kinds.
    A rule that is not on by `default` is on under any of its `profiles`, or when selected by id or name.
    `aliases` are the names by which other tools' ignore comments know the same rule (`zizmor:unpinned-uses`).
    """

    id: str
    name: str
    severity: Severity
    judges: Any = Document
    kinds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    default: bool = True
    profiles: tuple[str, ...] = ()
    options: Mapping[str, Option] = {}
    aliases: tuple[str, ...] = ()
    since: str = "0.1.0"
    references: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        family, colon, _ = self.id.partition(":")
        return family if colon else self.id.rstrip("0123456789")

    @property
    def url(self) -> str:
        """Its page on the web; policies have none."""
        return "" if self.family == POLICY_FAMILY else DOCS_URL + self.id

    @property
    def scope(self) -> str:
        """What is handed to `check`: `project`, `release`, `update`, or else (a view of) one `document`."""
        if self.judges is Project:
            return "project"
        if self.judges is Update:
            return "update"
        return "release" if self.judges is Release else "document"

    def takes(self, document: Document) -> bool:
        """Whether the document is of a kind that this rule judges."""
        if not self.kinds:
            return True
        kind = document.kind
        if not kind:
            return document.role in self.kinds
        names = (kind, f"{document.group}/{kind}", f"{document.api_version}/{kind}", f"{document.group}/*")
        return any(wanted in names for wanted in self.kinds)


class RuleContext(NamedTuple):
    """What a rule may know besides what it judges: its own options, the configuration, and the project's own kinds."""

    config: Config
    options: Mapping[str, Any]
    kinds: ProjectKinds = ProjectKinds()


Check = Callable[[Any, RuleContext], Iterable[Problem]]
Gather = Callable[[Document], Hashable]
