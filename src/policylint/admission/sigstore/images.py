"""`spec.images` (sigstore/policy-controller pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
`ClusterImagePolicySpec.Validate`, `ImagePattern.Validate`, `ValidateGlob`; v1alpha1 is the same).
"""

from collections.abc import Iterator

from policylint.admission.sigstore.fields import SPEC, filled_in, refused, spec_of, text
from policylint.admission.stored import Stored
from policylint.model import Problem
from policylint.views.globs import DIFFERENCE, GlobError, as_regex
from policylint.views.shape import Shape


def problems(stored: Stored) -> Iterator[Problem]:
    """Why the policy's images are refused."""
    shape = Shape()
    spec = spec_of(shape, stored.data)
    images = shape.mappings(spec.get("images"), SPEC / "images")
    if not images:
        yield refused(SPEC / "images", "spec.images is empty", "Name at least one pattern: images: [{glob: ...}].")
    for path, image in images:
        glob = text(shape, image, path, "glob")
        if not glob:
            yield refused(path / "glob", "this entry has no glob")
        elif not filled_in(glob):
            try:
                as_regex("sigstore", glob)
            except GlobError as error:
                help_text = f"Use * and ** only: {DIFFERENCE}."
                yield refused(path / "glob", f"{glob!r} is not a pattern, {error}", help_text)
