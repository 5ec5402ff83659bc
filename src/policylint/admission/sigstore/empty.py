"""Policies without authorities (sigstore/policy-controller pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
`ClusterImagePolicySpec.Validate`, pkg/config/store.go `FailOnEmptyAuthorities`).

They are refused unless the controller's ConfigMap has `fail-on-empty-authorities: "false"`.
"""

from collections.abc import Iterable, Iterator

from policylint.admission.sigstore.config_maps import go_bool
from policylint.admission.sigstore.fields import SPEC, refused, spec_of
from policylint.document.document import Document
from policylint.model import Problem
from policylint.views.shape import Shape
from policylint.views.sigstore_objects import CONTROLLER

KEY = "fail-on-empty-authorities"


def allowed(documents: Iterable[Document]) -> bool:
    """Whether the controller's ConfigMap among `documents` lets policies be without authorities."""
    for document in documents:
        if document.kind == "ConfigMap" and document.name == CONTROLLER:
            data = document.mapping.get("data")
            value = data.get(KEY) if isinstance(data, dict) else None
            if isinstance(value, str) and go_bool(value) is False:
                return True
    return False


def problem(document: Document) -> Iterator[Problem]:
    """That the ClusterImagePolicy `document` has no authorities."""
    shape = Shape()
    spec = spec_of(shape, document.mapping)
    authorities = spec.get("authorities")
    if shape.problems:
        return  # the schema refuses the spec for its type
    if authorities is None or authorities == []:
        yield refused(
            SPEC / "authorities",
            f"spec.authorities is empty, and {KEY} of the ConfigMap {CONTROLLER} is true by default",
            f'Say who must have signed, or set {KEY}: "false" there when the policy needs no signature.',
        )
