"""What Kyverno's cleanup controller looks at: its policies, and the label that gives any object a time to live."""

from collections.abc import Iterator
from typing import NamedTuple, Self

from policylint.document.document import Document

TTL_LABEL = "cleanup.kyverno.io/ttl"
_KINDS = ("CleanupPolicy", "ClusterCleanupPolicy")


class Cleanup(NamedTuple):
    """A document that a cleanup starts from: a policy (`is_policy`), an object with the label (`has_ttl`), or both."""

    document: Document
    is_policy: bool
    has_ttl: bool

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when the cleanup controller looks at it, else nothing."""
        metadata = document.mapping.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        is_policy = document.group == "kyverno.io" and document.kind in _KINDS
        has_ttl = isinstance(labels, dict) and TTL_LABEL in labels
        if is_policy or has_ttl:
            yield cls(document, is_policy, has_ttl)
