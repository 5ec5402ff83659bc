"""Documents that reach a cluster together: one chart render, one kustomization, or one plain document."""

from typing import Any, NamedTuple

from policylint.document.document import Document


class Release(NamedTuple):
    """What one `helm upgrade` or `kubectl apply` brings. `label` names it for people."""

    label: str
    documents: tuple[Document, ...]


class Update(NamedTuple):
    """An object as the cluster has it, and as it is to be after the next apply."""

    old: Document
    new: Document


class Project(NamedTuple):
    """Every document of a whole-project run that a cross-file rule asked for by kind.

    `facts` are what the rule's own `gather` took from all the documents, in no order.
    """

    documents: tuple[Document, ...]
    facts: frozenset[Any] = frozenset()
