"""What only follows from a value that cannot be read: checks take it for absent, and its absence is no second defect.

The API server refuses such a value before a webhook could look at the object. What else is said of the place would
send the reader elsewhere.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self

from policylint.document.document import Document
from policylint.model import YamlPath

# the rules that hold policies against the schema of their kind
SCHEMA_RULES = ("KYV101", "SIG101")
# they also say it when a value has a wrong type, where the schema leaves it open
UNTYPED_RULES = ("KYV117", "KYV119")
# they speak of keys that are written, whatever their values are
_OF_WHAT_IS_WRITTEN = (*SCHEMA_RULES, "KYV102", "KYV103", "KYV130", "KYV131", "SIG102")
_FAMILIES = ("KYV", "SIG", "HOK", "GTK")
# what lies beside a field of `spec` itself says something else
_DEEP = 3


class Explained(NamedTuple):
    """Places of `document`: `refused` by its schema, of values that are `unreadable`, and `around` those."""

    document: Document
    refused: frozenset[YamlPath]
    unreadable: frozenset[YamlPath]
    around: frozenset[YamlPath]

    @classmethod
    def of(cls, document: Document, refused: Iterable[YamlPath], misshapen: Iterable[YamlPath]) -> Self:
        """From where the schema refuses something, and where else a value is of a wrong type."""
        places, unreadable = frozenset(refused), frozenset(misshapen)
        if places:
            from policylint.admission.schema import unreadable as of_another_type

            unreadable |= of_another_type(document, places)
        written = (path for path in unreadable if document.get(path) is not None)
        around = frozenset(path.parent for path in written if len(path) >= _DEEP)
        return cls(document, places, unreadable, around)

    def follows(self, rule: str, path: YamlPath) -> bool:
        """Whether what `rule` says of `path` is no more than a consequence."""
        if rule in _OF_WHAT_IS_WRITTEN or not rule.startswith(_FAMILIES):
            return False
        if path in self.refused or path in self.around:
            return True
        if any(YamlPath(path[:depth]) in self.unreadable for depth in range(len(path) + 1)):
            return True
        return path.parent in self.around and isinstance(path[-1], str) and self.document.get(path) is None
