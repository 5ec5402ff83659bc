"""Webhooks that stand in the way of their own servers."""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.document.document import Document
from policylint.model import Problem, YamlPath
from policylint.views import fields
from policylint.views.label_selector import selects
from policylint.views.shape import Shape

# every namespace has it, set by the API server to its name
_NAME_LABEL = "kubernetes.io/metadata.name"


def problems(document: Document) -> Iterator[Problem]:
    """One problem for each webhook that may not fail and is called for pods of its own service's namespace."""
    shape = Shape()
    for path, webhook in shape.mappings(document.mapping.get("webhooks"), YamlPath.of("webhooks")):
        client = shape.mapping(webhook.get("clientConfig"), path / "clientConfig")
        service = shape.mapping(client.get("service"), path / "clientConfig" / "service")
        namespace = fields.text(shape, service, path, "namespace")
        if not namespace or webhook.get("failurePolicy") == "Ignore" or webhook.get("matchConditions"):
            continue
        if not _creates_pods(shape, webhook, path) or not _selected(shape, webhook, path, namespace):
            continue
        name = fields.text(shape, webhook, path, "name")
        yield Problem(
            path / "namespaceSelector",
            f"webhook {name} guards new pods in namespace {namespace}, where its own pods are to start,"
            " and failurePolicy is Fail: once they are all gone, none can start again",
            f"leave the namespace out: namespaceSelector with {_NAME_LABEL} NotIn [{namespace}, kube-system]",
        )


def _creates_pods(shape: Shape, webhook: Mapping[str, Any], path: YamlPath) -> bool:
    for here, rule in shape.mappings(webhook.get("rules"), path / "rules"):
        wanted = {"operations": "CREATE", "apiGroups": "", "apiVersions": "v1"}
        listed = {key: {text for _, text in shape.strings(rule.get(key), here / key)} for key in wanted}
        resources = {text for _, text in shape.strings(rule.get("resources"), here / "resources")}
        about_pods = not resources.isdisjoint(("pods", "*", "*/*")) and rule.get("scope") != "Cluster"
        if about_pods and all({"*", value} & listed[key] for key, value in wanted.items()):
            return True
    return False


def _selected(shape: Shape, webhook: Mapping[str, Any], path: YamlPath, namespace: str) -> bool:
    """Whether pods of the namespace are judged for certain: selectors on other labels may leave them out."""
    if webhook.get("objectSelector"):
        return False
    selector = shape.mapping(webhook.get("namespaceSelector"), path / "namespaceSelector")
    expressions = shape.mappings(selector.get("matchExpressions"), path)
    keys = [expression.get("key") for _, expression in expressions]
    if any(key != _NAME_LABEL for key in [*keys, *shape.mapping(selector.get("matchLabels"), path)]):
        return False
    return selects(selector, {_NAME_LABEL: namespace}) is True
