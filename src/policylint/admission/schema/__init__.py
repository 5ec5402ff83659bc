"""The schemas of the policy kinds that are CustomResources: what they refuse, drop and add.

What comes in is a document of any kind; a document that no table is about, or whose version nothing serves, yields
nothing. The tables are read when the first policy is met.
"""

from collections.abc import Iterable, Iterator

from policylint.admission.schema.table import schema_of
from policylint.document.document import Document
from policylint.model import Problem, YamlPath


def violations(document: Document) -> Iterator[Problem]:
    """What the API server refuses: types, enums, required keys, ranges, alternatives."""
    schema = schema_of(document.api_version, document.kind)
    if schema is not None:
        from policylint.admission.schema import validate

        yield from validate.violations(document.mapping, schema)


def unknown_fields(document: Document) -> Iterator[Problem]:
    """Fields that the API server drops, each with the name that may have been meant."""
    schema = schema_of(document.api_version, document.kind)
    if schema is not None:
        from policylint.admission.schema import unknown

        yield from unknown.unknown_fields(document.mapping, schema)


def unreadable(document: Document, paths: Iterable[YamlPath]) -> frozenset[YamlPath]:
    """Those of `paths` where there is nothing that the schema's type could be read from: of another type, or absent."""
    schema = schema_of(document.api_version, document.kind)
    if schema is None:
        return frozenset()
    from policylint.admission.schema import validate

    return frozenset(path for path in paths if not validate.is_readable(document.get(path), path, schema))
