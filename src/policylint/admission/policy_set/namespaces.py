"""Namespaces whose images policy-controller never looks at.

Source: sigstore/policy-controller config/500-webhook-configuration.yaml, whose namespaceSelector asks for the label
`policy.sigstore.dev/include` with the value `true`.
"""

from collections.abc import Collection, Iterator, Sequence

from policylint.document.document import Document
from policylint.model import ROOT, Problem
from policylint.views.shape import Shape

INCLUDE, EXCLUDE = "policy.sigstore.dev/include", "policy.sigstore.dev/exclude"
_METADATA = ROOT / "metadata"
# what the controller and the cluster itself need to start
_OWN = ("cosign-system", "kube-system", "kube-public", "kube-node-lease")


def problems(documents: Sequence[Document], inhabited: Collection[str]) -> Iterator[tuple[Document, Problem]]:
    """One problem for each Namespace among `inhabited`, which hold workloads, that says neither yes nor no."""
    for document in documents:
        if document.kind != "Namespace" or document.name not in inhabited or document.name in _OWN:
            continue
        shape = Shape()
        labels = shape.mapping(
            shape.mapping(document.mapping.get("metadata"), _METADATA).get("labels"), _METADATA / "labels"
        )
        if INCLUDE in labels or EXCLUDE in labels:
            continue  # somebody has decided
        yield (
            document,
            Problem(
                _METADATA / "labels",
                f"namespace {document.name} has workloads of this project and no label {INCLUDE}: the"
                " ClusterImagePolicies of this project do not verify their images",
                f'add {INCLUDE}: "true", or "false" if that is meant',
                at="key",
            ),
        )
