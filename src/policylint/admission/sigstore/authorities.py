"""`spec.authorities` (sigstore/policy-controller pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
`Authority.Validate` and what it calls; v1alpha1 is the same).

The defaulting webhook comes first: keyless without `url` and `ca-cert` has the public Fulcio. Whether an empty list is
refused depends on the controller's configuration, see `policylint.admission.sigstore.empty`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.sigstore import keys, oci, regexps, urls
from policylint.admission.sigstore.fields import SPEC, filled_in, one_of, present, refused, spec_of, text
from policylint.admission.stored import Stored
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

_KINDS = ("key", "keyless", "static")
_NOT_WITH_STATIC = ("attestations", "source", "ctlog", "rfc3161timestamp")
PREDICATE_TYPES = ("custom", "slsaprovenance", "spdx", "spdxjson", "cyclonedx", "link", "vuln")

Object = Mapping[str, Any]


def problems(stored: Stored) -> Iterator[Problem]:
    """Why the policy's authorities are refused; a predicate type that is no URI is a warning."""
    shape = Shape()
    spec = spec_of(shape, stored.data)
    for path, authority in shape.mappings(spec.get("authorities"), SPEC / "authorities"):
        yield from _authority(shape, authority, path)


def _authority(shape: Shape, authority: Object, path: YamlPath) -> Iterator[Problem]:
    given = present(authority, _KINDS)
    problem = one_of(path, authority, _KINDS, given)
    keyless = shape.mapping(authority.get("keyless"), path / "keyless")
    if authority.get("keyless") is not None and not _identities(shape, keyless, path / "keyless"):
        yield refused(
            path / "keyless" / "identities",
            "a keyless authority has no identities, so any signer would do",
            "Say who signs: identities: [{issuer: ..., subject: ...}].",
        )
    if problem is not None:
        yield problem
        return
    if "key" in given:
        yield from keys.problems(shape, shape.mapping(authority["key"], path / "key"), path / "key")
    elif "keyless" in given:
        yield from _keyless(shape, keyless, path / "keyless")
    else:
        yield from _static(shape, authority, path)
    yield from _sources(shape, authority, path)
    yield from _urls(shape, authority, path)
    for here, attestation in shape.mappings(authority.get("attestations"), path / "attestations"):
        yield from _attestation(shape, attestation, here)


def _keyless(shape: Shape, keyless: Object, path: YamlPath) -> Iterator[Problem]:
    if len(given := present(keyless, ("url", "ca-cert"))) > 1:
        both = one_of(path, keyless, ("url", "ca-cert"), given)
        if both is not None:
            yield both
    if keyless.get("ca-cert") is not None:
        here = path / "ca-cert"
        yield from keys.problems(shape, shape.mapping(keyless["ca-cert"], here), here)
    for here, identity in _identities(shape, keyless, path):
        for exact, pattern in (("issuer", "issuerRegExp"), ("subject", "subjectRegExp")):
            yield from _identity(shape, identity, here, exact, pattern)


def _identities(shape: Shape, keyless: Object, path: YamlPath) -> list[tuple[YamlPath, Object]]:
    return shape.mappings(keyless.get("identities"), path / "identities")


def _identity(shape: Shape, identity: Object, path: YamlPath, exact: str, pattern: str) -> Iterator[Problem]:
    given = [name for name in (exact, pattern) if text(shape, identity, path, name)]
    problem = one_of(path, identity, (exact, pattern), given)
    if problem is not None:
        yield problem
    expression = text(shape, identity, path, pattern)
    reason = "" if not expression or filled_in(expression) else regexps.fault(expression)
    if reason:
        yield refused(path / pattern, f"{expression!r} is not a regular expression of RE2, {reason}")


def _static(shape: Shape, authority: Object, path: YamlPath) -> Iterator[Problem]:
    static = shape.mapping(authority["static"], path / "static")
    action = text(shape, static, path / "static", "action")
    if action not in ("pass", "fail") and not filled_in(action):
        said = f"{action!r} is no action" if action else "no action is given"
        yield refused(
            path / "static" / "action", said, "Use action: fail, or action: pass to let images in unverified."
        )
    for name in _NOT_WITH_STATIC:
        value = authority.get(name)
        if value is not None and value != []:
            yield refused(
                path / name,
                f"{name} is given beside static, which verifies nothing",
                f"Remove {name}, or verify with key or keyless instead of static.",
                [RelatedPath(path / "static", "the static action is here")],
            )


def _sources(shape: Shape, authority: Object, path: YamlPath) -> Iterator[Problem]:
    sources = shape.mappings(authority.get("source"), path / "source")
    if len(sources) > 1:
        yield refused(path / "source", f"there are {len(sources)} sources, and one at most is supported")
        return
    for here, source in sources:
        registry = text(shape, source, here, "oci")
        reason = "" if not registry or filled_in(registry) else oci.fault(registry)
        if reason:
            yield refused(here / "oci", f"{registry} is no registry or repository, {reason}")
        for at, secret in shape.mappings(source.get("signaturePullSecrets"), here / "signaturePullSecrets"):
            if not text(shape, secret, at, "name"):
                yield refused(at / "name", "this pull secret has no name")


def _urls(shape: Shape, authority: Object, path: YamlPath) -> Iterator[Problem]:
    """URLs that cannot be decoded, which ends the request before anything else is checked (knative apis.URL)."""
    for owner in ("keyless", "ctlog"):
        mapping = shape.mapping(authority.get(owner), path / owner)
        url = text(shape, mapping, path / owner, "url")
        reason = "" if not url or filled_in(url) else urls.fault(url)
        if reason:
            yield refused(path / owner / "url", f"{url!r} is no URL, {reason}")


def _attestation(shape: Shape, attestation: Object, path: YamlPath) -> Iterator[Problem]:
    if not text(shape, attestation, path, "name"):
        yield refused(path / "name", "this attestation has no name")
    predicate = text(shape, attestation, path, "predicateType")
    listed = ", ".join(PREDICATE_TYPES)
    if not predicate:
        yield refused(
            path / "predicateType",
            "this attestation has no predicateType",
            f"Use one of {listed}, or the URI of another.",
        )
    elif predicate not in PREDICATE_TYPES and not filled_in(predicate) and not urls.is_request_uri(predicate):
        yield Problem(
            path / "predicateType",
            f"{predicate!r} is neither a URI nor one of {listed}: policy-controller warns, and no attestation has it",
            "Write the URI that the attestation's predicateType holds.",
            severity="warning",
        )
