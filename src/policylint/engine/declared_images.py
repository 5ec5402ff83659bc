"""Signatures and attestations as a suite declares them, in place of those that a registry holds.

Nothing here is cryptographic: who is declared to have signed an image is compared with whom a policy asks for.
Source of what attestors mean: kyverno pkg/engine/internal/imageverifier.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.engine.errors import EvaluationError
from policylint.engine.images import image_info
from policylint.engine.jmespath.regexes import compiled
from policylint.engine.jmespath.text import to_bytes
from policylint.engine.wildcard import match
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

_END_OF_KEY = "-----END PUBLIC KEY-----"
_KINDS = ("keys", "keyless", "certificates")
_NOT_IDENTITIES = frozenset(("rekor", "ctlog", "signatureAlgorithm", "roots", "additionalExtensions"))


class Attestation(NamedTuple):
    """A declared attestation: the type of its predicate, the predicate, and who signed it."""

    type: str
    predicate: Mapping[str, Any]
    signed_by: tuple[Mapping[str, Any], ...]


class DeclaredImage(NamedTuple):
    """What is declared of an image. `signed_by` has the form of a policy's attestor entries; nobody if it is empty.

    `digest` is what its tag stands for, empty if that is not declared.
    """

    signed_by: tuple[Mapping[str, Any], ...] = ()
    attestations: tuple[Attestation, ...] = ()
    digest: str = ""


def declared_images(data: Any, path: YamlPath = ROOT) -> dict[str, DeclaredImage]:
    """The images that a list at `path` declares, by reference in full (`docker.io/nginx:1.27`).

    Raises EvaluationError, with the place, for wrong types and for what is no reference.
    """
    shape = Shape()
    found: dict[str, DeclaredImage] = {}
    for at, item in shape.mappings(data, path):
        image = shape.string(item.get("image"), at / "image") or ""
        digest = shape.string(item.get("digest"), at / "digest") or ""
        attestations = tuple(
            Attestation(
                shape.string(each.get("type"), where / "type") or "",
                shape.mapping(each.get("predicate"), where / "predicate"),
                _signers(shape, each.get("signedBy"), where / "signedBy"),
            )
            for where, each in shape.mappings(item.get("attestations"), at / "attestations")
        )
        declared = DeclaredImage(_signers(shape, item.get("signedBy"), at / "signedBy"), attestations, digest)
        try:
            info = image_info(image)
        except EvaluationError as error:
            raise EvaluationError(error.message, at / "image") from error
        found[info["reference"]] = declared._replace(digest=digest or info.get("digest", ""))
        if digest and "digest" not in info:
            found[f"{info['registry']}/{info['path']}@{digest}"] = declared
    if shape.problems:
        raise EvaluationError(shape.problems[0].message, shape.problems[0].path)
    return found


def entry_kind(entry: Mapping[str, Any]) -> str:
    """Which kind of attestor an entry names, empty for one that names none and so asks nothing."""
    return next((kind for kind in _KINDS if entry.get(kind) is not None), "")


def expanded(entries: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Attestor entries with every public key an entry of its own (`ExpandStaticKeys`)."""
    for entry in entries:
        keys = entry.get("keys")
        text = keys.get("publicKeys") if isinstance(keys, Mapping) else None
        parts = [part for part in str(text or "").split(_END_OF_KEY) if part.strip()]
        if isinstance(keys, Mapping) and len(parts) > 1:
            yield from ({**entry, "keys": {**keys, "publicKeys": part + _END_OF_KEY}} for part in parts)
        else:
            yield entry


def is_signer(entry: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    """Whether who is `declared` to have signed is whom an attestor entry asks for."""
    kind = entry_kind(entry)
    wanted, given = entry.get(kind), declared.get(kind)
    if not _annotated(entry.get("annotations"), declared.get("annotations")):
        return False
    if not kind:
        return True
    if not isinstance(wanted, Mapping) or not isinstance(given, Mapping):
        return False
    if kind == "keyless":
        return all(_identity_fits(wanted, given, key) for key in ("issuer", "subject"))
    fields = [key for key in wanted if key not in _NOT_IDENTITIES]
    return bool(fields) and all(_text(wanted[key]) == _text(given.get(key)) for key in fields)


def _identity_fits(wanted: Mapping[str, Any], given: Mapping[str, Any], key: str) -> bool:
    value = str(given.get(key) or "")
    text, expression = wanted.get(key), wanted.get(f"{key}RegExp")
    if text and not match(str(text), value):
        return False
    if not expression:
        return True
    try:
        return compiled(str(expression)).search(to_bytes(value)) is not None
    except ValueError as error:
        raise EvaluationError(f"{key}RegExp is no regular expression: {error}") from error


def _annotated(wanted: Any, given: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return True
    present = given if isinstance(given, Mapping) else {}
    return all(present.get(key) == value for key, value in wanted.items())


def _text(value: Any) -> Any:
    """A value without what differs in how a key is written down."""
    return "".join(value.split()) if isinstance(value, str) else value


def _signers(shape: Shape, data: Any, path: YamlPath) -> tuple[Mapping[str, Any], ...]:
    signers = []
    for at, item in shape.mappings(data, path):
        if entry_kind(item):
            signers.append(item)
        else:
            shape.wrong(at, f"a mapping with one of {', '.join(_KINDS)}", item)
    return tuple(signers)
