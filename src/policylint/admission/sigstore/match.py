"""`spec.match` and `spec.mode` (sigstore/policy-controller pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
`ClusterImagePolicySpec.Validate`, `MatchResource.Validate`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from policylint.admission.sigstore.fields import SPEC, filled_in, refused, spec_of, text
from policylint.admission.stored import Stored
from policylint.model import Fix, Problem, SetValue
from policylint.views.shape import Shape
from policylint.views.sigstore import MatchResource

RESOURCES = ("replicasets", "deployments", "pods", "cronjobs", "jobs", "statefulsets", "daemonsets")
MODES = ("enforce", "warn")
# what each resource is compared with; releases disagree on the group of daemonsets, and misspell the kind ReplicaSet
_GROUPS = {
    "pods": ("",),
    "deployments": ("apps",),
    "statefulsets": ("apps",),
    "daemonsets": ("", "apps"),
    "jobs": ("batch",),
    "cronjobs": ("batch",),
}
_VERSION = "v1"


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


class NoMatch(NamedTuple):
    """Why an entry of `match` is equal to no resource, and how to mend it."""

    text: str
    help: str
    fix: Fix | None = None


def never(entry: MatchResource) -> NoMatch | None:
    """Why `entry` never matches (pkg/apis/config/image_policies.go `GetMatchingPolicies`), or None."""
    if not entry.resource:
        return NoMatch("it names no resource, and a missing one is compared as an empty one", "Add resource: pods.")
    groups = _GROUPS.get(entry.resource)
    if groups is None:
        return None
    if entry.version not in (_VERSION, "*"):
        mend = Fix(f"write version: {_VERSION}", (SetValue(entry.path / "version", _VERSION),))
        said = f"version {entry.version}" if entry.version else "no version, which is compared as an empty one"
        return NoMatch(
            f"{entry.resource} are of version {_VERSION}, and the entry has {said}", f"Write version: {_VERSION}.", mend
        )
    if entry.group not in groups:
        wanted = groups[-1]
        fix = Fix(f"write group: {wanted}", (SetValue(entry.path / "group", wanted),)) if wanted else None
        return NoMatch(
            f"{entry.resource} are of group {wanted!r}, and the entry has {entry.group!r}",
            f"Write group: {wanted}." if wanted else "Remove the group.",
            fix,
        )
    return None
