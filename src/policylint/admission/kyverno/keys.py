"""Keys and certificates that nothing can be verified with.

Kyverno takes `publicKeys` for PEM when it begins as a public key in PEM does, and for the name of a key elsewhere (a
secret, a key management system, a file) otherwise (pkg/imageverification/cosign `buildCosignOptions`, sigstore/cosign
pkg/signature `PublicKeyFromKeyRef`).
"""

from collections.abc import Iterator

from policylint.model import Problem, YamlPath
from policylint.views.kyverno.verify_images import Attestor
from policylint.views.pem import classify

_SCHEMES = ("awskms", "azurekms", "gcpkms", "hashivault", "k8s")
_FAILS = "every verification with it fails"


def problems(attestor: Attestor) -> Iterator[Problem]:
    """What is wrong with the keys or certificates of one attestor."""
    if attestor.keys is not None:
        yield from _public_keys(attestor.keys.path / "publicKeys", attestor.keys.public_keys)
        yield from _kms(attestor.keys.path / "kms", attestor.keys.kms)
    if attestor.certificates is not None:
        yield from _certificate(attestor.certificates.path / "cert", attestor.certificates.certificate)
        yield from _certificate(attestor.certificates.path / "certChain", attestor.certificates.chain)


def _public_keys(path: YamlPath, text: str) -> Iterator[Problem]:
    if not text.strip() or "{{" in text:
        return
    if "-----BEGIN" not in text:
        scheme = text.strip().partition("://")[0] if "://" in text else ""
        if scheme not in (*_SCHEMES, "env", "gitlab", "https", "http"):
            what = f"{scheme}:// is no place of keys that is known" if scheme else "this is neither PEM nor a URI"
            yield Problem(path, f"{what}: {_FAILS}", "give the PEM of the public key, or k8s://NAMESPACE/SECRET")
        return
    pem = classify(text)
    if pem.kind == "private-key":
        yield Problem(
            path,
            f"this is a private key ({pem.label}), so whoever reads the policy can sign, and {_FAILS}",
            "Put the public key here, make a new pair, and sign again: this one counts as known.",
            severity="error",
        )
    elif pem.kind != "public-key":
        reason = pem.reason or f"it is a {pem.label}"
        yield Problem(path, f"this is no public key, {reason}: {_FAILS}", "put the PEM of the public key here")


def _kms(path: YamlPath, text: str) -> Iterator[Problem]:
    scheme, colon, rest = text.strip().partition("://")
    if text.strip() and "{{" not in text and (not colon or scheme not in _SCHEMES or not rest):
        known = ", ".join(f"{each}://" for each in _SCHEMES[:4])
        yield Problem(path, f"{text.strip()} names no key management system that is known: {_FAILS}", f"use {known}")


def _certificate(path: YamlPath, text: str) -> Iterator[Problem]:
    if not text.strip() or "{{" in text or ("-----BEGIN" not in text and "://" in text):
        return
    pem = classify(text)
    if pem.kind == "private-key":
        message = f"this is a private key ({pem.label}) where a certificate belongs: it counts as known from now on"
        yield Problem(path, message, "put the certificate here, and make a new key", severity="error")
    elif pem.kind != "certificate":
        reason = pem.reason or f"it is a {pem.label}"
        if pem.kind == "not-pem":
            reason = "there is no line -----BEGIN CERTIFICATE-----"
        yield Problem(path, f"this is no certificate, {reason}: {_FAILS}", "put the PEM of the certificate here")
