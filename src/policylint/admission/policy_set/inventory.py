"""The objects that a project brings, and those that controllers will make of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.document.source import EmbeddedSource, RenderedSource
from policylint.engine.request import Request
from policylint.engine.scopes import is_cluster_scoped
from policylint.model import YamlPath
from policylint.views.workload import Workload

_JOB_TEMPLATE = YamlPath.of("spec", "jobTemplate")


class Item(NamedTuple):
    """One object as a policy is asked about it, and what is not known of it: its name, its namespace."""

    request: Request
    group: str
    kind: str
    named: bool
    placed: bool


def inventory(documents: Sequence[Document]) -> tuple[Item, ...]:
    """Every object that is applied, each with the pods, replica sets and jobs that will be made of it."""
    return tuple(
        item
        for document in documents
        if document.kind and document.role == "kubernetes" and not isinstance(document.source, EmbeddedSource)
        for item in _items(document)
    )


def images(documents: Sequence[Document]) -> frozenset[str]:
    """Every image that a container of the project runs."""
    return frozenset(
        container.image
        for document in documents
        for workload in Workload.of(document)
        for container in workload.containers()
        if container.image
    )


def _items(document: Document) -> Iterator[Item]:
    placed = document.namespace is not None or is_cluster_scoped(document.group, document.kind)
    # how a chart's objects are called depends on the release
    named = not isinstance(document.source, RenderedSource)
    yield Item(Request(document.mapping), document.group, document.kind, named, placed)
    for workload in Workload.of(document):
        if document.kind not in ("Pod", "PodTemplate"):
            yield _made("v1", "Pod", workload.template, document, placed)
        if document.kind == "Deployment":
            yield _made("apps/v1", "ReplicaSet", workload.template, document, placed)
        if document.kind == "CronJob":
            template = document.get(_JOB_TEMPLATE)
            yield _made("batch/v1", "Job", template if isinstance(template, dict) else {}, document, placed)


def _made(api_version: str, kind: str, template: Mapping[str, Any], owner: Document, placed: bool) -> Item:
    given = template.get("metadata")
    metadata = {**(given if isinstance(given, dict) else {}), "generateName": f"{owner.name}-"}
    if owner.namespace is not None:
        metadata["namespace"] = owner.namespace
    made = {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": template.get("spec")}
    return Item(Request(made), api_version.rpartition("/")[0], kind, False, placed)
