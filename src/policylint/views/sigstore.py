"""`ClusterImagePolicy` of policy.sigstore.dev as its defaulting webhook would store it.

Source of the defaults: sigstore/policy-controller, pkg/apis/policy/v1beta1/clusterimagepolicy_defaults.go. The kind of
the same name in config.openshift.io is another thing. Values of wrong types read as absent: the schema judges those.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from policylint.document.document import Document
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

_VERSIONS = ("v1alpha1", "v1beta1")
_SPEC = ROOT / "spec"
PUBLIC_FULCIO = "https://fulcio.sigstore.dev"


class Image(NamedTuple):
    """A pattern of image names; `glob` is empty when it is missing, which admission refuses."""

    path: YamlPath
    glob: str


class KeyRef(NamedTuple):
    """A public key (or, as `ca-cert`, a certificate): inline, in a key management system, or in a secret."""

    path: YamlPath
    data: str
    kms: str
    secret: str


class Identity(NamedTuple):
    path: YamlPath
    issuer: str
    subject: str
    issuer_reg_exp: str
    subject_reg_exp: str


class KeylessRef(NamedTuple):
    """`url` is the public Fulcio unless a URL or a CA certificate is given."""

    path: YamlPath
    url: str
    ca_cert: KeyRef | None
    identities: tuple[Identity, ...]
    ignores_sct: bool = False


class Attestation(NamedTuple):
    path: YamlPath
    name: str
    predicate_type: str
    has_policy: bool


class Authority(NamedTuple):
    """One authority; a valid one has exactly one of key, keyless and a static action (`pass` or `fail`).

    `signature_format` is empty when it is not written, which means `legacy`.
    """

    path: YamlPath
    name: str
    key: KeyRef | None
    keyless: KeylessRef | None
    static: str | None
    ctlog_url: str
    attestations: tuple[Attestation, ...]
    signature_format: str = ""


class MatchResource(NamedTuple):
    """Resources that the policy is limited to, by exact group, version and resource."""

    path: YamlPath
    group: str
    version: str
    resource: str
    has_selector: bool


class ClusterImagePolicy(NamedTuple):
    """One policy of a served version. Authorities are alternatives; several policies for an image must all pass."""

    mode: str
    images: tuple[Image, ...]
    authorities: tuple[Authority, ...]
    match: tuple[MatchResource, ...]
    has_policy: bool

    @classmethod
    def of(cls, document: Document) -> Iterator[Self]:
        """The view of `document` when it is such a policy, else nothing."""
        if document.group != "policy.sigstore.dev" or document.version not in _VERSIONS:
            return
        if document.kind != "ClusterImagePolicy":
            return
        shape = Shape()
        spec = shape.mapping(document.mapping.get("spec"), _SPEC)
        images = shape.mappings(spec.get("images"), _SPEC / "images")
        authorities = shape.mappings(spec.get("authorities"), _SPEC / "authorities")
        match = shape.mappings(spec.get("match"), _SPEC / "match")
        yield cls(
            _text(shape, spec, _SPEC, "mode") or "enforce",
            tuple(Image(path, _text(shape, item, path, "glob")) for path, item in images),
            tuple(_authority(shape, item, path, index) for index, (path, item) in enumerate(authorities)),
            tuple(_match(shape, item, path) for path, item in match),
            bool(shape.mapping(spec.get("policy"), _SPEC / "policy")),
        )


def _text(shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str) -> str:
    return shape.string(mapping.get(key), path / key) or ""


def _authority(shape: Shape, item: Mapping[str, Any], path: YamlPath, index: int) -> Authority:
    static = shape.mapping(item.get("static"), path / "static")
    ctlog = shape.mapping(item.get("ctlog"), path / "ctlog")
    return Authority(
        path,
        _text(shape, item, path, "name") or f"authority-{index}",
        _key(shape, item, path, "key"),
        _keyless(shape, item, path),
        _text(shape, static, path / "static", "action") if item.get("static") is not None else None,
        _text(shape, ctlog, path / "ctlog", "url"),
        tuple(
            Attestation(
                here,
                _text(shape, attestation, here, "name"),
                _text(shape, attestation, here, "predicateType"),
                bool(shape.mapping(attestation.get("policy"), here / "policy")),
            )
            for here, attestation in shape.mappings(item.get("attestations"), path / "attestations")
        ),
        _text(shape, item, path, "signatureFormat"),
    )


def _key(shape: Shape, owner: Mapping[str, Any], path: YamlPath, name: str) -> KeyRef | None:
    if owner.get(name) is None:
        return None
    here = path / name
    key = shape.mapping(owner[name], here)
    secret = shape.mapping(key.get("secretRef"), here / "secretRef")
    return KeyRef(
        here,
        _text(shape, key, here, "data"),
        _text(shape, key, here, "kms"),
        _text(shape, secret, here / "secretRef", "name"),
    )


def _keyless(shape: Shape, authority: Mapping[str, Any], path: YamlPath) -> KeylessRef | None:
    if authority.get("keyless") is None:
        return None
    here = path / "keyless"
    keyless = shape.mapping(authority["keyless"], here)
    ca_cert = _key(shape, keyless, here, "ca-cert")
    alone = authority.get("key") is None and authority.get("static") is None and ca_cert is None
    return KeylessRef(
        here,
        _text(shape, keyless, here, "url") or (PUBLIC_FULCIO if alone else ""),
        ca_cert,
        tuple(
            _identity(shape, item, at) for at, item in shape.mappings(keyless.get("identities"), here / "identities")
        ),
        keyless.get("insecureIgnoreSCT") is True,
    )


def _identity(shape: Shape, item: Mapping[str, Any], path: YamlPath) -> Identity:
    issuer, subject, issuer_reg_exp, subject_reg_exp = (
        _text(shape, item, path, key) for key in ("issuer", "subject", "issuerRegExp", "subjectRegExp")
    )
    return Identity(path, issuer, subject, issuer_reg_exp, subject_reg_exp)


def _match(shape: Shape, item: Mapping[str, Any], path: YamlPath) -> MatchResource:
    group, version, resource = (_text(shape, item, path, key) for key in ("group", "version", "resource"))
    return MatchResource(
        path, group, version, resource, has_selector=bool(shape.mapping(item.get("selector"), path / "selector"))
    )
