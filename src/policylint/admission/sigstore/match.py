"""`spec.match` and `spec.mode` (sigstore/policy-controller pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
`ClusterImagePolicySpec.Validate`, `MatchResource.Validate`).
"""

from collections.abc import Iterator

from policylint.admission.sigstore.fields import SPEC, filled_in, refused, spec_of, text
from policylint.admission.stored import Stored
from policylint.model import Problem
from policylint.views.shape import Shape

RESOURCES = ("replicasets", "deployments", "pods", "cronjobs", "jobs", "statefulsets", "daemonsets")
MODES = ("enforce", "warn")


def problems(stored: Stored) -> Iterator[Problem]:
    """Why what the policy applies to, or how it is enforced, is refused."""
    shape = Shape()
    spec = spec_of(shape, stored.data)
    mode = text(shape, spec, SPEC, "mode")
    if mode and mode not in MODES and not filled_in(mode):
        yield refused(SPEC / "mode", f"mode {mode!r} is neither enforce nor warn", "Use mode: enforce or mode: warn.")
    for path, entry in shape.mappings(spec.get("match"), SPEC / "match"):
        resource = text(shape, entry, path, "resource")
        if resource and resource not in RESOURCES and not filled_in(resource):
            listed = ", ".join(RESOURCES)
            yield refused(path / "resource", f"{resource!r} is not one of {listed}", f"Use one of {listed}.")
        if entry.get("selector") is not None and not any(
            text(shape, entry, path, name) for name in ("group", "version", "resource")
        ):
            yield refused(
                path / "selector",
                "this selector is for no resource",
                "Say whose labels it selects: resource, version and group.",
            )
