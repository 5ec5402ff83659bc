"""Objects of policy kinds as the API server hands them to a webhook."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from policylint.document.document import Document

# groups whose objects a policy webhook judges
GROUPS = ("kyverno.io", "policies.kyverno.io", "policy.sigstore.dev")


class Stored(NamedTuple):
    """One object: unknown fields pruned, defaults of its CustomResourceDefinition set.

    Paths into `data` are paths into the author's file: defaulting only adds keys, and a path that the file lacks
    resolves to its nearest parent. Values may still be of wrong types; read them through `Shape`.
    """

    document: Document
    data: Mapping[str, Any]

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The object of `document` when it is of a policy kind in a served version, else nothing."""
        if document.group not in GROUPS:
            return
        from policylint.admission.schema.table import schema_of

        schema = schema_of(document.api_version, document.kind)
        if schema is not None:
            from policylint.admission.schema.store import stored

            yield cls(document, stored(document.mapping, schema))
