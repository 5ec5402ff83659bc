"""Objects for tests of admission: text in, what the webhook gets out."""

from collections.abc import Callable, Iterable
from textwrap import dedent
from typing import Any

from policylint.admission.stored import Stored
from policylint.api import Document, Problem
from policylint.document.compose import ComposedDocument, compose
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source

Problems = Callable[[Stored, tuple[int, int] | None], Iterable[Problem]]


def document(text: str) -> Document:
    source = Source("policy.yaml", text)
    (composed,) = compose(source.text)
    assert isinstance(composed, ComposedDocument)
    return Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")


def policy(spec: str, kind: str = "ClusterPolicy", version: str = "kyverno.io/v1") -> str:
    head = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: tested}}\nspec:\n"
    return head + "".join(f"  {line}\n" for line in dedent(spec).strip().splitlines())


def found(problems: Problems, text: str, kyverno: tuple[int, int] | None = None) -> list[tuple[str, str]]:
    """Path and message of every problem with the one object in `text`."""
    return [
        (str(problem.path), problem.message)
        for stored in Stored.of(document(text))
        for problem in problems(stored, kyverno)
    ]


def paths(problems: Problems, text: str, kyverno: tuple[int, int] | None = None) -> list[str]:
    return [path for path, _ in found(problems, text, kyverno)]


def of_data(problems: Problems, data: dict[str, Any]) -> list[Problem]:
    """The problems with an object that holds anything at all."""
    import json

    return list(problems(Stored(document(json.dumps(data)), data), None))
