"""Attestors of `verifyImages`: kyverno api/kyverno/v1/image_verification_types.go `validateAttestorSet` and the
`Validate` of what attestors are made of.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED, text_of
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape, type_name

_KINDS = ("keys", "certificates", "keyless", "attestor")
_ALGORITHMS = ("", "sha224", "sha256", "sha384", "sha512")


def sets_of(shape: Shape, owner: Mapping[str, Any], path: YamlPath) -> list[tuple[YamlPath, Mapping[str, Any]]]:
    """The items of `owner.attestors`."""
    return shape.mappings(owner.get("attestors"), path / "attestors")


def attestor_set_problems(shape: Shape, attestors: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """What is refused in one item of `attestors`, and in the sets nested in it."""
    waiting = [(path, attestors)]
    while waiting:
        here, current = waiting.pop()
        entries = shape.mappings(current.get("entries"), here / "entries")
        yield from _count(shape, current, here, len(entries))
        for entry_path, entry in entries:
            yield from _kind(entry, entry_path)
            yield from _material(shape, entry, entry_path)
            nested = entry.get("attestor")
            if isinstance(nested, dict):
                waiting.append((entry_path / "attestor", nested))
            elif nested is not None:
                yield Problem(
                    entry_path / "attestor",
                    f"a nested attestor is a mapping with entries, this is {type_name(nested)}: {REFUSED}",
                    help="Write attestor with entries, and a count where not all are needed.",
                    at="key",
                )


def _count(shape: Shape, attestors: Mapping[str, Any], path: YamlPath, entries: int) -> Iterator[Problem]:
    count = shape.integer(attestors.get("count"), path / "count")
    if not entries:
        yield Problem(
            path / "entries",
            f"this attestor has no entries: {REFUSED}",
            help="Add an entry with keys, certificates or keyless.",
        )
    elif count is not None and count > entries:
        yield Problem(
            path / "count",
            f"count is {count}, of {entries} {'entry' if entries == 1 else 'entries'}: {REFUSED}",
            help=f"Set count to at most {entries}, or leave it out when all are needed.",
            related=(RelatedPath(path / "entries", f"{entries} here"),),
        )


def _kind(entry: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    given = [kind for kind in _KINDS if entry.get(kind) is not None]
    if not given:
        yield Problem(
            path,
            f"this entry has none of keys, certificates, keyless and attestor: {REFUSED}",
            help="Say by what the signature is verified, with exactly one of them.",
        )
    for extra in given[1:]:
        yield Problem(
            path / extra,
            f"{extra} stands beside {given[0]}, of which an entry takes one only: {REFUSED}",
            help=f"Make {extra} an entry of its own; count says how many entries have to agree.",
            related=(RelatedPath(path / given[0], "the other one"),),
            at="key",
        )


def _material(shape: Shape, entry: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    if entry.get("keys") is not None:
        yield from _keys(shape.mapping(entry["keys"], path / "keys"), path / "keys")
    if entry.get("certificates") is not None:
        certificates = shape.mapping(entry["certificates"], path / "certificates")
        if not any(text_of(certificates.get(key)) for key in ("cert", "certChain")):
            yield Problem(
                path / "certificates",
                f"certificates has neither cert nor certChain: {REFUSED}",
                help="Add the certificate, or the chain that it is issued by.",
                at="key",
            )
    if entry.get("keyless") is not None:
        yield from _keyless(shape, shape.mapping(entry["keyless"], path / "keyless"), path / "keyless")


def _keys(keys: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    public = text_of(keys.get("publicKeys"))
    if not public and not text_of(keys.get("kms")) and keys.get("secret") is None:
        yield Problem(
            path,
            f"keys has none of publicKeys, kms and secret: {REFUSED}",
            help="Say where the public key is, with one of them.",
            at="key",
        )
    algorithm = keys.get("signatureAlgorithm")
    if public and isinstance(algorithm, str) and algorithm not in _ALGORITHMS:
        yield Problem(
            path / "signatureAlgorithm",
            f"there is no signature algorithm {algorithm}: {REFUSED}",
            help=f"Use one of {', '.join(_ALGORITHMS[1:])}, in lower case.",
        )


def _keyless(shape: Shape, keyless: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    if keyless.get("rekor") is None:
        if not text_of(keyless.get("roots")):
            yield Problem(
                path,
                f"keyless has neither rekor nor roots: {REFUSED}",
                help="Add rekor with the url of the transparency log; the public one is https://rekor.sigstore.dev.",
                at="key",
            )
        return
    rekor = shape.mapping(keyless["rekor"], path / "rekor")
    if not text_of(rekor.get("url")):
        yield Problem(
            path / "rekor" / "url",
            f"rekor has no url, and there is no default for it: {REFUSED}",
            help="Set url; the public log is https://rekor.sigstore.dev.",
        )
