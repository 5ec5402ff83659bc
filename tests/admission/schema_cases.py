"""Documents for the tests of schemas and kinds."""

from textwrap import dedent

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source


def document(text: str) -> Document:
    """The document that `text` is."""
    source = Source("policy.yaml", dedent(text))
    (composed,) = compose(source.text)
    assert isinstance(composed, ComposedDocument)
    return Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")


def policy(spec: str, kind: str = "ClusterPolicy", api_version: str = "kyverno.io/v1", namespace: str = "") -> Document:
    """A policy with this spec."""
    metadata = f"metadata: {{name: a, namespace: {namespace}}}\n" if namespace else "metadata: {name: a}\n"
    body = "".join(f"  {line}\n" for line in dedent(spec).strip().splitlines())
    return document(f"apiVersion: {api_version}\nkind: {kind}\n{metadata}spec:\n{body}")
