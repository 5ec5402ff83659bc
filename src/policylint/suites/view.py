"""A suite file as rules see it. What reads it is loaded for suites only: every run loads every rule."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from policylint.document.document import Document
from policylint.model import Fix, YamlPath
from policylint.paths import is_file

if TYPE_CHECKING:
    from policylint.suites.schema import SchemaProblem
    from policylint.suites.unknown_names import NameProblem

_GROUP = "cli.kyverno.io"
_KIND = "Test"


class SuiteFile:
    """One Test document: known by its kind, or, in the old schema, by the name of its file."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        is_test = document.kind == _KIND and document.group == _GROUP
        if is_test or (document.role == "suite" and not document.kind):
            yield cls(document)

    @property
    def data(self) -> Mapping[str, Any]:
        return self.document.mapping

    def old_parts(self) -> list[tuple[YamlPath, str]]:
        """What only the old schema allows."""
        from policylint.suites import legacy

        return list(legacy.old_parts(self.data))

    def migration(self) -> Fix:
        """What brings the suite into the present schema."""
        from policylint.suites import legacy

        return legacy.migration(self.data)

    @property
    def has_results(self) -> bool:
        """Whether anything is expected; a wrong type counts as something."""
        return any(value for key, value in self.data.items() if key.casefold() == "results")

    def refused(self) -> "list[SchemaProblem]":
        """Fields and values that upstream's decoder refuses, apart from those of the old schema."""
        from policylint.suites import schema

        old = {path for path, _ in self.old_parts()}
        return [problem for problem in schema.problems(self.document, schema.TEST) if problem.path not in old]

    def unknown_names(self) -> "Iterator[NameProblem]":
        """Policies, rules, resources and files that the suite names and that do not exist.

        Reads the suite's files from the disk; nothing is said of a suite that is not there itself, such as standard
        input, nor of files that cannot be parsed.
        """
        path = Path(self.document.source.path)
        on_disk = self.document.source.file_text is not None and is_file(path)
        if not on_disk or not isinstance(self.document.data, dict) or self.refused():
            return
        from policylint.suites.load import read_suite
        from policylint.suites.unknown_names import unknown_names

        yield from unknown_names(read_suite(path.parent, self.document))
