"""`verifyImages` entries of a rule, defaults applied, and the failure action that counts for each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from policylint.model import YamlPath
from policylint.views import fields
from policylint.views.fields import EffectiveAction, Field
from policylint.views.shape import Shape

# What a rule could be verified with before attestors (api/kyverno/v1 `ImageVerification.Convert`); only v1 has them.
_OLD_ATTESTORS = ("key", "roots", "subject", "issuer")


class Keys(NamedTuple):
    path: YamlPath
    public_keys: str
    kms: str
    has_secret: bool


class Certificates(NamedTuple):
    path: YamlPath
    certificate: str
    chain: str


class Keyless(NamedTuple):
    path: YamlPath
    issuer: str
    subject: str
    issuer_reg_exp: str
    subject_reg_exp: str
    roots: str


class Attestor(NamedTuple):
    """One of `entries`; a valid one has exactly one of the four. `ignored_logs` are the switches that turn logs off."""

    path: YamlPath
    keys: Keys | None
    certificates: Certificates | None
    keyless: Keyless | None
    nested: "AttestorSet | None"
    ignored_logs: tuple[YamlPath, ...] = ()


class AttestorSet(NamedTuple):
    """Attestors of which `needed` (the field `count`) must agree; all of them where it is not set."""

    path: YamlPath
    needed: Field[int]
    entries: tuple[Attestor, ...]


class Attestation(NamedTuple):
    path: YamlPath
    type: str
    attestors: tuple[AttestorSet, ...]


class VerifyImages(NamedTuple):
    """One entry. `image_references` holds the deprecated `image` too, each with where it is written.

    `is_verified_the_old_way` tells of a key or identity that stands beside the images, as before there were attestors.
    """

    path: YamlPath
    action: EffectiveAction
    mutate_digest: Field[bool]
    verify_digest: Field[bool]
    required: Field[bool]
    type: Field[str]
    image_references: tuple[tuple[YamlPath, str], ...]
    skipped_references: tuple[str, ...]
    attestors: tuple[AttestorSet, ...]
    attestations: tuple[Attestation, ...]
    is_verified_the_old_way: bool
    calls_registry: bool


def read_verify_images(
    shape: Shape, rule: Mapping[str, Any], path: YamlPath, policy_action: EffectiveAction, version: str
) -> Iterator[VerifyImages]:
    """The entries of `rule` in order.

    An entry's action is its own `failureAction`, else what the entry before it ended with, else the policy's: upstream
    keeps the answer in a variable that is set once per rule (pkg/validation/policy/validate.go `Validate`).
    """
    current = policy_action
    for here, entry in shape.mappings(rule.get("verifyImages"), path / "verifyImages"):
        own = fields.action(shape, entry, here, "failureAction")
        if own.explicit:
            current = EffectiveAction(own.value, "entry", own.path)
        yield _entry(shape, entry, here, current, version)
        if own.explicit:
            current = current._replace(origin="earlier entry")


def _entry(
    shape: Shape, entry: Mapping[str, Any], path: YamlPath, action: EffectiveAction, version: str
) -> VerifyImages:
    mutate_digest = fields.boolean(shape, entry, path, "mutateDigest", default=True)
    attestors = tuple(_attestor_sets(shape, entry, path))
    attestations = tuple(
        Attestation(
            here,
            fields.text(shape, item, here, "type") or fields.text(shape, item, here, "predicateType"),
            tuple(_attestor_sets(shape, item, here)),
        )
        for here, item in shape.mappings(entry.get("attestations"), path / "attestations")
    )
    old = version == "v1" and any(entry.get(key) for key in _OLD_ATTESTORS)
    return VerifyImages(
        path,
        action,
        mutate_digest,
        fields.boolean(shape, entry, path, "verifyDigest", default=True),
        fields.boolean(shape, entry, path, "required", default=True),
        fields.string(shape, entry, path, "type", default="Cosign"),
        tuple(_references(shape, entry, path, version)),
        tuple(text for _, text in shape.strings(entry.get("skipImageReferences"), path / "skipImageReferences")),
        attestors,
        attestations,
        old,
        # without anything to verify, only the digest for the mutation is looked up
        calls_registry=bool(attestors or attestations or old or mutate_digest.value is not False),
    )


def _references(shape: Shape, entry: Mapping[str, Any], path: YamlPath, version: str) -> Iterator[tuple[YamlPath, str]]:
    image = fields.text(shape, entry, path, "image") if version == "v1" else ""
    if image:
        yield path / "image", image
    yield from shape.strings(entry.get("imageReferences"), path / "imageReferences")


def _attestor_sets(shape: Shape, owner: Mapping[str, Any], path: YamlPath) -> Iterable[AttestorSet]:
    for here, item in shape.mappings(owner.get("attestors"), path / "attestors"):
        yield _attestor_set(shape, item, here)


def _attestor_set(shape: Shape, item: Mapping[str, Any], path: YamlPath) -> AttestorSet:
    entries = shape.mappings(item.get("entries"), path / "entries")
    return AttestorSet(
        path,
        fields.integer(shape, item, path, "count"),
        tuple(_attestor(shape, entry, here) for here, entry in entries),
    )


def _attestor(shape: Shape, entry: Mapping[str, Any], path: YamlPath) -> Attestor:
    keys = shape.mapping(entry.get("keys"), path / "keys")
    certificates = shape.mapping(entry.get("certificates"), path / "certificates")
    keyless = shape.mapping(entry.get("keyless"), path / "keyless")
    nested = shape.mapping(entry.get("attestor"), path / "attestor")
    return Attestor(
        path,
        _keys(shape, keys, path / "keys") if entry.get("keys") is not None else None,
        _certificates(shape, certificates, path / "certificates") if entry.get("certificates") is not None else None,
        _keyless(shape, keyless, path / "keyless") if entry.get("keyless") is not None else None,
        _attestor_set(shape, nested, path / "attestor") if entry.get("attestor") is not None else None,
        tuple(_ignored_logs(shape, entry, path)),
    )


def _ignored_logs(shape: Shape, entry: Mapping[str, Any], path: YamlPath) -> Iterator[YamlPath]:
    for sort in ("keys", "certificates", "keyless"):
        owner = shape.mapping(entry.get(sort), path / sort)
        for log, switch in (("rekor", "ignoreTlog"), ("ctlog", "ignoreSCT")):
            if shape.mapping(owner.get(log), path / sort / log).get(switch) is True:
                yield path / sort / log / switch


def _keys(shape: Shape, keys: Mapping[str, Any], path: YamlPath) -> Keys:
    secret = shape.mapping(keys.get("secret"), path / "secret")
    return Keys(path, fields.text(shape, keys, path, "publicKeys"), fields.text(shape, keys, path, "kms"), bool(secret))


def _certificates(shape: Shape, certificates: Mapping[str, Any], path: YamlPath) -> Certificates:
    return Certificates(
        path, fields.text(shape, certificates, path, "cert"), fields.text(shape, certificates, path, "certChain")
    )


def _keyless(shape: Shape, keyless: Mapping[str, Any], path: YamlPath) -> Keyless:
    issuer, subject, issuer_reg_exp, subject_reg_exp, roots = (
        fields.text(shape, keyless, path, key)
        for key in ("issuer", "subject", "issuerRegExp", "subjectRegExp", "roots")
    )
    return Keyless(path, issuer, subject, issuer_reg_exp, subject_reg_exp, roots)
