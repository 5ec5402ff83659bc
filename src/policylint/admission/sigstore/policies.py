"""`spec.policy` and the policies of attestations (sigstore/policy-controller
pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go `Policy.Validate`).

Upstream's messages leave `policy` out of the path of `spec.policy`, and the index out of that of an attestation. What
the CUE or Rego says is not looked at there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.sigstore import urls
from policylint.admission.sigstore.fields import SPEC, filled_in, one_of, refused, spec_of, text
from policylint.admission.stored import Stored
from policylint.model import Problem, YamlPath
from policylint.views.shape import Shape

TYPES = ("cue", "rego")
_ONLY_IN_SPEC = ("fetchConfigFile", "includeSpec", "includeObjectMeta", "includeTypeMeta")


def problems(stored: Stored) -> Iterator[Problem]:
    """Why a policy over verified signatures or attestations is refused."""
    shape = Shape()
    spec = spec_of(shape, stored.data)
    if spec.get("policy") is not None:
        yield from _policy(shape, shape.mapping(spec["policy"], SPEC / "policy"), SPEC / "policy")
    for path, authority in shape.mappings(spec.get("authorities"), SPEC / "authorities"):
        for here, attestation in shape.mappings(authority.get("attestations"), path / "attestations"):
            if attestation.get("policy") is not None:
                policy = shape.mapping(attestation["policy"], here / "policy")
                yield from _policy(shape, policy, here / "policy")
                yield from _outside_spec(policy, here / "policy")


def _policy(shape: Shape, policy: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    language = text(shape, policy, path, "type")
    if language not in TYPES and not filled_in(language):
        said = f"type {language!r} is" if language else "without a type it is"
        yield refused(path / "type", f"{said} neither cue nor rego", "Use type: cue or type: rego.")
    given = [name for name in ("configMapRef", "remote") if policy.get(name) is not None]
    if text(shape, policy, path, "data"):
        given.insert(0, "data")
    problem = one_of(path, policy, ("data", "configMapRef", "remote"), given)
    if problem is not None:
        yield problem
    if "configMapRef" in given:
        reference = shape.mapping(policy["configMapRef"], path / "configMapRef")
        for name in ("name", "key"):
            if not text(shape, reference, path / "configMapRef", name):
                yield refused(path / "configMapRef" / name, f"this configMapRef has no {name}")
    if "remote" in given:
        yield from _remote(shape, shape.mapping(policy["remote"], path / "remote"), path / "remote")


def _remote(shape: Shape, remote: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    url = text(shape, remote, path, "url")
    if not url:
        yield refused(path / "url", "this remote policy has no url")
    elif not filled_in(url) and (urls.fault(url) or urls.scheme(url) != "https"):
        yield refused(path / "url", f"{url} is no https URL", "Serve the policy over https.")
    if not text(shape, remote, path, "sha256sum"):
        yield refused(
            path / "sha256sum",
            "this remote policy has no sha256sum, so that anything served there would count",
            "Add the output of `sha256sum` over the policy's file.",
        )


def _outside_spec(policy: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    for name in _ONLY_IN_SPEC:
        if policy.get(name) is not None:
            yield refused(path / name, f"{name} is for spec.policy only", f"Move {name} to spec.policy.")
