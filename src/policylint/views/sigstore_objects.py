"""What policy-controller reads from the API: objects of its own group, and two ConfigMaps.

Source: sigstore/policy-controller, pkg/config/store.go and pkg/apis/config/image_policies.go.
"""

from collections.abc import Iterator
from typing import NamedTuple, Self

from policylint.document.document import Document

CONTROLLER, IMAGE_POLICIES = "config-policy-controller", "config-image-policies"


class SigstoreObject(NamedTuple):
    """An object of policy.sigstore.dev in any version, or one of the two ConfigMaps."""

    document: Document

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when it is such an object, else nothing."""
        is_config = document.kind == "ConfigMap" and not document.group
        if document.group == "policy.sigstore.dev" or (is_config and document.name in (CONTROLLER, IMAGE_POLICIES)):
            yield cls(document)
